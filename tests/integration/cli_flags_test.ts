/** Flags of the command line that only a process of its own can show. */
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { Program, runProgram, startServer } from "../support/program.ts";

const CLI = "src/cli/main.ts";
const IS_WINDOWS = Deno.build.os === "windows";

async function withDirectory(
  body: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "cli-flags-" });
  try {
    await Deno.writeTextFile(join(directory, "index.html"), "<p>page");
    await body(await Deno.realPath(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function status(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

Deno.test("--next-port takes the next free port, --strict-port fails", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const args = ["examples", `--port=${port}`];
  await using program = await startServer(CLI, [...args, "--next-port"]);
  const taken = new URL(await program.url()).port;
  assertGreater(Number(taken), port);
  const strict = ["run", "-A", CLI, ...args, "--next-port", "--strict-port"];
  const { code, stderr } = await runProgram(strict);
  assertEquals(code, 1);
  assertMatch(stderr, /is in use: take another with --port/);
});

Deno.test({
  name: "--unix listens on a socket",
  ignore: IS_WINDOWS,
  fn: async () => {
    await withDirectory(async (directory) => {
      const path = join(directory, "socket");
      await using program = await startServer(CLI, [directory, "--unix", path]);
      await program.find("stdout", new RegExp(`^Listening on ${path}$`, "m"));
      using client = Deno.createHttpClient({
        proxy: { transport: "unix", path },
      });
      const response = await fetch("http://localhost/", { client });
      assertEquals(await response.text(), "<p>page");
      const [line] = await program.find("stdout", /^\{.*\}$/m);
      assertEquals(JSON.parse(line).remoteAddress, "");
    });
  },
});

Deno.test("the environment and a file set options, and flags go before them", async () => {
  await withDirectory(async (directory) => {
    const config = join(directory, "server.jsonc");
    await Deno.writeTextFile(
      config,
      `{ "port": 1, // not this one
        "headers": ["X-From: file"], "static": { "dotfiles": true } }`,
    );
    await Deno.writeTextFile(join(directory, ".env"), "");
    const env = {
      HTTPSERVER_CONFIG: config,
      HTTPSERVER_PORT: "2",
      HTTPSERVER_HEALTH: "/up",
    };
    const args = [directory, "--port=0"];
    await using program = await startServer(CLI, args, { env });
    const url = await program.url();
    assertEquals(await status(`${url}/up`), 200);
    const response = await fetch(`${url}/.env`);
    assertEquals([response.status, response.headers.get("x-from")], [
      200,
      "file",
    ]);
    await response.body?.cancel();
  });
});

Deno.test({
  name: "the command line tells at the end what it has served",
  ignore: IS_WINDOWS,
  fn: async () => {
    await withDirectory(async (cwd) => {
      await Deno.writeTextFile(
        join(cwd, "app.js"),
        `export default { fetch(request) {
          if (request.url.endsWith("/fail")) throw new Error("boom");
          return new Response("fine");
        } };`,
      );
      const args = ["app.js", "--port=0", "--log=off"];
      await using program = await startServer(CLI, args, { cwd });
      const url = await program.url();
      assertEquals(await status(`${url}/`), 200);
      assertEquals(await status(`${url}/fail`), 500);
      program.kill("SIGTERM");
      const { code, stdout } = await program.ended();
      assertEquals(code, 0);
      const lines = stdout.trimEnd().split("\n");
      assertEquals(lines.length, 3);
      assertMatch(lines[2], /^Served 2 requests with 1 error in \d+\.\d+s$/);
    });
  },
});

Deno.test({
  name: "the command line tells what it has served when it is cut",
  ignore: IS_WINDOWS,
  fn: async () => {
    await withDirectory(async (cwd) => {
      await Deno.writeTextFile(
        join(cwd, "app.js"),
        `export default { fetch: () => new Response(new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
        })) };`,
      );
      const args = ["app.js", "--port=0", "--log=off", "--shutdown-timeout=1"];
      await using program = await startServer(CLI, args, { cwd });
      const response = await fetch(await program.url());
      program.kill("SIGTERM");
      const { code, stdout } = await program.ended();
      await response.body?.cancel().catch(() => {});
      assertEquals(code, 1);
      assertEquals(stdout.match(/^Served 1 request with /gm)?.length, 1);
    });
  },
});

/** Runs `body` with a directory in which a browser leaves the URL it is given. */
async function withBrowser(
  body: (
    directory: string,
    env: Record<string, string>,
    opened: () => Promise<string>,
  ) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) => {
    const file = join(directory, "opened");
    await Deno.writeTextFile(
      join(directory, "xdg-open"),
      `#!/bin/sh\nprintf %s "$1" > '${file}.part'\nmv '${file}.part' '${file}'\n`,
      { mode: 0o755 },
    );
    const watcher = Deno.watchFs(directory);
    const env = { PATH: `${directory}:${Deno.env.get("PATH")}` };
    let isWatching = true;
    try {
      await body(directory, env, async () => {
        for await (const { paths } of watcher) {
          if (paths.includes(file)) break;
        }
        // The end of the loop has closed the watcher.
        isWatching = false;
        return await Deno.readTextFile(file);
      });
    } finally {
      if (isWatching) watcher.close();
    }
  });
}

Deno.test({
  name: "--quiet prints nothing while all is well",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withBrowser(async (directory, env, opened) => {
      const args = [directory, "--port=0", "--open", "-q"];
      await using program = await startServer(CLI, args, { env });
      assertEquals(await status(await opened()), 200);
      program.kill("SIGTERM");
      assertEquals(await program.ended(), { code: 0, stdout: "", stderr: "" });
    });
  },
});

Deno.test({
  name: "--open opens a browser with the URL",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withBrowser(async (directory, env, opened) => {
      const args = [directory, "--port=0", "--base=/docs", "--open"];
      await using server = await startServer(CLI, args, { env });
      assertEquals(await opened(), `${await server.url()}/docs/`);
    });
  },
});

Deno.test("--open goes on where no browser can be opened", async () => {
  await withDirectory(async (directory) => {
    const args = ["run", "--no-prompt", "--allow-net", "--allow-read", CLI];
    await using program = await Program.start([
      ...args,
      directory,
      "--port=0",
      "--open",
    ]);
    const url = await program.url();
    await program.find(
      "stderr",
      /^httpserver: cannot open a browser: it takes --allow-run=\S+$/m,
    );
    assertEquals(await status(`${url}/`), 200);
  });
});

Deno.test("flags of limits hold for an exported HttpServer", async () => {
  await withDirectory(async (cwd) => {
    await Deno.writeTextFile(
      join(cwd, "app.ts"),
      `import { HttpServer, text } from "${new URL(
        "../../mod.ts",
        import.meta.url,
      )}";
      export default new HttpServer({ limits: { bodyBytes: 3 } })
        .post("/", async (request) => text(await request.text()));`,
    );
    const args = ["app.ts", "--port=0", "--max-body-bytes=2KiB"];
    await using program = await startServer(CLI, args, { cwd });
    const url = await program.url();
    const send = async (bytes: number) => {
      const body = "x".repeat(bytes);
      const response = await fetch(url, { method: "POST", body });
      await response.text();
      return response.status;
    };
    assertEquals([await send(2048), await send(2049)], [200, 413]);
  });
});
