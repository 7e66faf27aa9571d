/** What `deno publish` uploads, as somebody meets it who adds the package to an
 * empty project: every entry, the quick start, the README and the command line. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { walk } from "@std/fs/walk";
import { dirname, join } from "@std/path";
import { jsrAnswers } from "../../.ci/offline/standins.ts";
import { type Ended, Program, ROOT, runProgram } from "../support/program.ts";

const NAME = "@x/httpserver";
const CONFIG = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}

/** Copies what `publish.include` names, and nothing else. */
async function pack(to: string): Promise<void> {
  for (const name of CONFIG.publish.include as string[]) {
    for await (
      const { path } of walk(join(ROOT, name), { includeDirs: false })
    ) {
      await copy(path, join(to, path.slice(ROOT.length)));
    }
  }
}

/** Packages that stand in for those of `@std` where JSR does not answer. */
async function standIns(): Promise<string[]> {
  if (await jsrAnswers()) return [];
  const found: string[] = [];
  for await (const { path } of walk(join(ROOT, ".ci/offline"))) {
    if (path.endsWith("deno.json")) found.push(dirname(path));
  }
  return found;
}

/** An empty project with the package added, and nothing of this checkout. */
class Project implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Project> {
    const parent = await Deno.realPath(
      await Deno.makeTempDir({ prefix: "package_" }),
    );
    const packed = join(parent, "packed");
    await pack(packed);
    const project = new Project(join(parent, "project"));
    await project.write(
      "deno.json",
      JSON.stringify({
        lock: false,
        links: [packed, ...await standIns()],
        imports: {
          [NAME]: `jsr:${NAME}@^${CONFIG.version}`,
          "@std/assert": CONFIG.imports["@std/assert"],
        },
      }),
    );
    return project;
  }

  /** Writes a file of the project. */
  async write(name: string, content: string): Promise<void> {
    const path = join(this.path, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, content);
  }

  /** Runs `deno COMMAND ARGS...` in the project, to its end. */
  run(command: string, ...args: string[]): Promise<Ended> {
    return runProgram([command, "--config=deno.json", ...args], {
      cwd: this.path,
    });
  }

  /** Starts `deno run -A ARGS...` in the project. */
  start(...args: string[]): Promise<Program> {
    return Program.start(["run", "--config=deno.json", "-A", ...args], {
      cwd: this.path,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(dirname(this.path), { recursive: true });
  }
}

async function textOf(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

Deno.test("the package exports the same from every entry as the checkout", async () => {
  await using project = await Project.make();
  const entries = Object.entries<string>(CONFIG.exports);
  const names = entries.map(([entry]) => NAME + entry.slice(1));
  await project.write(
    "main.ts",
    `const found: Record<string, string[]> = {};
${
      names.map((name) =>
        `found["${name}"] = Object.keys(await import("${name}"));`
      ).join("\n")
    }
console.log(JSON.stringify(found));`,
  );
  const { code, stdout, stderr } = await project.run("run", "-A", "main.ts");
  assertEquals([code, stderr], [0, ""]);
  const found = JSON.parse(stdout);
  for (const [entry, file] of entries) {
    const own = await import(new URL(`../../${file}`, import.meta.url).href);
    assertEquals(found[NAME + entry.slice(1)], Object.keys(own), entry);
  }
});

Deno.test("the quick start of the README answers in an empty project", async () => {
  await using project = await Project.make();
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const [, section] = readme.split("## Quick start");
  const [, code] = /```ts ignore\n([^]+?)```/.exec(section) ?? [];
  assertMatch(code, /port: 8080/);
  const show = "port: 0, onListen: ({ port }: any) => " +
    "console.log(`listening on http://127.0.0.1:${port}`)";
  await project.write("main.ts", code.replace("port: 8080", show));
  await using program = await project.start("--check", "main.ts");
  const url = await program.url();
  assertEquals(await textOf(`${url}/hello/world`), "hello world");
  const response = await fetch(`${url}/users`, {
    method: "POST",
    body: '{"name":"Ada"}',
  });
  assertEquals(response.status, 201);
  assertEquals(await response.json(), { id: 1, name: "Ada" });
  program.kill("SIGTERM");
  assertEquals((await program.ended()).code, 0);
});

Deno.test("all pieces of the README run in an empty project", async () => {
  await using project = await Project.make();
  await copy(join(ROOT, "README.md"), join(project.path, "README.md"));
  const { code, stdout } = await project.run(
    "test",
    "--doc",
    "-A",
    "README.md",
  );
  assertEquals(code, 0, stdout);
  assert(Number(/(\d+) passed/.exec(stdout)?.[1]) >= 10, stdout);
});

Deno.test("the command line of the package serves a directory and a module", async () => {
  await using project = await Project.make();
  const cli = `jsr:${NAME}/cli`;
  await project.write("site/index.html", "<h1>a site</h1>");
  await project.write(
    "app.ts",
    `import { HttpServer, text } from "${NAME}";
const server = new HttpServer().get("/", () => text("an app"));
export default server;`,
  );
  for (
    const [target, body] of [["site", "<h1>a site</h1>"], ["app.ts", "an app"]]
  ) {
    await using program = await project.start(cli, target, "--port=0");
    const url = await program.url();
    assertEquals(await textOf(url), body);
  }
  const { stdout } = await project.run("run", "-A", cli, "--version");
  assertEquals(stdout.trim(), CONFIG.version);
});
