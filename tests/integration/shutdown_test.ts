/** How a server ends. */
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { HttpResponse, HttpServer, ok } from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import { RawClient } from "../support/raw_client.ts";
import { gate, Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

function counts(
  { forced, finishedRequests, cutRequests }: {
    forced: boolean;
    finishedRequests: number;
    cutRequests: number;
  },
) {
  return [forced, finishedRequests, cutRequests];
}

/** Resolves once the server accepts no more. */
async function isRefused(site: Site): Promise<void> {
  for (;;) {
    try {
      (await site.connect()).close();
    } catch {
      return;
    }
    await turn();
  }
}

/** A server whose `/wait` answers once the gate is open. */
async function startWaiting() {
  const goOn = gate();
  const entered = gate();
  const aborted = Promise.withResolvers<unknown>();
  const site = await Site.start((server) => {
    server.get("/", () => ok("hello"));
    server.get("/wait", async ({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      entered.open();
      await goOn.passed;
      return ok("waited");
    });
    server.post("/upload", async (request) => {
      entered.open();
      return ok(await request.text());
    });
    server.get("/stream", () => {
      async function* body() {
        yield new TextEncoder().encode("one ");
        entered.open();
        await goOn.passed;
        yield new TextEncoder().encode("two");
      }
      return new HttpResponse({ body: body() });
    });
    server.get("/draining", (request) => ok(`${request.server.draining}`));
  });
  return { site, goOn, entered, aborted: aborted.promise };
}

Deno.test("HttpServer closes idle connections at once when it shuts down", async () => {
  const { site } = await startWaiting();
  await using _ = site;
  using first = await site.connect();
  using second = await site.connect();
  for (const client of [first, second]) await client.ask(get("/"));
  await turn();
  const report = await site.server.shutdown({ graceMs: 5_000 });
  assertEquals(counts(report), [false, 0, 0]);
  assertEquals(await first.ends(), true);
  assertEquals(await second.ends(), true);
  assertLess(report.durationMs, 2_000);
});

Deno.test("HttpServer finishes a handler and answers nothing behind it when it shuts down", async () => {
  const { site, goOn, entered } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/wait") + get("/") + get("/"));
  await entered.passed;
  const ending = site.server.shutdown({ graceMs: 5_000 });
  goOn.open();
  const answer = await client.read();
  assertEquals([answer.text, answer.header("connection")], ["waited", "close"]);
  await client.closeWrite();
  assertEquals(await client.ends(), true);
  assertEquals(counts(await ending), [false, 1, 0]);
});

Deno.test("HttpServer finishes a stream and tells of the close next when it shuts down", async () => {
  const { site, goOn, entered } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/stream") + get("/") + get("/"));
  await entered.passed;
  const ending = site.server.shutdown({ graceMs: 5_000 });
  goOn.open();
  const answer = await client.read();
  assertEquals([answer.text, answer.complete], ["one two", true]);
  // Its head had promised that the connection stays.
  const next = await client.read();
  assertEquals([next.text, next.header("connection")], ["hello", "close"]);
  await client.closeWrite();
  assertEquals(await client.ends(), true);
  assertEquals(counts(await ending), [false, 2, 0]);
});

Deno.test("HttpServer answers what is asked right behind a stream that it has finished as it shuts down", async () => {
  const { site, goOn } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  using silent = await site.connect();
  await client.send(get("/stream"));
  await silent.send(get("/stream"));
  while (site.server.stats().activeRequests < 2) await turn();
  const ending = site.server.shutdown({ graceMs: 5_000 });
  await isRefused(site);
  goOn.open();
  // Nothing tells these clients that their connections are about to end.
  const answer = await client.read();
  assertEquals([answer.text, answer.header("connection")], ["one two", null]);
  const next = await client.ask(get("/"));
  assertEquals([next.text, next.header("connection")], ["hello", "close"]);
  assertEquals((await silent.read()).text, "one two");
  await site.advanceUntil(silent.ends());
  assertEquals(counts(await ending), [false, 3, 0]);
});

Deno.test("HttpServer finishes an upload that still arrives when it shuts down", async () => {
  const { site, entered } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(postHead("/upload", "Content-Length: 6\r\n") + "abc");
  await entered.passed;
  const ending = site.server.shutdown({ graceMs: 5_000 });
  await client.send("def");
  const answer = await client.read();
  assertEquals([answer.text, answer.header("connection")], ["abcdef", "close"]);
  assertEquals(counts(await ending), [false, 1, 0]);
});

Deno.test("HttpServer serves a connection that asks its first request as it shuts down", async () => {
  const { site, goOn, entered } = await startWaiting();
  await using _ = site;
  using busy = await site.connect();
  await busy.send(get("/wait"));
  await entered.passed;
  using silent = await site.connect();
  using asking = await site.connect();
  while (site.server.stats().connections < 3) await turn();
  const ending = site.server.shutdown({ graceMs: 5_000 });
  const answer = await asking.ask(get("/draining"));
  assertEquals([answer.text, answer.header("connection")], ["true", "close"]);
  site.clock.advance(450);
  assertEquals(site.server.stats().connections >= 2, true);
  // Whoever stays silent is waited for no longer than this.
  await site.advanceUntil(silent.ends());
  goOn.open();
  assertEquals((await busy.read()).text, "waited");
  assertEquals(counts(await ending), [false, 2, 0]);
});

Deno.test("HttpServer takes no connection when it has shut down", async () => {
  // Below the ports that the system gives out: no other test can take it.
  const port = 20_000 + Deno.pid % 10_000;
  await using server = new HttpServer();
  await server.listen({ port });
  using client = await RawClient.connect(port);
  client.close();
  await server.shutdown({ graceMs: 5_000 });
  await assertRejects(
    () => RawClient.connect(port),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("HttpServer takes no connection behind the deadline when a handler goes on", async () => {
  const { site, goOn, entered } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/wait"));
  await entered.passed;
  const ending = site.server.shutdown({ graceMs: 5_000 });
  const until = performance.now() + 3_000;
  let refused = false;
  while (!refused && performance.now() < until) {
    await RawClient.connect(site.port).then(
      (late) => late.close(),
      () => refused = true,
    );
  }
  assertEquals(refused, true);
  goOn.open();
  assertEquals((await client.read()).text, "waited");
  assertEquals((await ending).forced, false);
});

Deno.test("HttpServer cuts what is left when the grace is over", async () => {
  const { site, entered, aborted } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  using second = await site.connect();
  using idle = await site.connect();
  await idle.ask(get("/"));
  await client.send(get("/wait"));
  await entered.passed;
  await second.send(get("/stream"));
  await second.takeUntil("one ");
  await turn();
  const report = await site.server.shutdown({ graceMs: 200 });
  assertEquals(counts(report), [true, 0, 2]);
  assert(report.durationMs >= 190);
  assertEquals((await client.takeAll()).length, 0);
  await second.takeAll();
  const reason = await within("the signal", aborted);
  assert(reason instanceof DOMException && reason.name === "AbortError");
  assertEquals(site.server.stats().connections, 0);
  assertEquals(site.server.stats().activeRequests, 0);
  assertEquals(site.reports("error"), []);
});

Deno.test("HttpServer cuts at once when it is shut down again without grace", async () => {
  const { site, entered } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/wait"));
  await entered.passed;
  const first = site.server.shutdown({ graceMs: 60_000 });
  const again = site.server.shutdown();
  const second = site.server.shutdown({ graceMs: 0 });
  const reports = await Promise.all([first, again, second]);
  for (const report of reports) assertEquals(counts(report), [true, 0, 1]);
  assertLess(reports[0].durationMs, 2_000);
});

Deno.test("HttpServer leaves no timer behind when it is shut down without grace", async () => {
  const server = new HttpServer();
  const entered = gate();
  server.get("/", async () => {
    entered.open();
    await new Promise(() => {});
    return ok("never");
  });
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  using client = await RawClient.connect(port);
  await client.send(get("/"));
  await entered.passed;
  const report = await server.shutdown({ graceMs: 0 });
  assertEquals(counts(report), [true, 0, 1]);
});

Deno.test("HttpServer reports no force when there was nothing to cut", async () => {
  const { site } = await startWaiting();
  await using _ = site;
  using idle = await site.connect();
  await idle.ask(get("/"));
  await turn();
  const report = await site.server.shutdown({ graceMs: 0 });
  assertEquals(counts(report), [false, 0, 0]);
});

Deno.test("HttpServer counts no request below zero when a client takes no answer", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => ok("x".repeat(60_000)));
  });
  using client = await site.connect();
  await client.send(get("/").repeat(400));
  for (let last = -1; last !== site.server.stats().totalRequests;) {
    last = site.server.stats().totalRequests;
    for (let n = 0; n < 100; n++) await turn();
  }
  assertLess(site.server.stats().totalRequests, 400);
  const report = await site.server.shutdown({ graceMs: 150 });
  assertEquals(report.forced, true);
  assert(report.finishedRequests >= 0, `${report.finishedRequests}`);
});

Deno.test("HttpServer ends at once when it was never started", async () => {
  const server = new HttpServer();
  const ending = server.shutdown({ graceMs: 5_000 });
  assertEquals(counts(await ending), [false, 0, 0]);
  await server.finished;
  await assertRejects(
    () => server.listen({ port: 0 }),
    TypeError,
    "Cannot listen after a shutdown",
  );
});

Deno.test("HttpServer refuses to listen when it listens already", async () => {
  await using server = new HttpServer();
  await server.listen({ port: 0 });
  await assertRejects(
    () => server.listen({ port: 0 }),
    TypeError,
    "Cannot listen twice",
  );
});

Deno.test("HttpServer can listen again when the port was taken", async () => {
  await using site = await Site.start(() => {});
  await using server = new HttpServer();
  await assertRejects(
    () => server.listen({ port: site.port }),
    Deno.errors.AddrInUse,
  );
  await server.listen({ port: 0 });
});

Deno.test("HttpServer frees its port when it has shut down", async () => {
  const server = new HttpServer();
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  await server.shutdown();
  await using second = new HttpServer();
  await second.listen({ port });
});

Deno.test("HttpServer resolves finished when a shutdown is complete", async () => {
  const { site, goOn, entered } = await startWaiting();
  await using _ = site;
  let finished = false;
  const end = site.server.finished.then(() => finished = true);
  using client = await site.connect();
  await client.send(get("/wait"));
  await entered.passed;
  const ending = site.server.shutdown({ graceMs: 5_000 });
  await turn();
  assertEquals(finished, false);
  goOn.open();
  await client.read();
  await ending;
  await end;
  assertEquals(finished, true);
});

Deno.test("HttpServer drains when it is disposed of", async () => {
  const disposed: HttpServer[] = [];
  {
    await using server = new HttpServer();
    disposed.push(server);
    server.get("/", () => ok("hello"));
    const address = await server.listen({ port: 0 }) as Deno.NetAddr;
    using client = await RawClient.connect(address.port);
    await client.ask(get("/"));
  }
  const [server] = disposed;
  await server.finished;
  assertEquals(server.stats().connections, 0);
  await assertRejects(() => server.listen({ port: 0 }), TypeError, "shutdown");
});

for (const graceMs of [-1, NaN]) {
  Deno.test(`HttpServer refuses a grace of ${graceMs} ms`, async () => {
    await using server = new HttpServer();
    assertThrows(() => server.shutdown({ graceMs }), RangeError, `${graceMs}`);
  });
}

Deno.test("HttpServer keeps its time-outs armed when it shuts down", async () => {
  const { site, entered } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(postHead("/upload", "Content-Length: 6\r\n") + "abc");
  await entered.passed;
  const ending = site.server.shutdown({ graceMs: 60_000 });
  await turn();
  const answer = await site.advanceUntil(client.read());
  assertEquals(answer.status, 408);
  client.close();
  assertEquals((await ending).forced, false);
});

Deno.test("HttpServer answers what an idle connection asks as it shuts down", async () => {
  const { site } = await startWaiting();
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/"));
  await client.read();
  await turn();
  const ending = site.server.shutdown({ graceMs: 5_000 });
  await client.send(post("/upload", "late")).catch(() => {});
  const answer = await client.read();
  assertEquals([answer.status, answer.header("connection")], [200, "close"]);
  assertEquals(counts(await ending), [false, 1, 0]);
});

Deno.test("HttpServer closes idle connections soon and answers probes when timeouts.shutdownDelayMs is long", async () => {
  const shutdownDelayMs = 1_500;
  await using site = await Site.start((server) => {
    server.get("/", (request) => ok(`${request.server.draining}`));
  }, { timeouts: { shutdownDelayMs } });
  using idle = await site.connect();
  await idle.ask(get("/"));
  await turn();
  const started = performance.now();
  const ending = site.server.shutdown();
  assertEquals(await idle.ends(), true);
  assertLess(performance.now() - started, 1_000);
  // A probe on a new connection, and one that asks when the delay is over.
  using probe = await site.connect();
  const answer = await probe.ask(get("/"));
  assertEquals([answer.text, answer.header("connection")], ["true", "close"]);
  using late = await site.connect();
  while (performance.now() - started < shutdownDelayMs + 200) await turn();
  assertEquals((await late.ask(get("/"))).text, "true");
  const report = await ending;
  assertEquals(counts(report), [false, 2, 0]);
  assert(report.durationMs >= shutdownDelayMs - 5);
});

Deno.test("HttpServer cuts what it holds when a shutdown is forced as the listener closes", async () => {
  const { site } = await startWaiting();
  await using _ = site;
  const first = site.server.shutdown({ graceMs: 110 });
  const clients = [];
  const at = performance.now();
  while (performance.now() < at + 105) {
    clients.push(await site.connect().catch(() => null));
    await turn();
  }
  assertEquals((await first).cutRequests, 0);
  for (const client of clients) client?.close();
  assertEquals(site.server.stats().connections, 0);
});
