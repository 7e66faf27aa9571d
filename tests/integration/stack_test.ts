/** The whole stack of middleware at once, over every way to a server. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { HttpResponse, HttpServer, json, ok } from "@x/httpserver";
import { HealthCheck, staticFiles } from "@x/httpserver/handlers";
import { Metrics } from "@x/httpserver/metrics";
import {
  compression,
  cors,
  etag,
  type LogEntry,
  logging,
  rateLimit,
  requestId,
  secureHeaders,
  traceContext,
} from "@x/httpserver/middleware";
import { parseExposition, sampleValue } from "../support/exposition.ts";
import { get } from "../support/requests.ts";
import { Site, turn } from "../support/site.ts";
import { type Answered, type Asked, everyWay } from "../support/ways.ts";

const ORIGIN = "https://app.example";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const LONG = { text: "all work and no play ".repeat(200) };
const ENCODER = new TextEncoder();

interface Stack {
  readonly server: HttpServer;
  readonly lines: LogEntry[];
}

/** Each in its place, as its documentation says. */
function addStack(server: HttpServer, root: string): Stack {
  const lines: LogEntry[] = [];
  const metrics = new Metrics({ process: false });
  const sink = (line: string) => void lines.push(JSON.parse(line));
  server.use(metrics.middleware)
    .use(requestId(), traceContext())
    .use(logging({ format: "json", sink }))
    .use(secureHeaders())
    .use(cors({ allowOrigins: [ORIGIN], allowCredentials: true }))
    .use("/limited", rateLimit({ requestsPerSecond: 1 / 60, burstSize: 2 }))
    .use(compression({ minSize: 500 }), etag());
  addRoutes(server, root);
  server.get("/metrics", metrics.handler);
  return { server, lines };
}

function addRoutes(server: HttpServer, root: string): void {
  const health = new HealthCheck();
  server.get("/long", () => json(LONG))
    .get("/short", () => ok("short"))
    .get("/limited", () => ok("here"))
    .get("/fails", () => {
      throw new Error("postgres://user:password@db");
    })
    .get("/stream", () => {
      async function* pieces() {
        for (const piece of ["a", "b", "c"]) {
          yield ENCODER.encode(piece.repeat(400));
          await turn();
        }
      }
      const headers = { "content-type": "text/plain" };
      return new HttpResponse({ headers, body: pieces() });
    })
    .post("/echo", async (request) => ok(await request.json()))
    .get("/files/*path", staticFiles({ root }))
    .get("/health", health.handle);
}

async function withStack(
  check: (ask: (asked: Asked) => Promise<Answered>, stack: Stack) =>
    | Promise<void>
    | void,
): Promise<void> {
  const root = await Deno.makeTempDir();
  await Deno.writeTextFile(`${root}/page.txt`, "word ".repeat(1_000));
  const { server, ...stack } = addStack(
    new HttpServer({ log: () => {} }),
    root,
  );
  try {
    await everyWay(server, async (way) => {
      stack.lines.length = 0;
      const ask = (asked: Asked) => way.ask(asked);
      await check(ask, { server, ...stack });
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** What every answer of the stack has. */
function assertCommon(answer: Answered, what: string): void {
  assertMatch(answer.header("x-request-id") ?? "", /^[\w-]{8,}$/, what);
  assertEquals(answer.header("x-content-type-options"), "nosniff", what);
  assertMatch(answer.header("vary") ?? "", /\borigin\b/i, what);
}

Deno.test("the stack dresses every answer, whatever its status", async () => {
  const table: [method: string, path: string, status: number][] = [
    ["GET", "/long", 200],
    ["HEAD", "/long", 200],
    ["GET", "/short", 200],
    ["GET", "/stream", 200],
    ["GET", "/files/page.txt", 200],
    ["GET", "/files/none.txt", 404],
    ["GET", "/none", 404],
    ["DELETE", "/long", 405],
    ["OPTIONS", "/long", 204],
    ["GET", "/fails", 500],
    ["GET", "/health", 200],
  ];
  await withStack(async (ask, { lines }) => {
    const headers = { origin: ORIGIN };
    for (const [method, path, status] of table) {
      const answer = await ask({ method, path, headers });
      const what = `${method} ${path}`;
      assertEquals(answer.status, status, what);
      assertCommon(answer, what);
      assertEquals(answer.header("access-control-allow-origin"), ORIGIN, what);
      assertEquals(answer.header("access-control-allow-credentials"), "true");
      assert(!answer.body.includes("password"), what);
    }
    await settled(lines, table.length);
    assertEquals(
      lines.map(({ method, path, status }) => [method, path, status]),
      table,
    );
  });
});

/** Waits until all requests are logged. */
async function settled(lines: LogEntry[], count: number): Promise<void> {
  for (let n = 0; n < 500 && lines.length < count; n++) await turn();
  assertEquals(lines.length, count);
}

Deno.test("the stack gives log, answer and trace the same ids", async () => {
  await withStack(async (ask, { lines }) => {
    const answer = await ask({
      path: "/short",
      headers: {
        "x-request-id": "abc-12345",
        traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
      },
    });
    assertEquals(answer.header("x-request-id"), "abc-12345");
    await settled(lines, 1);
    const [{ requestId, traceId, bytes, route }] = lines;
    assertEquals([requestId, traceId, bytes, route], [
      "abc-12345",
      TRACE,
      5,
      "/short",
    ]);
  });
});

Deno.test("the stack answers a preflight ahead of all that costs", async () => {
  await withStack(async (ask) => {
    const preflight = (origin: string) =>
      ask({
        method: "OPTIONS",
        path: "/limited",
        headers: { origin, "access-control-request-method": "PUT" },
      });
    for (let n = 0; n < 5; n++) {
      const answer = await preflight(ORIGIN);
      assertEquals(answer.status, 204);
      assertEquals(answer.header("access-control-allow-origin"), ORIGIN);
      assertEquals(answer.header("ratelimit"), null);
    }
    const stranger = await preflight("https://evil.example");
    assertEquals(stranger.header("access-control-allow-origin"), null);
  });
});

Deno.test("the stack validates what it compresses, and sends 304 for each coding", async () => {
  await withStack(async (ask) => {
    const tags = new Set<string>();
    for (const coding of ["identity", "gzip", "br"]) {
      for (const path of ["/long", "/files/page.txt"]) {
        const headers: Record<string, string> = { "accept-encoding": coding };
        const whole = await ask({ path, headers });
        const what = `${path} ${coding}`;
        assertEquals(whole.status, 200, what);
        assertMatch(whole.header("vary") ?? "", /accept-encoding/i, what);
        const tag = whole.header("etag") ?? "";
        assertMatch(tag, /^(?:W\/)?"[^"]+"$/, what);
        headers["if-none-match"] = tag;
        const again = await ask({ path, headers });
        assertEquals([again.status, again.body], [304, ""], what);
        assertEquals(again.header("content-encoding"), null, what);
        assertMatch(again.header("vary") ?? "", /accept-encoding/i, what);
        headers["if-none-match"] = '"other"';
        assertEquals((await ask({ path, headers })).status, 200, what);
        tags.add(path);
      }
    }
    assertEquals(tags.size, 2);
  });
});

Deno.test("the stack compresses what is worth it and nothing else", async () => {
  await withStack(async (ask) => {
    const headers = { "accept-encoding": "gzip" };
    const coding = async (path: string, more = {}) =>
      (await ask({ path, headers: { ...headers, ...more } }))
        .header("content-encoding");
    // `fetch` takes the coding away with its field; a way that shows it is
    // looked at below.
    assertEquals(await coding("/short"), null);
    assertEquals(await coding("/files/page.txt", { range: "bytes=0-9" }), null);
  });
});

Deno.test("the stack limits by client, and tells a page why", async () => {
  const { server } = addStack(new HttpServer(), ".");
  const remoteAddress = (hostname: string): Deno.NetAddr => ({
    transport: "tcp",
    hostname,
    port: 1,
  });
  const ask = (hostname: string) =>
    server.inject({
      path: "/limited",
      headers: { origin: ORIGIN, accept: "application/problem+json" },
      remoteAddress: remoteAddress(hostname),
    });
  for (const client of ["192.0.2.1", "192.0.2.2"]) {
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await ask(client)).status);
    assertEquals(statuses, [200, 200, 429, 429]);
  }
  const refused = await ask("192.0.2.1");
  assertEquals(refused.header("access-control-allow-origin"), ORIGIN);
  assertEquals(refused.header("content-type"), "application/problem+json");
  assertMatch(refused.header("retry-after") ?? "", /^[1-9]\d*$/);
  assertMatch(refused.header("x-request-id") ?? "", /./);
});

Deno.test("the stack counts and logs what was sent, byte by byte", async () => {
  const root = await Deno.makeTempDir();
  await Deno.writeTextFile(`${root}/page.txt`, "word ".repeat(1_000));
  let stack: Stack | undefined;
  await using site = await Site.start((server) => {
    stack = addStack(server, root);
  });
  using client = await site.connect();
  const sizes: number[] = [];
  const requests = [
    get("/long", "Accept-Encoding: gzip\r\n"),
    get("/long", "Accept-Encoding: br\r\n").replace("GET", "HEAD"),
    get("/stream", "Accept-Encoding: gzip\r\n"),
    get("/files/page.txt", "Accept-Encoding: gzip\r\nRange: bytes=0-9\r\n"),
    get("/files/page.txt"),
    get("/none"),
    get("/fails"),
  ];
  const codings: (string | null)[] = [];
  for (const request of requests) {
    const answer = await client.ask(request);
    assertEquals(answer.complete, true);
    sizes.push(answer.body.length);
    codings.push(answer.header("content-encoding"));
  }
  assertEquals(codings.slice(0, 5), ["gzip", "br", "gzip", null, null]);
  assertEquals(sizes.slice(3, 5), [10, 5_000]);
  const lines = stack?.lines ?? [];
  await settled(lines, requests.length);
  assertEquals(lines.map(({ bytes }) => bytes), sizes);
  const families = parseExposition((await client.ask(get("/metrics"))).text);
  const count = (labels: Record<string, string>) =>
    sampleValue(families, "http_server_requests_total", labels);
  assertEquals(count({ route: "/long", method: "GET", status: "200" }), 1);
  assertEquals(count({ route: "/long", method: "HEAD", status: "200" }), 1);
  assertEquals(count({ route: "/files/*path", status: "206" }), 1);
  assertEquals(count({ route: "none", status: "404" }), 1);
  assertEquals(count({ route: "/fails", status: "500" }), 1);
  assertEquals(sampleValue(families, "http_server_active_requests"), 1);
  await Deno.remove(root, { recursive: true });
});

Deno.test("the stack streams on while it compresses", async () => {
  const goOn = Promise.withResolvers<void>();
  await using site = await Site.start((server) => {
    addStack(server, ".");
    server.get("/events", () => {
      async function* events() {
        yield ENCODER.encode("data: first\n\n");
        await goOn.promise;
        yield ENCODER.encode("data: second\n\n");
      }
      const headers = { "content-type": "text/event-stream" };
      return new HttpResponse({ headers, body: events() });
    });
  });
  using client = await site.connect();
  await client.send(get("/events", "Accept-Encoding: gzip\r\n"));
  const head = await client.takeUntil("\r\n\r\n");
  assertMatch(head ?? "", /200 OK/);
  // The first event is here before the second is made.
  assertNotEquals(await client.takeUntil("\r\n"), null);
  goOn.resolve();
  assertNotEquals(await client.takeUntil("0\r\n\r\n"), null);
});

Deno.test("the stack reads bodies and refuses bad ones, with pipelined requests in order", async () => {
  await withStack(async (ask) => {
    const post = (body: string) => ask({ method: "POST", path: "/echo", body });
    const [good, bad] = [await post('{"a":1}'), await post("{")];
    assertEquals([good.status, good.body], [200, '{"a":1}']);
    assertEquals(bad.status, 400);
    assertCommon(bad, "a bad body");
  });
  await using site = await Site.start((server) => addStack(server, "."));
  const ids = [1, 2, 3, 4].map((n) => `request-${n}`);
  const requests = ids.map((id, n) =>
    get(n % 2 ? "/long" : "/stream", `X-Request-Id: ${id}\r\n`)
  );
  const answers = await site.exchange(requests.join(""));
  const seen = [...answers.matchAll(/^x-request-id: (\S+)/gim)].map((m) =>
    m[1]
  );
  assertEquals(seen, ids);
});
