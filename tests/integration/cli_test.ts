/** The command line as a process of its own: what it serves, prints and how
 * it ends. */
import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  unreachable,
} from "@std/assert";
import { join } from "@std/path";
import { Program, ROOT, runProgram, startServer } from "../support/program.ts";

const CLI = "src/cli/main.ts";
const IS_WINDOWS = Deno.build.os === "windows";

/** Runs `body` with a directory of these files. */
async function withFiles(
  files: Record<string, string>,
  body: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "cli-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), content);
    }
    // As the system knows it: a temporary directory may be behind a link.
    await body(await Deno.realPath(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function get(url: string): Promise<[status: number, body: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

Deno.test("the command line serves a directory and logs requests", async () => {
  await withFiles({ "a.txt": "file a" }, async (directory) => {
    await using program = await startServer(CLI, [directory, "--port", "0"]);
    const url = await program.url();
    assertEquals(await get(`${url}/a.txt`), [200, "file a"]);
    assertEquals((await get(`${url}/none`))[0], 404);
    const [line] = await program.find("stdout", /^\{.*\/none.*\}$/m);
    assertEquals(JSON.parse(line).status, 404);
    const [, shown] = await program.find("stdout", /^Serving (.+) with /m);
    assertEquals(shown, directory);
  });
});

Deno.test("the command line serves the current directory by default", async () => {
  await withFiles({ "index.html": "<p>here" }, async (cwd) => {
    await using program = await startServer(CLI, ["--port=0"], { cwd });
    assertEquals(await get(`${await program.url()}/`), [200, "<p>here"]);
  });
});

Deno.test("the command line listens where it is told to", async () => {
  await using program = await startServer(CLI, [
    "--host=0.0.0.0",
    "-p0",
    "examples/04_deploy.ts",
  ], { cwd: ROOT });
  const url = await program.url();
  assertMatch(url, /^http:\/\/localhost:\d+$/);
  assertEquals(await get(url.replace("localhost", "127.0.0.1")), [
    200,
    "hello",
  ]);
});

const FETCH_APP = `export default {
  async fetch(request, info) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    return Response.json([request.method, pathname, body,
      info.remoteAddr.hostname]);
  },
};`;

Deno.test("the command line runs an object with fetch by its flags", async () => {
  await withFiles({ "app.js": FETCH_APP }, async (cwd) => {
    const args = ["app.js", "--port=0", "--max-body-bytes=1KB"];
    await using program = await startServer(CLI, args, { cwd });
    const url = await program.url();
    const send = (length: number) =>
      fetch(`${url}/a`, { method: "PUT", body: "x".repeat(length) });
    const answer = await send(1000);
    assertEquals(await answer.json(), [
      "PUT",
      "/a",
      "x".repeat(1000),
      "127.0.0.1",
    ]);
    const refused = await send(1001);
    await refused.body?.cancel();
    assertEquals(refused.status, 413);
  });
});

// Answers only once the signal to end has come.
const SLOW_APP = `
const ended = Promise.withResolvers();
Deno.addSignalListener("SIGNAL", () => ended.resolve());
async function* body() {
  yield new TextEncoder().encode("begin ");
  await ended.promise;
  yield new TextEncoder().encode("end");
}
export default { fetch: () => new Response(ReadableStream.from(body())) };`;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `the command line drains on ${signal}`,
    ignore: IS_WINDOWS,
    fn: async () => {
      const app = SLOW_APP.replace("SIGNAL", signal);
      await withFiles({ "app.js": app }, async (cwd) => {
        const args = ["app.js", "--port=0"];
        await using program = await startServer(CLI, args, { cwd });
        const response = await fetch(await program.url());
        const reader = response.body?.pipeThrough(new TextDecoderStream())
          .getReader() ?? unreachable();
        let text = (await reader.read()).value ?? "";
        assertEquals(text, "begin ");
        program.kill(signal);
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          text += value;
        }
        assertEquals(text, "begin end");
        const { code, stderr } = await program.ended();
        assertEquals([code, stderr], [0, ""]);
      });
    },
  });
}

Deno.test("the command line tells its version and its flags", async () => {
  const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const version = await runProgram(["run", "-A", CLI, "--version"]);
  assertEquals(version, {
    code: 0,
    stdout: `${config.version}\n`,
    stderr: "",
  });
  const help = await runProgram(["run", "-A", CLI, "--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "Usage: httpserver [DIR | MODULE]");
});

const BROKEN = {
  "empty.js": "export const app = 1;",
  "number.js": "export default 7;",
  "throws.js": "throw new Error('boom')",
  "own.js":
    "export default { run() {}, listen() {}, shutdown() {}, fetch() {}}",
  "page.html": "<p>",
};

const FAILURES: [args: string[], code: number, message: string][] = [
  [["--prot", "80"], 2, 'unknown flag "--prot": did you mean --port?'],
  [
    ["--port", "http"],
    2,
    '--port cannot be "http": take an integer from 0 to 65535',
  ],
  [["none"], 1, 'no such file or directory: "none"'],
  [
    ["page.html"],
    1,
    'cannot serve "page.html": it is neither a directory nor a module (.ts, .js, .mts, .mjs, .tsx, .jsx)',
  ],
  [["throws.js"], 1, 'cannot load "throws.js": boom'],
  [
    ["empty.js"],
    1,
    'cannot run "empty.js": it has no default export, expected an HttpServer or an object with fetch(request)',
  ],
  [
    ["number.js"],
    1,
    'cannot run "number.js": its default export (number) is neither an HttpServer nor an object with fetch(request)',
  ],
  [
    ["own.js", "--max-body-bytes", "1"],
    2,
    '--max-body-bytes cannot be used with "own.js": it exports an HttpServer of a version that takes no options from outside, set the option there',
  ],
  [
    ["--host", "192.0.2.1", "--port=0"],
    1,
    'no interface of this machine has the address "192.0.2.1": take another with --host',
  ],
];

Deno.test("the command line tells in one line what is wrong", async () => {
  await withFiles(BROKEN, async (cwd) => {
    for (const [args, code, message] of FAILURES) {
      const ended = await runProgram(["run", "-A", join(ROOT, CLI), ...args], {
        cwd,
      });
      assertEquals(ended, {
        code,
        stdout: "",
        stderr: `httpserver: ${message}\n`,
      });
    }
  });
});

Deno.test("the command line tells of a port in use", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const ended = await runProgram(["run", "-A", CLI, `--port=${port}`]);
  assertEquals(ended, {
    code: 1,
    stdout: "",
    stderr:
      `httpserver: port ${port} of 127.0.0.1 is in use: take another with --port, or 0 for a free one\n`,
  });
});

Deno.test("the command line names the permission that is missing", async () => {
  const cases: [flags: string[], name: string][] = [
    [[], "--allow-read"],
    [["--allow-read"], "--allow-net"],
  ];
  for (const [flags, name] of cases) {
    const args = ["run", "--no-prompt", ...flags, CLI, "--port=0"];
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      new RegExp(`^httpserver: missing permission: .* the ${name} flag\n$`),
    );
  }
});

Deno.test({
  name: "the command line needs no more than --allow-net and --allow-read",
  fn: async () => {
    const args = ["run", "--no-prompt", "--allow-net", "--allow-read", CLI];
    await using program = await Program.start([...args, "--port=0"]);
    const [status] = await get(`${await program.url()}/deno.json`);
    assertEquals(status, 200);
  },
});
