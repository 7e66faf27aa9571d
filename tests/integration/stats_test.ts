/** Counters of a server that metrics show. */
import { assertEquals, assertGreater } from "@std/assert";
import { ok } from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import { connections, only, open, tick } from "../support/timed_site.ts";

const NO_TIMEOUTS = { headers: 0, body: 0, handler: 0, write: 0 };

Deno.test("HttpServer.stats() counts the bytes of all connections, to the last one", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("hello"));
    server.post("/", async (request) => ok(await request.bytes()));
    server.get("/large", () => ok(new Uint8Array(300_000)));
  });
  const requests = [
    get("/"),
    post("/", "x".repeat(200_000)),
    get("/large"),
    get("/none"),
    "bad\r\n\r\n",
  ];
  let [sent, received] = [0, 0];
  for (const request of requests) {
    sent += request.length;
    received += (await site.exchange(request)).length;
  }
  await connections(site, 0);
  const { bytesReceived, bytesSent } = site.server.stats();
  assertEquals([bytesReceived, bytesSent], [sent, received]);
  assertGreater(bytesSent, 500_000);
});

Deno.test("HttpServer.stats() counts refused messages by status", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("hello"));
  }, { limits: { requestLine: 100, headerBytes: 200 } });
  for (
    const message of [
      "bad\r\n\r\n",
      get("/", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
      get(`/${"x".repeat(200)}`),
      get("/", `X: ${"y".repeat(300)}\r\n`),
      get("/", "", "3.0"),
      get("/"),
    ]
  ) await site.exchange(message);
  const { protocolErrors, protocolErrorsByStatus } = site.server.stats();
  assertEquals(protocolErrorsByStatus, { 400: 2, 414: 1, 431: 1, 505: 1 });
  assertEquals(protocolErrors, 5);
  // A snapshot does not change behind its reader's back, nor by it.
  protocolErrorsByStatus[400] = 99;
  await site.exchange("bad\r\n\r\n");
  assertEquals(protocolErrorsByStatus[400], 99);
  assertEquals(site.server.stats().protocolErrorsByStatus[400], 3);
});

Deno.test("HttpServer.stats() counts time-outs by what was waited for", async () => {
  const ms = 1_000;
  const table: [
    name: keyof typeof NO_TIMEOUTS,
    timeouts: Record<string, number>,
    text: string,
  ][] = [
    ["headers", { headersMs: ms }, "GET / HT"],
    ["body", { bodyIdleMs: ms }, postHead("/read", "Content-Length: 5\r\n")],
    ["handler", { handlerMs: ms }, get("/never")],
  ];
  for (const [name, timeouts, text] of table) {
    await using site = await only(timeouts, (server) => {
      server.get("/never", () => new Promise(() => {}));
      server.post("/read", async (request) => ok(await request.text()));
    });
    using _client = await open(site, text);
    site.clock.advance(2 * ms + tick(ms));
    await turn();
    const { timeouts: all, timeoutsByPhase } = site.server.stats();
    assertEquals(timeoutsByPhase, { ...NO_TIMEOUTS, [name]: 1 });
    assertEquals(all, 1);
  }
});

Deno.test("HttpServer.stats() counts a peer that does not take its answer", async () => {
  await using site = await only({ writeIdleMs: 1_000 }, (server) => {
    server.get("/", () => ok(new Uint8Array(64 * 1024 * 1024)));
  });
  using _client = await open(site, get("/"));
  site.clock.advance(3_000);
  assertEquals(site.server.stats().timeoutsByPhase, {
    ...NO_TIMEOUTS,
    write: 1,
  });
});

Deno.test("HttpServer.stats() counts requests and connections over a limit", async () => {
  const goOn = gate();
  await using site = await Site.start((server) => {
    server.get("/", async () => {
      await goOn.passed;
      return ok("hello");
    });
  }, { limits: { requestsInFlight: 1, connectionsPerIp: 2 } });
  using first = await open(site, get("/"));
  using second = await open(site);
  assertEquals((await second.ask(get("/"))).status, 503);
  assertEquals(site.server.stats().overloads, 1);
  using third = await site.connect();
  assertEquals((await third.read()).status, 503);
  assertEquals(site.server.stats().overloads, 2);
  goOn.open();
  assertEquals((await first.read()).status, 200);
});
