/** Time-outs of answers, of half-closed and of closing connections. */
import { assertEquals, assertMatch } from "@std/assert";
import { HttpResponse, ok } from "@x/httpserver";
import { get, postHead } from "../support/requests.ts";
import { gate, turn } from "../support/site.ts";
import {
  connections,
  DAY_MS,
  defineHello,
  only,
  open,
} from "../support/timed_site.ts";
import { within } from "../support/within.ts";

for (const kind of ["bytes", "stream", "small answers"] as const) {
  Deno.test(`HttpServer cuts the connection when the client takes nothing of its ${kind}`, async () => {
    const cancelled = gate();
    let aborted = false;
    const piece = new Uint8Array(100_000);
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(piece);
      } finally {
        cancelled.open();
      }
    }
    await using site = await only({ writeIdleMs: 1_000 }, (server) => {
      server.get("/bytes", ({ signal }) => {
        signal.addEventListener("abort", () => aborted = true);
        return ok(new Uint8Array(64_000_000));
      });
      server.get("/stream", ({ signal }) => {
        signal.addEventListener("abort", () => aborted = true);
        return new HttpResponse({ body: endless() });
      });
      server.get("/small", () => ok("x".repeat(60_000)));
    });
    const path = kind === "small answers" ? "/small" : `/${kind}`;
    const count = kind === "small answers" ? 400 : 1;
    using client = await open(site, get(path).repeat(count));
    for (let n = 0; n < 300; n++) await turn();
    site.clock.advance(900);
    assertEquals(site.server.stats().connections, 1);
    site.clock.advance(300);
    assertEquals(site.server.stats().connections, 0);
    assertEquals(site.server.stats().timeouts, 1);
    if (kind === "stream") await within("the source", cancelled.passed);
    if (kind !== "small answers") assertEquals(aborted, true);
    client.close();
  });
}

Deno.test("HttpServer goes on sending when the client takes a little in time", async () => {
  const total = 30_000_000;
  await using site = await only({ writeIdleMs: 1_000 }, (server) => {
    const piece = new Uint8Array(100_000);
    async function* body() {
      for (let at = 0; at < total; at += piece.length) {
        yield await Promise.resolve(piece);
      }
    }
    server.get("/", () => new HttpResponse({ body: body() }));
  });
  using client = await open(site, get("/", "", "1.0"));
  await client.takeUntil("\r\n\r\n");
  let taken = 0;
  while (taken < total) {
    const bytes = await client.take(Math.min(3_000_000, total - taken));
    taken += bytes.length;
    if (bytes.length === 0) break;
    for (let n = 0; n < 30; n++) await turn();
    site.clock.advance(600);
  }
  assertEquals(taken, total);
  assertEquals(site.server.stats().timeouts, 0);
});

Deno.test("HttpServer cuts a client that has ended its side when the handler takes too long", async () => {
  const entered = gate();
  const aborted = gate();
  await using site = await only({ halfCloseMs: 1_000 }, (server) => {
    server.get("/", async ({ signal }) => {
      signal.addEventListener("abort", aborted.open);
      entered.open();
      await aborted.passed;
      return ok("never seen");
    });
  });
  using client = await open(site, get("/"));
  await entered.passed;
  await client.closeWrite();
  for (let n = 0; n < 30; n++) await turn();
  site.clock.advance(900);
  assertEquals(site.server.stats().connections, 1);
  site.clock.advance(200);
  await within("the signal", aborted.passed);
  assertEquals(await client.ends(), true);
  assertEquals(site.server.stats().activeRequests, 0);
});

Deno.test("HttpServer cancels an idle stream when the client has ended its side", async () => {
  const pulled = gate();
  const cancelled = gate();
  await using site = await only({ halfCloseMs: 1_000 }, (server) => {
    server.get("/", () =>
      new HttpResponse({
        body: new ReadableStream({
          pull() {
            pulled.open();
            return new Promise<void>(() => {});
          },
          cancel: cancelled.open,
        }),
      }));
  });
  using client = await open(site, get("/"));
  await pulled.passed;
  client.close();
  for (let n = 0; n < 30; n++) await turn();
  site.clock.advance(1_200);
  await within("the end of the source", cancelled.passed);
  await connections(site, 0);
});

Deno.test("HttpServer ends lingering when its time has passed", async () => {
  await using site = await only({ lingerMs: 2_000 });
  using client = await open(site, "bad\r\n\r\n");
  assertEquals((await client.read()).status, 400);
  assertEquals(await client.ends(), true);
  assertEquals(site.server.stats().connections, 1);
  site.clock.advance(1_900);
  assertEquals(site.server.stats().connections, 1);
  site.clock.advance(350);
  assertEquals(site.server.stats().connections, 0);
});

Deno.test("HttpServer waits without end when its time-outs are off", async () => {
  const entered = gate();
  const goOn = gate();
  await using site = await only({}, (server) => {
    defineHello(server);
    server.get("/wait", async () => {
      entered.open();
      await goOn.passed;
      return ok("waited");
    });
  });
  using silent = await open(site);
  using partial = await open(site, "GET / HT");
  using idle = await open(site, get("/"));
  await idle.read();
  using body = await open(
    site,
    postHead("/read", "Content-Length: 2\r\n") + "a",
  );
  using half = await open(site, get("/wait"));
  await entered.passed;
  await half.closeWrite();
  for (let n = 0; n < 30; n++) await turn();
  site.clock.advance(DAY_MS);
  assertEquals(site.server.stats().connections, 5);
  goOn.open();
  await body.send("b");
  await partial.send("TP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await silent.ask(get("/"))).status, 200);
  assertEquals((await partial.read()).status, 200);
  assertEquals((await idle.ask(get("/"))).status, 200);
  assertEquals((await body.read()).text, "ab");
  assertMatch((await half.read()).text, /waited/);
});
