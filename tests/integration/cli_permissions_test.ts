/** What the command line needs of the permissions: no more than the README
 * says, and no question on a terminal. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { hasTerminals, OnTerminal } from "../support/on_terminal.ts";
import { Program, ROOT, runProgram } from "../support/program.ts";

const CLI = join(ROOT, "src/cli/main.ts");
const NET = "--allow-net=127.0.0.1:0";
const TERMINAL = await hasTerminals();

async function withSite(
  body: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "cli-permissions-" });
  try {
    const files = {
      "index.html": "<p>page",
      "server.json": '{ "health": true }',
      "users": `ada:sha256:${"0".repeat(64)}\n`,
      "app.ts": "export default { fetch: () => new Response('app') };",
    };
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), content);
    }
    await body(await Deno.realPath(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function get(url: string): Promise<[status: number, body: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

Deno.test("the command line serves with no more than the permissions of the README", async () => {
  await withSite(async (directory) => {
    const path = (name: string) => join(directory, name);
    const cases: [
      flags: string[],
      args: string[],
      path: string,
      body: string,
    ][] = [
      [[NET, `--allow-read=${directory}`], [directory], "/", "<p>page"],
      [
        [NET, `--allow-read=${directory}`],
        [
          directory,
          `--config=${path("server.json")}`,
          "--compress",
          "--cors",
          "--metrics",
          "--rate-limit=100/s",
          `--auth-file=${path("users")}`,
        ],
        "/health/live",
        '{"status":"healthy"}',
      ],
      [[NET, `--allow-read=${path("app.ts")}`], [path("app.ts")], "/", "app"],
    ];
    for (const [flags, args, path, body] of cases) {
      const all = ["run", "--no-prompt", ...flags, CLI, "--port=0", ...args];
      await using program = await Program.start(all);
      assertEquals(await get(await program.url() + path), [200, body]);
    }
  });
});

Deno.test({
  name: "--unix needs no more than the permissions of the README",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withSite(async (directory) => {
      const socket = join(directory, "socket");
      const flags = [
        `--allow-net=unix:${socket}`,
        `--allow-read=${directory}`,
        `--allow-write=${socket}`,
      ];
      const all = ["run", "--no-prompt", ...flags, CLI];
      await using program = await Program.start([
        ...all,
        directory,
        `--unix=${socket}`,
      ]);
      await program.find("stdout", /^Listening on .*socket$/m);
      using client = Deno.createHttpClient({
        proxy: { transport: "unix", path: socket },
      });
      const response = await fetch("http://localhost/", { client });
      assertEquals(await response.text(), "<p>page");
      program.kill("SIGTERM");
      assertEquals((await program.ended()).code, 0);
    });
  },
});

Deno.test("the command line names the permission that a flag lacks", async () => {
  await withSite(async (directory) => {
    const read = `--allow-read=${directory}`;
    const users = join(directory, "users");
    const cases: [
      flags: string[],
      args: string[],
      name: string,
      what: string,
    ][] = [
      [[NET], [directory], "read", directory],
      [[read], [directory], "net", "127.0.0.1:0"],
      [[read, "--allow-net=127.0.0.1:1"], [directory], "net", "127.0.0.1:0"],
      [
        [NET, `--allow-read=${join(directory, "app.ts")}`],
        [join(directory, "app.ts"), `--auth-file=${users}`],
        "read",
        users,
      ],
      [
        [NET, `--allow-read=${users}`],
        [`--config=${directory}/server.json`],
        "read",
        `${directory}/server.json`,
      ],
    ];
    for (const [flags, args, name, what] of cases) {
      const all = ["run", "--no-prompt", ...flags, CLI, "--port=0", ...args];
      const { code, stdout, stderr } = await runProgram(all);
      assertEquals(
        { code, stdout, stderr },
        {
          code: 1,
          stdout: "",
          stderr:
            `httpserver: missing permission: Requires ${name} access to "${what}", run again with the --allow-${name} flag\n`,
        },
      );
    }
  });
});

Deno.test("the command line reads the environment only where it may", async () => {
  await withSite(async (directory) => {
    const env = { HTTPSERVER_HEALTH: "/up", HTTPSERVER_NONSENSE: "1" };
    const statusWith = async (...flags: string[]) => {
      const read = `--allow-read=${directory}`;
      const all = ["run", "--no-prompt", NET, read, ...flags, CLI];
      const args = [...all, directory, "--port=0"];
      await using program = await Program.start(args, { env });
      const [status] = await get(`${await program.url()}/up`);
      return status;
    };
    assertEquals(await statusWith(), 404);
    assertEquals(await statusWith("--deny-env"), 404);
    assertEquals(await statusWith("--allow-env=HTTPSERVER_HEALTH"), 200);
    assertEquals(await statusWith("--allow-env=HOME"), 404);
  });
  const { code, stderr } = await runProgram(
    ["run", "--no-prompt", "--allow-read", "--allow-env", CLI],
    { env: { HTTPSERVER_NONSENSE: "1" } },
  );
  assertEquals(code, 2);
  assertMatch(stderr, /^httpserver: unknown variable HTTPSERVER_NONSENSE in/);
});

Deno.test({
  name: "the command line asks nothing on a terminal, and is coloured there",
  ignore: !TERMINAL,
  fn: async () => {
    await withSite(async (cwd) => {
      const env = { HTTPSERVER_PORT: "1", HTTPSERVER_HEALTH: "/up" };
      const flags = [
        NET.replace("127.0.0.1", "0.0.0.0"),
        `--allow-read=${cwd}`,
      ];
      const args = [
        "run",
        ...flags,
        CLI,
        "--host=0.0.0.0",
        "--port=0",
        "--open",
      ];
      await using terminal = await OnTerminal.start(args, { cwd, env });
      const [, port] = await terminal.find(
        // deno-lint-ignore no-control-regex
        /^Listening on \x1b\[1;36mhttp:\/\/localhost:(\d+)\/\x1b\[0m$/m,
      );
      const url = `http://127.0.0.1:${port}`;
      assertEquals((await get(`${url}/`))[0], 200);
      assertEquals((await get(`${url}/up`))[0], 404);
      // deno-lint-ignore no-control-regex
      await terminal.find(/^.*\x1b\[33m.*GET \/up 404.*$/m);
      assertEquals(await terminal.end("SIGINT"), 0);
      await terminal.find(/^Served 2 requests with 0 errors in /m);
      await terminal.find(/^httpserver: cannot open a browser: it takes /m);
      assertEquals(terminal.text.includes("requests net"), false);
      assertEquals(/Deno requests|Allow\?/.test(terminal.text), false);
    });
  },
});

Deno.test({
  name: "the command line is plain on a terminal when NO_COLOR is set",
  ignore: !TERMINAL,
  fn: async () => {
    await withSite(async (cwd) => {
      const args = ["run", "-A", CLI, "--port=0"];
      const env = { NO_COLOR: "1" };
      await using terminal = await OnTerminal.start(args, { cwd, env });
      const [, url] = await terminal.find(/^Listening on (http:\S+\d)\/$/m);
      assertEquals((await get(url))[0], 200);
      await terminal.find(/GET \/ 200/);
      assertEquals(await terminal.end("SIGTERM"), 0);
      assertEquals(terminal.text.includes("\x1b"), false);
    });
  },
});
