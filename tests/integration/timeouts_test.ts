/** Time-outs, by a clock that the tests advance. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  HttpError,
  HttpResponse,
  type HttpServer,
  ok,
  type ServerTimeouts,
} from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import type { RawClient } from "../support/raw_client.ts";
import { gate, Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

const OFF = {
  headersMs: 0,
  bodyIdleMs: 0,
  writeIdleMs: 0,
  keepAliveMs: 0,
  halfCloseMs: 0,
  lingerMs: 0,
};
const DAY_MS = 86_400_000;

/** A server of which only the given time-outs are on. */
function only(
  timeouts: Partial<ServerTimeouts>,
  define: (server: HttpServer) => unknown = defineHello,
): Promise<Site> {
  return Site.start(define, { timeouts: { ...OFF, ...timeouts } });
}

function defineHello(server: HttpServer): void {
  server.get("/", () => ok("hello"));
  server.post("/read", async (request) => ok(await request.text()));
}

// Waits until the server has as many connections, and has gone on to read.
async function connections(site: Site, count: number): Promise<void> {
  const until = performance.now() + 5_000;
  while (site.server.stats().connections !== count) {
    if (performance.now() > until) {
      throw new Error(`There are ${site.server.stats().connections}`);
    }
    await turn();
  }
}

// A connection that the server knows and has taken these bytes from.
async function open(site: Site, text = ""): Promise<RawClient> {
  const count = site.server.stats().connections + 1;
  const client = await site.connect();
  await connections(site, count);
  if (text !== "") await client.send(text);
  for (let n = 0; n < 30; n++) await turn();
  return client;
}

// The tick of a server with this time-out.
function tick(ms: number): number {
  return Math.min(250, Math.max(5, Math.floor(ms / 10)));
}

for (const headersMs of [15_000, 1_000, 20]) {
  Deno.test(`HttpServer closes a silent connection when ${headersMs} ms have passed`, async () => {
    await using site = await only({ headersMs });
    using client = await open(site);
    site.clock.advance(headersMs - 1);
    assertEquals(site.server.stats().connections, 1);
    site.clock.advance(1 + tick(headersMs));
    assertEquals(site.server.stats().connections, 0);
    assertEquals(await client.ends(), true);
  });
}

for (
  const [name, part] of [
    ["a part of a head", "GET / HTTP/1.1\r\nHos"],
    ["one byte", "G"],
    ["CRLF ahead of a head", "\r\n"],
  ] as const
) {
  Deno.test(`HttpServer answers 408 and closes when ${name} is all that comes`, async () => {
    await using site = await only({ headersMs: 1_000, lingerMs: 2_000 });
    using client = await open(site, part);
    site.clock.advance(999);
    assertEquals(site.server.stats().timeouts, 0);
    site.clock.advance(1 + tick(1_000));
    const answer = await client.read();
    assertEquals([answer.status, answer.header("connection")], [408, "close"]);
    assertEquals(await client.ends(), true);
    assertEquals(site.server.stats().timeouts, 1);
    // What still comes is not answered.
    await client.send(" / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.close();
    await connections(site, 0);
    assertEquals(site.server.stats().totalRequests, 0);
  });
}

Deno.test("HttpServer moves the deadline of a head by no byte of it", async () => {
  await using site = await only({ headersMs: 1_000 });
  using client = await open(site);
  let sent = 0;
  for (const byte of get("/", `X: ${"y".repeat(400)}\r\n`)) {
    if (site.server.stats().timeouts > 0) break;
    await client.send(byte);
    for (let n = 0; n < 3; n++) await turn();
    site.clock.advance(50);
    sent++;
  }
  assertEquals((await client.read()).status, 408);
  assert(sent >= 20 && sent <= 22, `${sent}`);
});

Deno.test("HttpServer counts a second head from its own first byte", async () => {
  await using site = await only({ headersMs: 1_000, keepAliveMs: 60_000 });
  using client = await open(site, get("/"));
  await client.read();
  site.clock.advance(30_000);
  await client.send("GET / HTTP/1.1\r\n");
  for (let n = 0; n < 30; n++) await turn();
  site.clock.advance(999);
  assertEquals(site.server.stats().timeouts, 0);
  site.clock.advance(101);
  assertEquals((await client.read()).status, 408);
});

Deno.test("HttpServer counts a head that comes behind an answer from then on", async () => {
  await using site = await only({ headersMs: 1_000, keepAliveMs: 60_000 });
  using client = await open(site, get("/") + "GET / HT");
  await client.read();
  site.clock.advance(999);
  assertEquals(site.server.stats().timeouts, 0);
  site.clock.advance(101);
  assertEquals((await client.read()).status, 408);
});

Deno.test("HttpServer closes an idle connection when the keep-alive time has passed", async () => {
  await using site = await only({ keepAliveMs: 65_000 });
  using client = await open(site);
  for (let n = 0; n < 3; n++) {
    await client.ask(get("/"));
    await turn();
    site.clock.advance(64_000);
    assertEquals(site.server.stats().connections, 1);
  }
  site.clock.advance(1_500);
  assertEquals(site.server.stats().connections, 0);
  assertEquals(await client.ends(), true);
  assertEquals(site.server.stats().timeouts, 0);
});

for (
  const [kind, head, part] of [
    ["declared", "Content-Length: 9\r\n", "part"],
    ["chunked", "Transfer-Encoding: chunked\r\n", "9\r\npart"],
    ["chunked, within a chunk line", "Transfer-Encoding: chunked\r\n", "9;a"],
    ["invited", "Expect: 100-continue\r\nContent-Length: 9\r\n", ""],
  ] as const
) {
  Deno.test(`HttpServer answers 408 when the rest of a body does not come, ${kind}`, async () => {
    const aborted = Promise.withResolvers<unknown>();
    const failed = Promise.withResolvers<unknown>();
    await using site = await only(
      { bodyIdleMs: 1_000, lingerMs: 2_000 },
      (server) =>
        server.post("/", async (request) => {
          const { signal } = request;
          signal.addEventListener(
            "abort",
            () => aborted.resolve(signal.reason),
          );
          try {
            return ok(await request.text());
          } catch (error) {
            failed.resolve(error);
            throw error;
          }
        }),
    );
    using client = await open(site, postHead("/", head) + part);
    if (part === "") assertEquals((await client.read()).status, 100);
    site.clock.advance(999);
    assertEquals(site.server.stats().timeouts, 0);
    site.clock.advance(1 + tick(1_000));
    assert(await within("the signal", aborted.promise) instanceof Error);
    const answer = await client.read();
    assertEquals([answer.status, answer.header("connection")], [408, "close"]);
    assertEquals(site.server.stats().timeouts, 1);
    // The read of the body ends at the latest with the lingering.
    site.clock.advance(2_500);
    assert(await within("the failure", failed.promise) instanceof Error);
    await connections(site, 0);
    assertEquals(site.reports("error"), []);
  });
}

Deno.test("HttpRequest rejects its body with the 408 when the rest does not come", async () => {
  const failed = Promise.withResolvers<unknown>();
  await using site = await only(
    { bodyIdleMs: 1_000, lingerMs: 2_000 },
    (server) =>
      server.post("/", async (request) => {
        const error = await request.text().catch((error) => error);
        failed.resolve(error);
        return ok("");
      }),
  );
  using client = await open(site, postHead("/", "Content-Length: 9\r\n") + "a");
  site.clock.advance(1_100);
  assertEquals((await client.read()).status, 408);
  // The handler must not have to wait for the client to go.
  const error = await within("the failure", failed.promise);
  assert(error instanceof HttpError);
  assertEquals(error.status, 408);
});

Deno.test("HttpServer waits for each piece of a body anew", async () => {
  await using site = await only({ bodyIdleMs: 1_000 });
  using client = await open(site, postHead("/read", "Content-Length: 9\r\n"));
  for (let n = 0; n < 9; n++) {
    site.clock.advance(900);
    await client.send("x");
    for (let i = 0; i < 10; i++) await turn();
  }
  assertEquals((await client.read()).text, "x".repeat(9));
  assertEquals(site.server.stats().timeouts, 0);
});

Deno.test("HttpServer gives a handler all the time it takes", async () => {
  const goOn = gate();
  await using site = await Site.start((server) => {
    server.get("/", async () => {
      await goOn.passed;
      return ok("late");
    });
    server.post("/", async (request) => {
      await request.text();
      await goOn.passed;
      return ok("late");
    });
  });
  using first = await open(site, get("/"));
  using second = await open(site, post("/", "body"));
  site.clock.advance(DAY_MS);
  goOn.open();
  assertEquals((await first.read()).text, "late");
  assertEquals((await second.read()).text, "late");
});

Deno.test("HttpServer closes when the rest of an unread body does not come", async () => {
  await using site = await only({ bodyIdleMs: 1_000 }, (server) => {
    server.post("/", () => ok("answer"));
  });
  using client = await open(site, postHead("/", "Content-Length: 9\r\n") + "a");
  assertEquals((await client.read()).text, "answer");
  site.clock.advance(1_100);
  assertEquals((await client.takeAll()).length, 0);
  await connections(site, 0);
});

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
