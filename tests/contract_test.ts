/** The application that the documentation of this project is written around:
 * it compiles, and each of its routes answers over every way to a server.
 * What single names promise is in `contract_shapes_test.ts`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  created,
  html,
  HttpServer,
  json,
  ok,
  Router,
  text,
} from "@x/httpserver";
import { HealthCheck, staticFiles } from "@x/httpserver/handlers";
import { cors, logging, requestId } from "@x/httpserver/middleware";
import { assertType, type Same } from "./support/types.ts";
import { everyWay, type Way } from "./support/ways.ts";

async function count(
  body: ReadableStream<Uint8Array> | null,
): Promise<number> {
  let bytes = 0;
  for await (const piece of body ?? []) bytes += piece.length;
  return bytes;
}

function makeServer(root: string, log: (line: string) => void): HttpServer {
  const server = new HttpServer({
    limits: {
      requestLine: 8 * 1024,
      headerBytes: 16 * 1024,
      headerCount: 100,
      bodyBytes: 1024 * 1024,
    },
    timeouts: {
      headersMs: 15_000,
      bodyIdleMs: 30_000,
      writeIdleMs: 30_000,
      keepAliveMs: 65_000,
      shutdownMs: 25_000,
    },
  });

  server.use(
    requestId(),
    logging({ format: "json", sink: log }),
    cors({ allowOrigins: ["https://example.com"], allowCredentials: true }),
  );

  server.get("/", () => html("<h1>Hello World</h1>"));
  server.get("/api/users/:id", (request) => {
    assertType<Same<typeof request.params, { id: string }>>();
    return ok({ id: request.params.id });
  });
  server.post("/api/users", async (request) => {
    const data = await request.json<{ name: string }>();
    assertType<Same<typeof data, { name: string }>>();
    return created({ id: 123, ...data }, { location: "/api/users/123" });
  });
  server.get("/static/*path", staticFiles({ root, cacheMaxAge: 86_400 }));
  server.mount("/admin", new Router().get("/stats", () => ok(server.stats())));
  server.get("/web", () => new Response("a web Response works too"));

  const health = new HealthCheck();
  health.addCheck(
    "database",
    // deno-lint-ignore require-await
    async () => ({ healthy: true, message: "Connected" }),
    { timeoutMs: 2_000 },
  );
  server.get("/health", health.handle).get("/health/live", health.liveness)
    .get("/health/ready", health.readiness);

  server.post(
    "/upload",
    { bodyBytes: 1024 ** 3 },
    async (request) => ok({ bytes: await count(request.body) }),
  );
  return server;
}

/** Runs `check` over every way to the application, with its log lines. */
async function overEveryWay(
  check: (way: Way, lines: string[]) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "contract-" });
  try {
    await Deno.writeTextFile(join(root, "a.css"), "p {}");
    const lines: string[] = [];
    const server = makeServer(root, (line) => lines.push(line));
    await everyWay(server, (way) => check(way, lines));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("the contract's GET routes answer", async () => {
  const byPath: Record<string, [type: string, body: string]> = {
    "/": ["text/html; charset=utf-8", "<h1>Hello World</h1>"],
    "/api/users/7": ["application/json", '{"id":"7"}'],
    "/api/users/a%2Fb%20%C3%A9": ["application/json", '{"id":"a/b é"}'],
    "/web": ["text/plain;charset=UTF-8", "a web Response works too"],
    "/static/a.css": ["text/css; charset=utf-8", "p {}"],
  };
  await overEveryWay(async (way) => {
    for (const [path, [type, body]] of Object.entries(byPath)) {
      const answer = await way.ask({ path });
      const about = `${way.name} ${path}`;
      assertEquals(answer.status, 200, about);
      assertEquals(answer.header("content-type"), type, about);
      assertEquals(answer.body, body, about);
      const head = await way.ask({ method: "HEAD", path });
      assertEquals([head.status, head.body], [200, ""], about);
      assertEquals(head.header("content-type"), type, about);
    }
  });
});

Deno.test("the contract's static files have validators and an age", async () => {
  await overEveryWay(async (way) => {
    const path = "/static/a.css";
    const first = await way.ask({ path });
    assertEquals(first.header("cache-control"), "public, max-age=86400");
    const tag = first.header("etag") ?? "";
    assertMatch(tag, /^(?:W\/)?"[^"]+"$/);
    const headers = { "if-none-match": tag };
    assertEquals((await way.ask({ path, headers })).status, 304);
    const range = await way.ask({ path, headers: { range: "bytes=2-3" } });
    assertEquals([range.status, range.body], [206, "{}"], way.name);
    for (const none of ["/static/b.css", "/static/%2e%2e/a", "/static/"]) {
      assertEquals((await way.ask({ path: none })).status, 404, none);
    }
  });
});

Deno.test("the contract's POST route creates, and refuses bad JSON", async () => {
  await overEveryWay(async (way) => {
    const answer = await way.ask({
      method: "POST",
      path: "/api/users",
      body: '{"name":"Ada"}',
    });
    assertEquals(answer.status, 201, way.name);
    assertEquals(answer.header("location"), "/api/users/123");
    assertEquals(JSON.parse(answer.body), { id: 123, name: "Ada" });
    for (const body of ["{", "nul", '{"a":1}}']) {
      const bad = await way.ask({ method: "POST", path: "/api/users", body });
      assertEquals(bad.status, 400, `${way.name} ${body}`);
      assertEquals(bad.header("content-type"), "application/problem+json");
    }
  });
});

Deno.test("the contract's upload route has a limit of its own", async () => {
  const body = new Uint8Array(1024 * 1024 + 1);
  await overEveryWay(async (way) => {
    const post = { method: "POST", body };
    const upload = await way.ask({ ...post, path: "/upload" });
    assertEquals([upload.status, upload.body], [200, '{"bytes":1048577}']);
    const users = await way.ask({ ...post, path: "/api/users" });
    assertEquals(users.status, 413, way.name);
  });
});

Deno.test("the contract's health and admin routes tell how it is", async () => {
  await overEveryWay(async (way) => {
    for (const path of ["/health", "/health/live", "/health/ready"]) {
      const answer = await way.ask({ path });
      assertEquals(answer.status, 200, `${way.name} ${path}`);
    }
    const health = JSON.parse((await way.ask({ path: "/health" })).body);
    assertEquals(health.status, "healthy");
    assertEquals(health.checks.database.message, "Connected");
    const stats = JSON.parse((await way.ask({ path: "/admin/stats" })).body);
    assertEquals(stats.totalConnections, way.name === "socket" ? 1 : 0);
    assert(stats.uptimeMs >= 0);
  });
});

Deno.test("the contract's middleware wraps every answer", async () => {
  const origin = "https://example.com";
  const requests: [method: string, path: string, status: number][] = [
    ["GET", "/", 200],
    ["GET", "/none", 404],
    ["DELETE", "/", 405],
    ["GET", "/api/users/%zz", 400],
    ["GET", "/admin/none", 404],
  ];
  await overEveryWay(async (way, lines) => {
    for (const [method, path, status] of requests) {
      lines.length = 0;
      const headers = { origin };
      const answer = await way.ask({ method, path, headers });
      const about = `${way.name} ${method} ${path}`;
      assertEquals(answer.status, status, about);
      assertEquals(answer.header("access-control-allow-origin"), origin, about);
      assertEquals(answer.header("access-control-allow-credentials"), "true");
      assertMatch(answer.header("vary") ?? "", /\bOrigin\b/i, about);
      const id = answer.header("x-request-id");
      assertMatch(id ?? "", /^[\w-]{8,}$/, about);
      const entries = lines.map((line) => JSON.parse(line));
      assertEquals(entries.length, 1, about);
      const { method: logged, status: told, requestId } = entries[0];
      assertEquals([logged, told, requestId], [method, status, id], about);
    }
    const other = await way.ask({
      path: "/",
      headers: { origin: "https://example.org" },
    });
    assertEquals(other.header("access-control-allow-origin"), null);
  });
});

Deno.test("the contract's server answers a preflight", async () => {
  await overEveryWay(async (way) => {
    const answer = await way.ask({
      method: "OPTIONS",
      path: "/api/users",
      headers: {
        origin: "https://example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    assertEquals(answer.status, 204, way.name);
    const methods = answer.header("access-control-allow-methods") ?? "";
    assertMatch(methods, /\bPOST\b/);
  });
});

// A script for `deno serve`, Deno Deploy and our command line.
const script = new HttpServer();
script.get("/", () => text("hello"));
export default script;

Deno.test("the contract's script has fetch as a bound property of its own", async () => {
  assert(Object.hasOwn(script, "fetch"));
  const { fetch } = script;
  const response = await fetch(new Request("http://localhost/"));
  assertEquals(await response.text(), "hello");
});

Deno.test("the contract's server ends by shutdown() and by await using", async () => {
  const address = await script.listen({ port: 0 });
  assertEquals(address.transport, "tcp");
  const report = await script.shutdown({ graceMs: 5_000 });
  assertEquals([report.forced, report.cutRequests], [false, 0]);
  await script.finished;

  let port = 0;
  {
    await using server = new HttpServer().get("/", () => json(1));
    port = (await server.listen({ port: 0 }) as Deno.NetAddr).port;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals(await response.json(), 1);
  }
  // The port is free again.
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  assertEquals(listener.addr.port, port);
});
