/** Bounds on what one client, and all together, may ask for at a time. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type HttpServer, ok } from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import { connections, open } from "../support/timed_site.ts";

Deno.test("HttpServer answers 503 with Retry-After when limits.requestsInFlight are being answered", async () => {
  const goOn = gate();
  const entered = gate();
  await using site = await Site.start((server) => {
    server.get("/wait", async () => {
      entered.open();
      await goOn.passed;
      return ok("waited");
    });
    server.get("/", () => ok("at once"));
  }, { limits: { requestsInFlight: 1 } });
  using first = await site.connect();
  using second = await site.connect();
  await first.send(get("/wait"));
  await entered.passed;
  const refused = await second.ask(get("/"));
  assertEquals([refused.status, refused.header("retry-after")], [503, "1"]);
  goOn.open();
  assertEquals((await first.read()).text, "waited");
  assertEquals((await second.ask(get("/"))).text, "at once");
});

Deno.test("HttpServer answers 503 and closes when an address has limits.connectionsPerIp", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("served"));
  }, { limits: { connectionsPerIp: 2 } });
  const first = await site.connect();
  using second = await site.connect();
  for (const client of [first, second]) await client.ask(get("/"));
  const third = await site.connect();
  const refused = await third.ask(get("/"));
  assertEquals([refused.status, refused.header("connection")], [503, "close"]);
  assertEquals(await third.ends(), true);
  third.close();
  first.close();
  await connections(site, 1);
  using next = await site.connect();
  assertEquals((await next.ask(get("/"))).text, "served");
  assertEquals((await second.ask(get("/"))).text, "served");
});

Deno.test("HttpServer closes a connection behind limits.requestsPerConnection", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("served"));
  }, { limits: { requestsPerConnection: 2 } });
  using client = await site.connect();
  assertEquals((await client.ask(get("/"))).header("connection"), null);
  assertEquals((await client.ask(get("/"))).header("connection"), "close");
  assertEquals(await client.ends(), true);
});

Deno.test("HttpServer closes behind limits.pipelineDepth requests sent ahead, not behind as many one by one", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("served"));
  }, { limits: { pipelineDepth: 3 } });
  using patient = await site.connect();
  for (let n = 0; n < 8; n++) {
    assertEquals((await patient.ask(get("/"))).status, 200);
  }
  const text = await site.exchange(get("/").repeat(8));
  assertEquals(text.match(/HTTP\/1\.1 200/g)?.length, 3);
  assertStringIncludes(text, "Connection: close");
});

Deno.test("HttpServer answers 503 and aborts request.signal when a handler takes timeouts.handlerMs", async () => {
  const aborted = gate();
  const never = gate();
  await using site = await Site.start((server) => {
    server.get("/slow", async (request) => {
      request.signal.addEventListener("abort", () => aborted.open());
      await never.passed;
      return ok("too late");
    });
  }, { timeouts: { handlerMs: 2_000 } });
  using client = await site.connect();
  await client.send(get("/slow"));
  const answer = await site.advanceUntil(client.read());
  assertEquals(
    [answer.status, answer.header("retry-after"), answer.header("connection")],
    [503, "1", "close"],
  );
  await aborted.passed;
  assertEquals(await client.ends(), true);
  assertEquals(site.server.stats().timeouts, 1);
  never.open();
});

Deno.test("HttpServer leaves a long answer alone when timeouts.handlerMs pass while it is sent", async () => {
  const goOn = gate();
  await using site = await Site.start((server) => {
    async function* body() {
      yield new Uint8Array(1);
      await goOn.passed;
      yield new Uint8Array(1);
    }
    server.get("/", () => new Response(ReadableStream.from(body())));
  }, { timeouts: { handlerMs: 1_000 } });
  using client = await site.connect();
  await client.send(get("/"));
  await client.takeUntil("\r\n\r\n");
  site.clock.advance(5_000);
  goOn.open();
  assertStringIncludes(await client.takeUntil("0\r\n\r\n") ?? "", "\r\n0\r\n");
});

const READ = (server: HttpServer) =>
  server.post("/read", async (request) => ok(await request.text()));

Deno.test("HttpServer cuts a body that comes slower than limits.bodyBytesPerSecond", async () => {
  await using site = await Site.start(READ, {
    limits: { bodyBytesPerSecond: 100 },
    timeouts: { bodyGraceMs: 2_000, bodyIdleMs: 60_000 },
  });
  using client = await open(
    site,
    postHead("/read", "Content-Length: 1000\r\n"),
  );
  const answer = client.read();
  // A byte a second never stalls long enough for the idle time-out.
  let seconds = 0;
  for (let over = false; !over && seconds < 60; seconds++) {
    await client.send("x").catch(() => {});
    for (let n = 0; n < 30; n++) await turn();
    site.clock.advance(1_000);
    over = site.server.stats().timeouts > 0;
  }
  assert(seconds >= 2 && seconds <= 4, `cut after ${seconds} s`);
  assertEquals((await answer).status, 408);
});

Deno.test("HttpServer takes a slow body that keeps limits.bodyBytesPerSecond", async () => {
  await using site = await Site.start(READ, {
    limits: { bodyBytesPerSecond: 100 },
    timeouts: { bodyGraceMs: 2_000, bodyIdleMs: 5_000 },
  });
  using client = await open(
    site,
    postHead("/read", "Content-Length: 3000\r\n"),
  );
  const answer = client.read();
  for (let second = 0; second < 30; second++) {
    await client.send("x".repeat(100));
    for (let n = 0; n < 30; n++) await turn();
    if (second < 29) site.clock.advance(1_000);
  }
  assertEquals((await answer).text.length, 3000);
});

Deno.test("HttpServer does not count the time of its own handler against the rate of a body", async () => {
  const goOn = gate();
  await using site = await Site.start((server) => {
    server.post("/late", async (request) => {
      await goOn.passed;
      return ok(await request.text());
    });
  }, {
    limits: { bodyBytesPerSecond: 1_000_000 },
    timeouts: { bodyGraceMs: 1_000 },
  });
  using client = await open(site, post("/late", "x".repeat(200_000)));
  site.clock.advance(60_000);
  goOn.open();
  assertEquals((await client.read()).text.length, 200_000);
});

Deno.test("HttpServer answers 421 when the host is none of allowedHosts", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("ours"));
  }, { allowedHosts: ["example.com", ".example.org"] });
  const ask = async (host: string) => {
    using client = await site.connect();
    await client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return (await client.read()).status;
  };
  assertEquals(await ask("example.com"), 200);
  assertEquals(await ask("EXAMPLE.com:8080"), 200);
  assertEquals(await ask("a.example.org"), 200);
  assertEquals(await ask("evil.example"), 421);
  assertEquals(await ask("example.com.evil.example"), 421);
});

Deno.test("HttpServer accepts on for timeouts.shutdownDelayMs while it drains", async () => {
  await using site = await Site.start((server) => {
    server.get("/", (request) => ok(`${request.server.draining}`));
  }, { timeouts: { shutdownDelayMs: 400 } });
  const ending = site.server.shutdown();
  for (let n = 0; n < 10; n++) await turn();
  using late = await site.connect();
  const answer = await late.ask(get("/"));
  assertEquals([answer.text, answer.header("connection")], ["true", "close"]);
  assertEquals((await ending).forced, false);
});
