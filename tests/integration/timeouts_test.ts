/** Time-outs of what a client sends, by a clock that the tests advance. */
import { assert, assertEquals } from "@std/assert";
import { HttpError, ok } from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import {
  connections,
  DAY_MS,
  only,
  open,
  tick,
} from "../support/timed_site.ts";
import { within } from "../support/within.ts";

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
  const pieces: string[] = [];
  await using site = await only({ bodyIdleMs: 1_000 }, (server) => {
    server.post("/", async (request) => {
      for await (const piece of request.body ?? []) {
        pieces.push(new TextDecoder().decode(piece));
      }
      return ok(pieces.join());
    });
  });
  using client = await open(site, postHead("/", "Content-Length: 9\r\n"));
  for (let n = 1; n <= 9; n++) {
    site.clock.advance(900);
    await client.send(`${n}`);
    while (pieces.length < n && site.server.stats().timeouts === 0) {
      await turn();
    }
    await turn();
  }
  assertEquals((await client.read()).text, "1,2,3,4,5,6,7,8,9");
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
