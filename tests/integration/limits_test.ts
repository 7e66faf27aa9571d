/** The limit of connections, and the counters. */
import { assertEquals } from "@std/assert";
import { HttpResponse, ok, type ServerStats } from "@x/httpserver";
import { get, post } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";

function quiet(turns = 30): Promise<void> {
  return turns === 0 ? Promise.resolve() : turn().then(() => quiet(turns - 1));
}

Deno.test("HttpServer serves one connection more when another of a full house closes", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("served"));
  }, { limits: { connections: 2 } });
  using first = await site.connect();
  using second = await site.connect();
  for (const client of [first, second]) await client.ask(get("/"));
  using third = await site.connect();
  using fourth = await site.connect();
  await third.send(get("/"));
  await fourth.send(get("/"));
  await quiet();
  assertEquals(site.server.stats().connections, 2);
  assertEquals(site.server.stats().totalRequests, 2);
  assertEquals((await second.ask(get("/"))).text, "served");
  second.close();
  const answers = Promise.race([third.read(), fourth.read()]);
  assertEquals((await answers).text, "served");
  await quiet();
  assertEquals(site.server.stats().connections, 2);
  assertEquals(site.server.stats().totalConnections, 3);
  first.close();
  third.close();
  fourth.close();
});

Deno.test("HttpServer shuts down when its house is full and others wait", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("served"));
  }, { limits: { connections: 1 } });
  using first = await site.connect();
  await first.ask(get("/"));
  using waiting = await site.connect();
  await waiting.send(get("/"));
  await quiet();
  const report = await site.server.shutdown({ graceMs: 5_000 });
  assertEquals(report.forced, false);
});

function shown(stats: ServerStats): Partial<ServerStats> {
  const {
    connections,
    totalConnections,
    activeRequests,
    totalRequests,
    protocolErrors,
    timeouts,
  } = stats;
  return {
    connections,
    totalConnections,
    activeRequests,
    totalRequests,
    protocolErrors,
    timeouts,
  };
}

Deno.test("HttpServer stats() counts what has happened", async () => {
  const goOn = gate();
  const entered = gate();
  await using site = await Site.start((server) => {
    server.get("/", () => ok("hello"));
    server.get("/wait", async () => {
      entered.open();
      await goOn.passed;
      return ok("waited");
    });
    server.get("/cut", () => {
      const fail = () => Promise.reject(new Error("cut"));
      return new HttpResponse({ body: new ReadableStream({ pull: fail }) });
    });
  });
  const nothing = {
    connections: 0,
    totalConnections: 0,
    activeRequests: 0,
    totalRequests: 0,
    protocolErrors: 0,
    timeouts: 0,
  };
  assertEquals(shown(site.server.stats()), nothing);
  await site.server.inject();
  assertEquals(shown(site.server.stats()), nothing);

  using first = await site.connect();
  await first.ask(get("/"));
  await first.ask(get("/none"));
  await first.send(get("/wait"));
  await entered.passed;
  assertEquals(shown(site.server.stats()), {
    ...nothing,
    connections: 1,
    totalConnections: 1,
    activeRequests: 1,
    totalRequests: 3,
  });
  goOn.open();
  await first.read();
  assertEquals(site.server.stats().activeRequests, 0);

  await site.exchange("bad\r\n\r\n");
  await site.exchange(get("/cut"));
  await site.exchange(post("/none", "x") + "bad\r\n\r\n");
  first.close();
  while (site.server.stats().connections > 0) await turn();
  assertEquals(shown(site.server.stats()), {
    ...nothing,
    totalConnections: 4,
    totalRequests: 5,
    protocolErrors: 2,
  });
  site.clock.advance(1_234);
  assertEquals(site.server.stats().uptimeMs, 1_234);
});
