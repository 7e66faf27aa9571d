/** The files of examples/deploy: programs accept them, and they agree with the
 * application and with each other. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs/exists";
import { join } from "@std/path";
import { ROOT } from "../support/program.ts";
import {
  FOLDER,
  imageCommand,
  nginxFiles,
  readDeployFile,
  replaceAll,
  Replica,
} from "./deploy.ts";
import { freePort } from "./front.ts";
import { runTool } from "./tools.ts";

type Yaml = Record<string, unknown>;

const TO_JSON = "import json, sys, yaml; " +
  "json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)";

async function readYaml(name: string): Promise<Yaml[]> {
  const path = join(FOLDER, name);
  const { stdout } = await runTool("python3", ["-c", TO_JSON, path]);
  return JSON.parse(stdout);
}

/** What is at a path of names and numbers. */
function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Yaml)?.[key], value);
}

async function inFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "deploy_" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("nginx takes nginx.conf with both files of upstreams", async () => {
  for (const name of ["upstream.conf", "upstream.compose.conf"]) {
    // Names of containers are not known here.
    const upstream = (await readDeployFile(`nginx/${name}`))
      .replace(/\bapp[12]:/g, "127.0.0.1:");
    await inFolder(async (folder) => {
      const file = join(folder, "nginx.conf");
      const configure = await nginxFiles(freePort(), upstream);
      await Deno.writeTextFile(file, configure(folder));
      const { stderr } = await runTool("nginx", ["-t", "-c", file]);
      assertStringIncludes(stderr, "test is successful");
      assert(!/warn|emerg/.test(stderr), stderr);
    });
  }
});

Deno.test("Caddy takes the Caddyfile", async () => {
  const config = join(FOLDER, "Caddyfile");
  const args = ["validate", "--adapter", "caddyfile", "--config", config];
  await runTool("caddy", args);
});

Deno.test("systemd takes the unit without a word, and finds it well guarded", async () => {
  await inFolder(async (folder) => {
    const unit = replaceAll(await readDeployFile("httpserver@.service"), {
      "/usr/local/bin/deno": Deno.execPath(),
      "/srv/app": folder,
    });
    const file = join(folder, "httpserver@.service");
    await Deno.writeTextFile(file, unit);
    const verify = ["verify", join(folder, "httpserver@8081.service")];
    const { stdout, stderr } = await runTool("systemd-analyze", verify);
    assertEquals(stdout + stderr, "");
    const security = ["security", "--offline=yes", file];
    const report = (await runTool("systemd-analyze", security)).stdout;
    const [, level] = /exposure level.*: ([\d.]+)/.exec(report) ?? [];
    // Of 10; a unit without settings has 9.6.
    assertLess(Number(level), 2, report);
  });
});

/** Variables that a text passes to the application. */
function variables(text: string): string[] {
  return [...text.matchAll(/--allow-env=([A-Z_,]+)/g)]
    .flatMap(([, list]) => list.split(",")).sort();
}

Deno.test("the image and the unit permit the variables that the application reads", async () => {
  const source = await readDeployFile("app.ts");
  const read = [...source.matchAll(/setting\(\s*"([A-Z_]+)"/g)]
    .map(([, name]) => name);
  const wanted = [...new Set(read)].sort();
  assertEquals(variables((await imageCommand()).join(" ")), wanted);
  const unit = await readDeployFile("httpserver@.service");
  assertEquals(variables(unit), wanted);
  for (const [, name] of source.matchAll(/^ \* \| `([A-Z_]+)`/gm)) {
    assert(wanted.includes(name), name);
  }
});

Deno.test("the Dockerfile copies what there is, and the context has all of it", async () => {
  const dockerfile = await readDeployFile("Dockerfile");
  const ignore = await readDeployFile("Dockerfile.dockerignore");
  const [, version] = /^FROM denoland\/deno:(.*)$/m.exec(dockerfile) ?? [];
  const run = await Deno.readTextFile(join(ROOT, ".ci", "run"));
  assertStringIncludes(run, `version=${version}\n`);
  const copies = [...dockerfile.matchAll(/^COPY --chown=\S+ (.+) \S+$/gm)]
    .flatMap(([, sources]) => sources.split(" "));
  assertGreaterOrEqual(copies.length, 5);
  for (const path of copies) {
    assert(await exists(join(ROOT, path)), path);
    assertStringIncludes(ignore, `!${path}\n`);
  }
  assert(copies.includes((await imageCommand()).at(-1) ?? ""));
});

Deno.test("a replica answers the probe of the Dockerfile", async () => {
  await using replica = new Replica(freePort(), {});
  await replica.start();
  const dockerfile = await readDeployFile("Dockerfile");
  const [, list] = /HEALTHCHECK[^]*?CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [, ...args] = JSON.parse(list.replace("8080", `${replica.port}`));
  await runTool(Deno.execPath(), args);
});

/** The time-outs that a deployment sets, ms. */
function shutdownOf(env: Yaml): number {
  const [delay, all] = [env.SHUTDOWN_DELAY_MS, env.SHUTDOWN_MS].map(Number);
  assertGreaterOrEqual(delay, 2_500, "longer than probes take to notice");
  assertGreaterOrEqual(all, delay + 10_000, "requests need time after it");
  return all;
}

// How long the log may take to be written once all is answered.
const LOG_MS = 10_000;

Deno.test("kubernetes.yaml probes what the application serves, and waits for its end", async () => {
  const [deployment, service, budget] = await readYaml("kubernetes.yaml");
  assertEquals([deployment, service, budget].map(({ kind }) => kind), [
    "Deployment",
    "Service",
    "PodDisruptionBudget",
  ]);
  const pod = at(deployment, "spec", "template", "spec");
  const container = at(pod, "containers", 0) as Yaml;
  await using replica = new Replica(freePort(), {});
  await replica.start();
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const path = at(container, probe, "httpGet", "path");
    assertEquals(await replica.status(String(path)), 200, probe);
    const port = at(container, probe, "httpGet", "port");
    assertEquals(port, at(container, "ports", 0, "name"), probe);
  }
  const env = Object.fromEntries(
    (container.env as Yaml[]).map(({ name, value }) => [name, value]),
  );
  const preStop = at(container, "lifecycle", "preStop", "sleep", "seconds");
  assertGreaterOrEqual(
    1000 * Number(at(pod, "terminationGracePeriodSeconds")),
    1000 * Number(preStop) + shutdownOf(env) + LOG_MS,
  );
  const labels = at(deployment, "spec", "template", "metadata", "labels");
  assertEquals(at(deployment, "spec", "selector", "matchLabels"), labels);
  assertEquals(at(service, "spec", "selector"), labels);
  assertEquals(at(budget, "spec", "selector", "matchLabels"), labels);
  assertLess(
    Number(at(budget, "spec", "minAvailable")),
    Number(at(deployment, "spec", "replicas")),
  );
});

Deno.test("docker-compose.yaml trusts nginx, names its upstreams and waits for their end", async () => {
  const [{ services }] = await readYaml("docker-compose.yaml");
  const upstream = await readDeployFile("nginx/upstream.compose.conf");
  const proxy = at(services, "nginx", "networks", "inside", "ipv4_address");
  for (const name of ["app1", "app2"]) {
    const app = at(services, name);
    const env = at(app, "environment") as Yaml;
    assertStringIncludes(upstream, `server ${name}:8080 `);
    assertEquals(env.TRUSTED_PROXIES, proxy);
    const grace = 1000 * parseInt(String(at(app, "stop_grace_period")));
    assertGreaterOrEqual(grace, shutdownOf(env) + LOG_MS);
    const context = String(at(app, "build", "context"));
    assertEquals(join(FOLDER, context) + "/", ROOT);
  }
  const volumes = at(services, "nginx", "volumes") as string[];
  for (const volume of volumes) {
    assert(await exists(join(FOLDER, volume.split(":")[0])), volume);
  }
});

Deno.test("the unit waits for the end of the application", async () => {
  const unit = await readDeployFile("httpserver@.service");
  const env = Object.fromEntries(
    [...unit.matchAll(/(SHUTDOWN_\w+)=(\d+)/g)].map(([, name, ms]) => [
      name,
      ms,
    ]),
  );
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  assertGreaterOrEqual(1000 * Number(seconds), shutdownOf(env) + LOG_MS);
});
