import { assert, assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../src/cli/errors.ts";
import {
  loadServer,
  serveWebApp,
  type WebApp,
} from "../../../../src/cli/serving/load_module.ts";
import { HttpServer } from "../../../../src/server/http_server.ts";
import { settingsOf } from "../../../support/command_line.ts";

function moduleUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

async function load(source: string, flags: string[] = []): Promise<unknown> {
  const settings = await settingsOf(flags);
  return await loadServer(moduleUrl(source), "app.ts", settings);
}

const SERVER =
  "{ run() {}, listen() {}, shutdown() {}, fetch() {}, own: true }";

Deno.test("loadServer() takes a server by its shape", async () => {
  const server = await load(`export default ${SERVER}`);
  assertEquals(Object.hasOwn(server as object, "own"), true);
});

Deno.test("loadServer() wraps whatever has fetch", async () => {
  const source = `const app = () => {};
    app.fetch = (request) => new Response(request.method);
    export default app;`;
  for (const text of [source, source.replace("() => {}", "{}")]) {
    const server = await load(text);
    assert(server instanceof HttpServer);
    assertEquals(await (await server.inject()).text(), "GET");
  }
});

Deno.test("loadServer() says why a module is of no use", async () => {
  const shape = "neither an HttpServer nor an object with fetch(request)";
  const cases: [source: string, message: string, flags?: string[]][] = [
    ["export const a = 1", 'cannot run "app.ts": it has no default export'],
    ["export default null", `its default export (null) is ${shape}`],
    ["export default 7", `its default export (number) is ${shape}`],
    ["export default { fetch: 7 }", `its default export (object) is ${shape}`],
    ["export default () => {}", `its default export (function) is ${shape}`],
    ['throw new Error("boom\\nmore")', 'cannot load "app.ts": boom'],
    ["import 'file:///none.js'", 'cannot load "app.ts": '],
    ["export default (", 'cannot load "app.ts": '],
    [
      `export default ${SERVER}`,
      '--max-body-bytes cannot be used with "app.ts": it exports an HttpServer of a version that takes no options from outside',
      ["--max-body-bytes=1"],
    ],
    [
      `export default ${SERVER}`,
      '--log cannot be used with "app.ts": it exports an HttpServer, which has middleware of its own',
      ["--log=json"],
    ],
    [
      `export default ${SERVER}`,
      '--spa cannot be used with "app.ts": it is for the files of a directory',
      ["--spa"],
    ],
    [
      "export default { fetch() {} }",
      '--spa cannot be used with "app.ts": it is for the files of a directory',
      ["--spa"],
    ],
  ];
  for (const [source, message, flags] of cases) {
    const error = await assertRejects(
      () => load(source, flags),
      CliError,
      message,
    );
    assertEquals(error.message.split("\n").length, 1);
  }
});

function echo(request: Request): Response {
  const { method, url } = request;
  return Response.json({ method, url }, { headers: { "x-app": "1" } });
}

Deno.test("serveWebApp() hands every request to the app", async () => {
  const server = serveWebApp({ fetch: echo });
  for (const method of ["GET", "POST", "OPTIONS", "DELETE", "PURGE"]) {
    const response = await server.inject({ method, path: "/a%20b?c=d" });
    assertEquals(response.status, 200);
    assertEquals(response.header("x-app"), "1");
    assertEquals(await response.json(), {
      method,
      url: "http://localhost/a%20b?c=d",
    });
  }
  const head = await server.inject({ method: "HEAD", path: "/x" });
  assertEquals([head.status, head.header("x-app")], [200, "1"]);
  for (const method of ["TRACE", "track"]) {
    assertEquals((await server.inject({ method })).status, 501);
  }
});

Deno.test("serveWebApp() passes bodies and the peer's address on", async () => {
  const seen: unknown[] = [];
  const app: WebApp = {
    async fetch(request, { remoteAddr }) {
      seen.push(this === app, remoteAddr, await request.text());
      return new Response(null, { status: 204 });
    },
  };
  const remoteAddress: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.7",
    port: 7,
  };
  const response = await serveWebApp(app).inject({
    method: "POST",
    body: "content",
    remoteAddress,
  });
  assertEquals(response.status, 204);
  assertEquals(seen, [true, remoteAddress, "content"]);
});

Deno.test("serveWebApp() answers 413 by the limit and 500 for a failing app", async () => {
  const log: unknown[] = [];
  const options = {
    limits: { bodyBytes: 3 },
    log: (record: unknown) => log.push(record),
  };
  const app: WebApp = {
    fetch: async (request) => new Response(await request.text()),
  };
  const long = { method: "POST", body: "four" };
  assertEquals((await serveWebApp(app, options).inject(long)).status, 413);
  const failing: WebApp = {
    fetch() {
      throw new Error("secret");
    },
  };
  const response = await serveWebApp(failing, options).inject();
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("secret"), false);
});

const MODULE = new URL("../../../../mod.ts", import.meta.url);

Deno.test("loadServer() lays options over those of an exported server", async () => {
  const source = `import { HttpServer, text } from "${MODULE}";
    export default new HttpServer({ limits: { bodyBytes: 3, headerCount: 7 } })
      .post("/", async (request) => text(\`\${request.ip} \${await request.text()}\`));`;
  const remoteAddress: Deno.NetAddr = {
    transport: "tcp",
    hostname: "10.0.0.1",
    port: 7,
  };
  const request = {
    method: "POST",
    body: "four",
    headers: { "x-forwarded-for": "192.0.2.7" },
    remoteAddress,
  };
  const send = async (flags: string[]) => {
    const server = await load(source + "//" + flags, flags);
    assert(server instanceof HttpServer);
    const response = await server.inject(request);
    return [response.status, (await response.text()).split("\n")[0]];
  };
  assertEquals((await send([]))[0], 413);
  assertEquals(await send(["--max-body-bytes=4"]), [200, "10.0.0.1 four"]);
  assertEquals(
    await send(["--max-body-bytes=4", "--trusted-proxies=private"]),
    [200, "192.0.2.7 four"],
  );
  assertEquals((await send(["--allowed-hosts=example.com"]))[0], 421);
});
