/** `--workers`: processes that share a port, are replaced and end together. */
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { join, resolve } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";
import { Program, ROOT, runProgram, startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { within } from "../support/within.ts";
import {
  pidAt,
  pidsAt,
  portOf,
  startWorkers,
  untilRefused,
  WORKER_APP,
} from "../support/workers.ts";

const CLI = join(ROOT, "src/cli/main.ts");
const PATIENCE_MS = 60_000;

function testOnUnix(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: Deno.build.os === "windows" });
}

function patiently<T>(what: string, event: Promise<T>): Promise<T> {
  return within(what, event, PATIENCE_MS);
}

/** Asks for what is not answered yet; the id of the process that has it. */
async function askAndWait(
  program: Program,
  client: RawClient,
  path: string,
): Promise<number> {
  await client.send(get(path));
  const [, pid] = await program.find("stdout", /(?:waiting|blocked) (\d+)/);
  return Number(pid);
}

/** Resolves once 20 connections in a row have led to these processes. */
async function answersOnly(port: number, pids: Set<number>): Promise<void> {
  for (let row = 0; row < 20;) {
    row = pids.has(await pidAt(port)) ? row + 1 : 0;
  }
}

async function withModule(
  source: string,
  body: (path: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "workers-" });
  try {
    const path = join(directory, "app.js");
    await Deno.writeTextFile(path, source);
    await body(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

testOnUnix("--workers shares one port between processes", async () => {
  await using program = await startWorkers(WORKER_APP, "--workers=2");
  const port = await portOf(program);
  const pids = await patiently("two workers", pidsAt(port, 2));
  assert(!pids.has(program.pid));
});

testOnUnix("--workers serves a directory", async () => {
  await using program = await startWorkers(ROOT, "--workers=2");
  const answer = await fetch(`${await program.url()}/LICENSE`);
  assertEquals(answer.status, 200);
  assertMatch(await answer.text(), /MIT License/);
  await program.find("stdout", /^\{.*\/LICENSE.*\}$/m);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  testOnUnix(`--workers drains all workers on ${signal}`, async () => {
    await using program = await startWorkers(WORKER_APP, "--workers=2");
    const port = await portOf(program);
    using client = await RawClient.connect(port);
    const pid = await askAndWait(program, client, "/wait");
    program.kill(signal);
    await patiently("the closed port", untilRefused(port));
    Deno.kill(pid, "SIGUSR2");
    assertEquals((await client.read()).text, "waited");
    const ended = await patiently("the end", program.ended());
    assertEquals([ended.code, ended.stderr], [0, ""]);
  });
}

testOnUnix(
  "--workers ends with code 1 within a second when a second signal comes",
  async () => {
    await using program = await startWorkers(WORKER_APP, "--workers=2");
    const port = await portOf(program);
    using client = await RawClient.connect(port);
    await askAndWait(program, client, "/never");
    program.kill();
    await patiently("the closed port", untilRefused(port));
    const ended = program.ended();
    const started = performance.now();
    // Within 250 ms of the one before, a signal is taken for the same one.
    const again = setInterval(() => program.kill(), 300);
    const { code } = await patiently("the end", ended)
      .finally(() => clearInterval(again));
    assertEquals(code, 1);
    assertLess(performance.now() - started, 5_000);
  },
);

testOnUnix(
  "--workers kills a worker that stands still when a second signal comes",
  async () => {
    await using program = await startWorkers(WORKER_APP, "--workers=2");
    const port = await portOf(program);
    using client = await RawClient.connect(port);
    await askAndWait(program, client, "/block");
    program.kill();
    const again = setInterval(() => program.kill(), 300);
    const { code } = await patiently("the end", program.ended())
      .finally(() => clearInterval(again));
    assertEquals(code, 1);
  },
);

testOnUnix("--workers replaces a worker that has died", async () => {
  await using program = await startWorkers(WORKER_APP, "--workers=2");
  const port = await portOf(program);
  const before = await patiently("two workers", pidsAt(port, 2));
  const [first, second] = before;
  Deno.kill(first, "SIGKILL");
  await program.find(
    "stderr",
    new RegExp(`^httpserver: worker ${first} has ended with code 137: `, "m"),
  );
  const after = await patiently(
    "a new worker",
    pidsAt(port, 2, (pid) => pid !== first),
  );
  assert(after.has(second), "The other worker goes on");
  program.kill();
  assertEquals((await patiently("the end", program.ended())).code, 0);
});

testOnUnix(
  "--workers replaces a worker that was told to end by itself",
  async () => {
    await using program = await startWorkers(WORKER_APP, "--workers=2");
    const port = await portOf(program);
    const [first] = await patiently("two workers", pidsAt(port, 2));
    Deno.kill(first, "SIGTERM");
    await program.find("stderr", /has ended with code 0: starting another/);
    await patiently("a new one", pidsAt(port, 2, (pid) => pid !== first));
  },
);

const FALLS = `export default { fetch: () => new Response("up") };
setTimeout(() => { throw new Error("falls over"); }, 50);`;

testOnUnix(
  "--workers gives up when a worker ends again and again",
  async () => {
    await withModule(FALLS, async (path) => {
      await using program = await startWorkers(path, "--workers=2");
      const { code, stderr } = await patiently("the end", program.ended());
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /^httpserver: worker \d+ has ended with code 1, 5 times in a row: giving up, see above for its errors$/m,
      );
      assertStringIncludes(stderr, "falls over");
    });
  },
);

testOnUnix("--workers tells once what is wrong with a module", async () => {
  await withModule("throw new Error('boom')", async (path) => {
    const args = ["run", "-A", CLI, path, "--port=0", "--workers=3"];
    assertEquals(await patiently("the end", runProgram(args)), {
      code: 1,
      stdout: "",
      stderr: `httpserver: cannot load ${JSON.stringify(path)}: boom\n`,
    });
  });
});

testOnUnix("--workers shares no port with another program", async () => {
  await using first = await startWorkers(WORKER_APP, "--workers=2");
  const port = await portOf(first);
  const args = ["run", "-A", CLI, WORKER_APP, `--port=${port}`, "--workers=2"];
  const { code, stderr } = await patiently("the end", runProgram(args));
  assertEquals(code, 1);
  assertMatch(stderr, new RegExp(`^httpserver: port ${port} .* is in use: `));
});

testOnUnix(
  "--workers takes the next free port when that is allowed",
  async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const args = [WORKER_APP, "--workers=2", "--next-port", `--port=${port}`];
    await using program = await startServer("src/cli/main.ts", args);
    const chosen = await portOf(program);
    assert(chosen > port, `${chosen} is not behind ${port}`);
    await patiently("two workers", pidsAt(chosen, 2));
  },
);

testOnUnix(
  "--workers tells at the end what all workers have served",
  async () => {
    await using program = await startWorkers(WORKER_APP, "--workers=2");
    const port = await portOf(program);
    let count = 0;
    const pids = pidsAt(port, 2, () => ++count > 0);
    const [first] = await patiently("two workers", pids);
    using client = await RawClient.connect(port);
    assertEquals((await client.ask("NONSENSE\r\n\r\n")).status, 400);
    program.kill("SIGHUP");
    const isNew = (pid: number) => {
      count++;
      return pid !== first;
    };
    await patiently("others", pidsAt(port, 2, isNew));
    program.kill();
    const { code, stdout } = await patiently("the end", program.ended());
    const summary = `\nServed ${count} requests with 1 error in `;
    assertEquals([code, stdout.includes(summary)], [0, true], stdout);
  },
);

testOnUnix(
  "--workers replaces all workers on SIGHUP without failing a request",
  async () => {
    await using program = await startWorkers(WORKER_APP, "--workers=2");
    const port = await portOf(program);
    const before = await patiently("two workers", pidsAt(port, 2));
    using client = await RawClient.connect(port);
    const pid = await askAndWait(program, client, "/wait");
    program.kill("SIGHUP");
    const after = await patiently(
      "two new workers",
      pidsAt(port, 2, (each) => !before.has(each)),
    );
    // The old one has drained but for the request that it has taken.
    Deno.kill(pid, "SIGUSR2");
    assertEquals((await client.read()).text, "waited");
    assertEquals(await client.ends(), true);
    // Then the others have drained, too.
    await patiently("the new ones alone", answersOnly(port, after));
    program.kill();
    const { code, stderr } = await patiently("the end", program.ended());
    assertEquals([code, stderr], [0, ""]);
  },
);

testOnUnix(
  "--workers keeps the old workers when a new one does not start",
  async () => {
    const source = await Deno.readTextFile(WORKER_APP);
    const local = source.replaceAll(": void", "").replace("<void>", "");
    await withModule(local, async (path) => {
      await using program = await startWorkers(path, "--workers=2");
      const port = await portOf(program);
      const before = await patiently("two workers", pidsAt(port, 2));
      await Deno.writeTextFile(path, "not a program");
      program.kill("SIGHUP");
      await program.find(
        "stderr",
        /the new worker did not start: the old ones/,
      );
      assertEquals(await patiently("the old", pidsAt(port, 2)), before);
      await Deno.writeTextFile(path, local);
      program.kill("SIGHUP");
      await patiently(
        "new workers",
        pidsAt(port, 2, (pid) => !before.has(pid)),
      );
    });
  },
);

testOnUnix("workers drain when their supervisor is killed", async () => {
  await using program = await startWorkers(WORKER_APP, "--workers=2");
  const port = await portOf(program);
  using client = await RawClient.connect(port);
  const pid = await askAndWait(program, client, "/wait");
  program.kill("SIGKILL");
  await patiently("the closed port", untilRefused(port));
  Deno.kill(pid, "SIGUSR2");
  assertEquals((await client.read()).text, "waited");
  assertEquals(await client.ends(), true);
  // Its output ends with the last process that has it.
  assertNotEquals((await patiently("the end", program.ended())).code, 0);
});

/** A folder where the command line runs without a flag for its configuration,
 * which a program with some permissions alone cannot learn of. */
async function withPlainProject(
  body: (cli: string) => Promise<void>,
): Promise<void> {
  const { args } = await commandLine(["run", "-"]);
  const at = args.indexOf("--config");
  if (at === -1) return await body(CLI);
  const directory = await Deno.makeTempDir({ prefix: "workers-" });
  try {
    const config = JSON.parse(await Deno.readTextFile(args[at + 1]));
    const links = config.links.map((link: string) => resolve(ROOT, link));
    await Deno.writeTextFile(
      join(directory, "deno.json"),
      JSON.stringify({ ...config, links }),
    );
    await Deno.symlink(join(ROOT, "src"), join(directory, "src"));
    await body(join(directory, "src/cli/main.ts"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

testOnUnix("--workers passes permissions on and widens none", async () => {
  await withPlainProject(async (cli) => {
    const allowed = ["run", "--no-prompt", "--allow-net", "--allow-run"];
    const command = [cli, ROOT, "--port=0", "--workers=2"];
    {
      const args = [...allowed, `--allow-read=${ROOT}`, ...command];
      await using program = await Program.start(args);
      const answer = await fetch(`${await program.url()}/LICENSE`);
      await answer.body?.cancel();
      assertEquals(answer.status, 200);
    }
    const denied = [...allowed, "--allow-read", "--deny-read=/etc", ...command];
    const { code, stderr } = await patiently("the end", runProgram(denied));
    assertEquals(code, 1);
    assertMatch(stderr, /^httpserver: cannot start workers: .*--deny-read/);
  });
});
