/** One application over a socket, `inject()` and `fetch()`. */
import { assertEquals } from "@std/assert";
import {
  created,
  HttpError,
  HttpResponse,
  type HttpServer,
  json,
  noContent,
  ok,
  problem,
  redirect,
  text,
} from "@x/httpserver";
import { Site } from "../support/site.ts";

function define(server: HttpServer): void {
  server.use(async (request, next) => {
    const response = await next();
    response.headers.set("x-route", request.route ?? "none");
    return response;
  });
  server.get("/", () => text("hello"));
  server.get("/empty", () => new HttpResponse());
  server.get("/bytes", () => ok(new Uint8Array([0, 255, 10])));
  server.get("/json", () => json({ a: "é" }));
  server.get("/none", () => noContent());
  server.get("/moved", () => redirect("/"));
  server.get(
    "/cookies",
    () =>
      new HttpResponse({
        headers: [["set-cookie", "a=1"], ["set-cookie", "b"]],
      }),
  );
  server.get(
    "/stream",
    () =>
      new HttpResponse({
        body: ReadableStream.from([new Uint8Array([65, 66])]),
      }),
  );
  server.get("/web", () => new Response("web", { status: 202 }));
  server.get(
    "/users/:id",
    (request) => ok([request.params.id, request.path, request.query.get("q")]),
  );
  server.get("/fault", () => {
    throw new Error("secret");
  });
  server.get("/tea", () => {
    throw new HttpError(418, "short", { headers: { "x-pot": "1" } });
  });
  server.get("/problem", () => problem(422, "no", { extensions: { n: 1 } }));
  server.get("/request", (request) =>
    ok([
      request.method,
      request.version,
      request.authority,
      request.header("x-a"),
      request.cookies.get("c"),
      request.url.pathname,
      request.body === null,
    ]));
  server.post(
    "/echo",
    { bodyBytes: 5 },
    async (request) =>
      ok([await request.text(), request.header("content-type")]),
  );
  server.post(
    "/json",
    async (request) => created(await request.json(), { location: "/json/1" }),
  );
  server.post("/form", async (request) => ok([...await request.formData()]));
}

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const TEXT = { "content-type": "text/plain" };
const JSON_TYPE = { "content-type": "application/json" };
const URLENCODED = { "content-type": "application/x-www-form-urlencoded" };

const ASKED: readonly Asked[] = [
  { path: "/" },
  { path: "/", method: "HEAD" },
  { path: "/", method: "OPTIONS" },
  { path: "/", method: "DELETE" },
  { path: "/empty" },
  { path: "/bytes" },
  { path: "/json" },
  { path: "/json", method: "HEAD" },
  { path: "/none" },
  { path: "/moved" },
  { path: "/cookies" },
  { path: "/stream" },
  { path: "/stream", method: "HEAD" },
  { path: "/web" },
  { path: "/users/7?q=a%20b" },
  { path: "/users/a%2Fb%20c" },
  { path: "/users/%C3%A9" },
  { path: "/users/%zz" },
  { path: "/nowhere" },
  { path: "/nowhere", headers: { accept: "text/html" } },
  { path: "/fault" },
  { path: "/tea" },
  { path: "/tea", headers: { accept: "text/html" } },
  { path: "/problem" },
  { path: "/request", headers: { "x-a": "b", cookie: "c=d" } },
  { path: "/echo", method: "POST", body: "12345", headers: TEXT },
  { path: "/echo", method: "POST", body: "123456", headers: TEXT },
  { path: "/echo", method: "POST", body: "é", headers: TEXT },
  { path: "/json", method: "POST", body: '{"a":1}', headers: JSON_TYPE },
  { path: "/json", method: "POST", body: "{", headers: JSON_TYPE },
  { path: "/json", method: "POST" },
  { path: "/form", method: "POST", body: "a=1&b=%20", headers: URLENCODED },
  { path: "/form", method: "POST", body: "a", headers: TEXT },
];

type Got = readonly [
  status: number,
  fields: readonly (readonly [string, string])[],
  body: string,
];

// What the transport adds.
const OF_TRANSPORT = new Set([
  "connection",
  "content-length",
  "date",
  "transfer-encoding",
]);

function got(
  status: number,
  fields: Iterable<readonly [string, string]>,
  body: string,
): Got {
  const kept = [...fields].filter(([name]) => !OF_TRANSPORT.has(name));
  kept.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  return [status, kept, body];
}

function overWire({ method = "GET", path, headers, body }: Asked): string {
  const fields = Object.entries({ host: "a.test", ...headers });
  if (body !== undefined) {
    const { length } = new TextEncoder().encode(body);
    fields.push(["content-length", `${length}`]);
  }
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}

for (const asked of ASKED) {
  const { method = "GET", path, headers, body } = asked;
  const fields = { host: "a.test", ...headers };
  const about = `${method} ${path} ${JSON.stringify(headers ?? {})} ${
    body ?? ""
  }`;
  Deno.test(`HttpServer answers alike over a socket, inject() and fetch() when asked ${about}`, async () => {
    await using site = await Site.start(define);
    using client = await site.connect();
    const wire = await client.ask(overWire(asked), method);
    const expected = got(wire.status, wire.fields, wire.text);

    const injected = await site.server.inject({
      method,
      path,
      headers: fields,
      body,
    });
    assertEquals(
      got(injected.status, injected.headers, await injected.text()),
      expected,
      "inject",
    );

    const request = new Request(`http://a.test${path}`, {
      method,
      headers: fields,
      body,
    });
    const fetched = await site.server.fetch(request);
    assertEquals(
      got(fetched.status, fetched.headers, await fetched.text()),
      expected,
      "fetch",
    );
  });
}
