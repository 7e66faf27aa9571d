/** Rate limits over real sockets, and over the other ways to a server. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { HttpServer, ok } from "@x/httpserver";
import { cors } from "@x/httpserver/middleware/cors";
import {
  rateLimit,
  type RateLimitDecision,
  type RateLimitStore,
} from "@x/httpserver/middleware/rate-limit";
import { trustProxies } from "@x/httpserver/proxies";
import { FakeClock } from "@x/httpserver/testing";
import { get, post } from "../support/requests.ts";
import { Site } from "../support/site.ts";
import { everyWay } from "../support/ways.ts";
import { within } from "../support/within.ts";

function standing() {
  const clock = new FakeClock();
  return { clock, now: () => clock.now() };
}

Deno.test("rateLimit() refuses what is pipelined beyond the limit and keeps the connection", async () => {
  const { clock, now } = standing();
  await using site = await Site.start((server) =>
    server.use(rateLimit({ requestsPerSecond: 1, burstSize: 2, now }))
      .get("/", () => ok("hello"))
  );
  using client = await site.connect();
  await client.send(get("/").repeat(5));
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) statuses.push((await client.read()).status);
  assertEquals(statuses, [200, 200, 429, 429, 429]);
  clock.advance(1000);
  const { status, header, text } = await client.ask(get("/"));
  assertEquals([status, text], [200, "hello"]);
  assertEquals(header("ratelimit-policy"), '"default";q=2;w=2');
  assertEquals(header("ratelimit"), '"default";r=0;t=1');
});

Deno.test("rateLimit() refuses HEAD without content and POST without reading it", async () => {
  const { clock, now } = standing();
  await using site = await Site.start((server) =>
    server.use(rateLimit({ requestsPerSecond: 1, now }))
      .get("/", () => ok("hello"))
      .post("/", async (request) => ok(await request.text()))
  );
  using client = await site.connect();
  assertEquals((await client.ask(get("/"))).status, 200);
  const head = await client.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals([head.status, head.body.length], [429, 0]);
  assertEquals(head.header("retry-after"), "1");
  const refused = await client.ask(post("/", "x".repeat(5000)));
  assertEquals(refused.status, 429);
  assertEquals(refused.header("content-type"), "application/problem+json");
  clock.advance(1000);
  const read = await client.ask(post("/", "content"));
  assertEquals([read.status, read.text], [200, "content"]);
});

Deno.test("rateLimit() tells a browser in plain text, and a page of another origin may read it", async () => {
  const { now } = standing();
  await using site = await Site.start((server) =>
    server.use(
      cors({ exposeHeaders: ["RateLimit", "Retry-After"] }),
      rateLimit({ requestsPerSecond: 1, message: "Slow down", now }),
    ).get("/", () => ok("hello"))
  );
  using client = await site.connect();
  await client.ask(get("/"));
  const more = "Accept: text/html\r\nOrigin: https://example.com\r\n";
  const { status, text, header } = await client.ask(get("/", more));
  assertEquals([status, text], [429, "429 Too Many Requests: Slow down\n"]);
  assertEquals(header("access-control-allow-origin"), "*");
  // A preflight is answered before and costs nothing.
  const preflight = await client.ask(
    "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: https://example.com\r\n" +
      "Access-Control-Request-Method: GET\r\n\r\n",
  );
  assertEquals(preflight.status, 204);
});

Deno.test("rateLimit() below a prefix leaves the rest alone, and counts 404s", async () => {
  const { now } = standing();
  await using site = await Site.start((server) =>
    server.use("/api", rateLimit({ requestsPerSecond: 1, burstSize: 2, now }))
      .get("/api/a", () => ok("a")).get("/apis", () => ok("apis"))
  );
  using client = await site.connect();
  const statuses: number[] = [];
  for (const path of ["/api/a", "/api/none", "/api/a", "/apis", "/other"]) {
    statuses.push((await client.ask(get(path))).status);
  }
  assertEquals(statuses, [200, 404, 429, 200, 404]);
});

Deno.test("rateLimit() counts clients behind a trusted proxy, by what the proxy says", async () => {
  const { now } = standing();
  await using site = await Site.start(
    (server) =>
      server.use(rateLimit({ requestsPerSecond: 1, now }))
        .get("/", () => ok("hello")),
    { clientAddress: trustProxies(["loopback"]) },
  );
  using client = await site.connect();
  const table: [forwarded: string, status: number][] = [
    ["203.0.113.1", 200],
    ["203.0.113.2", 200],
    ["203.0.113.1", 429],
    // What is left of the proxy's own entry is the client's invention.
    ["198.51.100.9, 203.0.113.1", 429],
    ["::ffff:203.0.113.2", 429],
    ["2001:db8::1", 200],
    ["2001:db8::2", 429],
  ];
  for (const [forwarded, status] of table) {
    const more = `X-Forwarded-For: ${forwarded}\r\n`;
    assertEquals((await client.ask(get("/", more))).status, status, forwarded);
  }
});

Deno.test("rateLimit() answers alike over every way to a server", async () => {
  const { now } = standing();
  const server = new HttpServer()
    .use(rateLimit({ key: () => "all", requestsPerSecond: 1, now }))
    .get("/", () => new Response("web"));
  assertEquals((await server.inject({ path: "/" })).status, 200);
  await everyWay(server, async (way) => {
    const answer = await way.ask({ path: "/" });
    assertEquals(answer.status, 429, way.name);
    assertEquals(answer.header("retry-after"), "1", way.name);
    assertEquals(answer.header("ratelimit"), '"default";r=0;t=1', way.name);
    assertStringIncludes(answer.body, "quota-exceeded");
  });
});

/** A store that fails until it is told not to. */
class Failing implements RateLimitStore {
  works = false;
  consume(): Promise<RateLimitDecision> {
    const decision = {
      admitted: true,
      remaining: 1,
      resetMs: 5,
      retryAfterMs: 0,
    };
    return this.works
      ? Promise.resolve(decision)
      : Promise.reject(new Error("no route to host"));
  }
}

Deno.test("rateLimit() puts an outage of its store into the server's log once", async () => {
  const store = new Failing();
  const { clock, now } = standing();
  await using site = await Site.start((server) =>
    server.use(rateLimit({
      requestsPerSecond: 1,
      store,
      onStoreError: "closed",
      now,
    })).get("/", () => ok("hello"))
  );
  using client = await site.connect();
  for (let n = 0; n < 20; n++) {
    const { status, header } = await client.ask(get("/"));
    assertEquals([status, header("retry-after")], [503, "1"]);
  }
  store.works = true;
  assertEquals((await client.ask(get("/"))).status, 503);
  clock.advance(1000);
  assertEquals((await client.ask(get("/"))).status, 200);
  const told = site.logs.map(({ level, message }) => [level, message]);
  assertEquals(told, [
    ["warn", 'the store of rate limit "default" fails'],
    ["info", 'the store of rate limit "default" works again'],
  ]);
  const [{ error }] = site.logs;
  assert(error instanceof Error && error.message === "no route to host");
});

Deno.test("rateLimit() does not wait for a store that never answers", async () => {
  const store: RateLimitStore = { consume: () => new Promise(() => {}) };
  await using site = await Site.start((server) =>
    server.use(rateLimit({ requestsPerSecond: 1, store, storeTimeoutMs: 30 }))
      .get("/", () => ok("hello"))
  );
  using client = await site.connect();
  for (let n = 0; n < 100; n++) {
    const { status } = await within("an answer", client.ask(get("/")), 1000);
    assertEquals(status, 200);
  }
});
