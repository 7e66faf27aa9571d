/** Contents that a function writes, over real sockets. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type BodyWriter,
  type RequestEnd,
  stream,
  text,
  type WriteBody,
} from "@x/httpserver";
import { compression } from "@x/httpserver/middleware/compression";
import { get } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";

const PIECE = new Uint8Array(64 * 1024).map((_, at) => at * 7);

function serve(write: WriteBody): Promise<Site> {
  return Site.start((server) => server.get("/", () => stream(write)));
}

function bodyOf(pieces: readonly Uint8Array[]): number[] {
  return pieces.flatMap((piece) => Array.from(piece));
}

Deno.test("stream() sends text and bytes in the order they are written", async () => {
  await using site = await serve(async (writer) => {
    await writer.write("\u00e4");
    await writer.write(new Uint8Array(0));
    await writer.write("");
    for (let at = 0; at < 20; at++) await writer.write(PIECE);
    await writer.write("end");
  });
  using client = await site.connect();
  for (let round = 0; round < 2; round++) {
    const { status, header, body, complete } = await client.ask(get("/"));
    assertEquals([status, complete], [200, true]);
    assertEquals(header("transfer-encoding"), "chunked");
    assertEquals(header("content-type"), null);
    assertEquals(body.length, 2 + 20 * PIECE.length + 3);
    for (let at = 0; at < 20; at++) {
      const from = 2 + at * PIECE.length;
      assertEquals(body.slice(from, from + PIECE.length), PIECE);
    }
    assertEquals(new TextDecoder().decode(body.slice(-3)), "end");
  }
});

Deno.test("stream() keeps the order of pieces that nobody awaits", async () => {
  const pieces = Array.from(
    { length: 40 },
    (_, at) => new Uint8Array(1 + at * 3000).fill(at),
  );
  await using site = await serve((writer) => {
    for (const piece of pieces) writer.write(piece);
  });
  using client = await site.connect();
  const { body, complete } = await client.ask(get("/"));
  assert(complete);
  assertEquals(body, Uint8Array.from(bodyOf(pieces)));
});

Deno.test("stream() takes status, fields and trailers", async () => {
  await using site = await Site.start((server) =>
    server.get("/", () =>
      stream((writer) => void writer.write("a"), {
        status: 203,
        headers: { "content-type": "text/plain" },
        trailers: () => ({ "x-sum": "7" }),
      }))
  );
  using client = await site.connect();
  const answer = await client.ask(get("/"));
  assertEquals([answer.status, answer.text], [203, "a"]);
  assertEquals(answer.header("content-type"), "text/plain");
  assertEquals(answer.trailers, [["x-sum", "7"]]);
});

Deno.test("stream() sends what is written before its function waits", async () => {
  const { passed, open } = gate();
  await using site = await serve(async (writer) => {
    writer.write("first");
    await passed;
    await writer.write("second");
  });
  using client = await site.connect();
  await client.send(get("/"));
  await client.takeUntil("\r\n\r\n");
  assertEquals(await client.takeUntil("first\r\n"), "5\r\nfirst\r\n");
  open();
  assertEquals(await client.takeUntil("0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
});

Deno.test("stream() sends its head when the function waits first", async () => {
  const { passed, open } = gate();
  await using site = await serve(async (writer) => {
    await passed;
    await writer.write("late");
  });
  using client = await site.connect();
  await client.send(get("/"));
  const head = await client.takeUntil("\r\n\r\n");
  assert(head?.startsWith("HTTP/1.1 200 OK\r\n"), `${head}`);
  open();
  assertEquals(await client.takeUntil("0\r\n\r\n"), "4\r\nlate\r\n0\r\n\r\n");
});

Deno.test("stream() resolves flush() once all is sent", async () => {
  const sent: number[] = [];
  await using site = await Site.start((server) =>
    server.get("/", () =>
      stream(async (writer) => {
        await writer.write("abc");
        await writer.flush();
        sent.push(server.stats().bytesSent);
      }))
  );
  using client = await site.connect();
  const { text: content } = await client.ask(get("/"));
  assertEquals(content, "abc");
  assert(sent[0] > 3, `${sent}`);
});

Deno.test("stream() invites the body of a request that its function reads", async () => {
  await using site = await Site.start((server) =>
    server.post("/", ({ body }) =>
      stream(async (writer) => {
        for await (const piece of body ?? []) await writer.write(piece);
      }))
  );
  using client = await site.connect();
  await client.send(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
  );
  assertEquals(
    await client.takeUntil("\r\n\r\n"),
    "HTTP/1.1 100 Continue\r\n\r\n",
  );
  await client.send("hello");
  const { status, text: content } = await client.read();
  assertEquals([status, content], [200, "hello"]);
});

Deno.test("stream() tells the end of its request how much was sent", async () => {
  const ends: RequestEnd[] = [];
  await using site = await Site.start((server) =>
    server.get("/", (request) => {
      request.onEnd((end) => ends.push(end));
      return stream(async (writer) => {
        for (let at = 0; at < 20; at++) await writer.write(PIECE);
        await writer.flush();
        await writer.write("end");
      });
    })
  );
  using client = await site.connect();
  await client.ask(get("/"));
  await client.ask(get("/none"));
  const bytes = 20 * PIECE.length + 3;
  assertEquals(ends, [
    { status: 200, bytes, isComplete: true, error: undefined },
  ]);
});

Deno.test("stream() answers 500 when its function fails before anything is sent", async () => {
  await using site = await serve(() => {
    throw new Error("broken");
  });
  using client = await site.connect();
  for (let round = 0; round < 2; round++) {
    const { status, complete } = await client.ask(get("/"));
    assertEquals([status, complete], [500, true]);
  }
  assertEquals(site.reports("error").length, 2);
});

Deno.test("stream() cuts the answer when its function fails later", async () => {
  await using site = await serve(async (writer) => {
    await writer.write("some");
    await writer.flush();
    throw new Error("broken");
  });
  using client = await site.connect();
  const { status, text: content, complete } = await client.ask(get("/"));
  assertEquals([status, content, complete], [200, "some", false]);
  assertEquals(site.reports("error"), ["an answer was cut"]);
});

Deno.test("stream() refuses what is no text or bytes", async () => {
  const { promise, resolve } = Promise.withResolvers<Error>();
  await using site = await serve((writer) => {
    // deno-lint-ignore no-explicit-any
    const wrong = { toString: () => "x" } as any;
    resolve(assertThrows(() => writer.write(wrong), TypeError));
  });
  using client = await site.connect();
  await client.ask(get("/"));
  assertEquals(
    (await promise).message.startsWith("Cannot write"),
    true,
  );
});

Deno.test("stream() refuses pieces behind the end", async () => {
  let kept: BodyWriter | null = null;
  await using site = await serve((writer) => {
    kept = writer;
    writer.write("a");
  });
  using client = await site.connect();
  assertEquals((await client.ask(get("/"))).text, "a");
  const late = async () => await kept?.write("b");
  await assertRejects(late, TypeError, "has ended");
  // Nobody awaits these: no rejection may escape.
  (kept as BodyWriter | null)?.write("c");
  (kept as BodyWriter | null)?.flush();
  assertEquals((await client.ask(get("/"))).text, "a");
});

for (const isEmpty of [true, false]) {
  const name = isEmpty ? "failed before its first piece" : "has ended";
  Deno.test(`stream() refuses a flush once its function ${name}`, async () => {
    let kept: BodyWriter | null = null;
    const { passed, open } = gate();
    await using site = await Site.start((server) => {
      server.get("/", () =>
        stream((writer) => {
          kept = writer;
          if (isEmpty) throw new Error("broken");
          writer.write("a");
        }));
      server.get("/next", async () => {
        await passed;
        return text("next");
      });
    });
    using client = await site.connect();
    const first = await client.ask(get("/"));
    assertEquals(first.status, isEmpty ? 500 : 200);
    await client.send(get("/next"));
    await turn();
    const late = async () => await (kept as BodyWriter | null)?.flush();
    await assertRejects(late, TypeError, "has ended");
    open();
    const { status, text: content } = await client.read();
    assertEquals([status, content], [200, "next"]);
  });
}

for (const size of [1, 3_000_000, 9_000_000]) {
  Deno.test(`stream() sends a late piece of ${size} bytes before its function waits`, async () => {
    const { passed, open } = gate();
    await using site = await serve(async (writer) => {
      // Longer than what is taken for computing.
      await new Promise((resolve) => setTimeout(resolve, 10));
      await writer.write(new Uint8Array(size).fill(0x61));
      await passed;
    });
    using client = await site.connect();
    await client.send(get("/"));
    await client.takeUntil("\r\n\r\n");
    for (let left = size; left > 0;) {
      const count = parseInt(await client.takeUntil("\r\n") ?? "", 16);
      await client.take(count + 2);
      left -= count;
    }
    open();
    assertEquals(await client.takeUntil("\r\n\r\n"), "0\r\n\r\n");
  });
}

Deno.test("stream() sends what was written while its trailers take their time", async () => {
  const { passed, open } = gate();
  await using site = await Site.start((server) =>
    server.get("/", () =>
      stream((writer) => void writer.write("a"), {
        trailers: () => passed.then(() => ({ "x-sum": "7" })),
      }))
  );
  using client = await site.connect();
  await client.send(get("/"));
  await client.takeUntil("\r\n\r\n");
  assertEquals(await client.takeUntil("a\r\n"), "1\r\na\r\n");
  open();
  assertEquals(
    await client.takeUntil("\r\n\r\n"),
    "0\r\nx-sum: 7\r\n\r\n",
  );
});

Deno.test("stream() holds its function while the client reads nothing", async () => {
  let written = 0;
  const { passed: ended, open } = gate();
  await using site = await serve(async (writer) => {
    try {
      for (;;) {
        await writer.write(PIECE);
        written += PIECE.length;
      }
    } finally {
      open();
    }
  });
  const client = await site.connect();
  await client.send(get("/"));
  for (let seen = -1; seen !== written || written === 0;) {
    seen = written;
    for (let at = 0; at < 20; at++) await turn();
  }
  assert(written < 64 * 1024 * 1024, `${written}`);
  client.close();
  await ended;
});

Deno.test("stream() has a write rejected when the client has gone", async () => {
  const { passed: begun, open: begin } = gate();
  const { passed: left, open: leave } = gate();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  await using site = await Site.start((server) =>
    server.get("/", (request) =>
      stream(async (writer) => {
        request.signal.addEventListener("abort", leave);
        await writer.write("a");
        begin();
        await left;
        resolve(await assertRejects(async () => await writer.write("b")));
      }))
  );
  const client = await site.connect();
  await client.send(get("/"));
  await begun;
  client.close();
  const reason = await site.advanceUntil(promise);
  assert(reason instanceof Error, `${reason}`);
});

Deno.test("stream() survives a timer that writes to a client that has gone", async () => {
  const { passed: begun, open: begin } = gate();
  const { passed: left, open: leave } = gate();
  const { passed: done, open: end } = gate();
  await using site = await Site.start((server) =>
    server.get("/", (request) =>
      stream(async (writer) => {
        request.signal.addEventListener("abort", leave);
        await writer.write("a");
        begin();
        await left;
        setTimeout(() => {
          writer.write("b");
          writer.write("c");
          end();
        }, 0);
        await done;
      }))
  );
  const client = await site.connect();
  await client.send(get("/"));
  await begun;
  client.close();
  await site.advanceUntil(done);
  using next = await site.connect();
  assertEquals((await next.ask(get("/none"))).status, 404);
});

Deno.test("stream() gives others a turn while its function only computes", async () => {
  let isAnswered = false;
  await using site = await Site.start((server) => {
    server.get("/", () =>
      stream(async (writer) => {
        for (let at = 0; !isAnswered && at < 4000; at++) {
          const until = performance.now() + 1;
          while (performance.now() < until);
          await writer.write("x");
        }
        await writer.write(`${isAnswered}`);
      }));
    server.get("/other", () => {
      isAnswered = true;
      return text("other");
    });
  });
  using one = await site.connect();
  using other = await site.connect();
  await one.send(get("/"));
  await one.takeUntil("\r\n\r\n");
  assertEquals((await other.ask(get("/other"))).text, "other");
  assert((await one.takeUntil("0\r\n\r\n"))?.includes("true"));
});

Deno.test("stream() calls no function for HEAD", async () => {
  let calls = 0;
  await using site = await serve((writer) => {
    calls++;
    writer.write("a");
  });
  using client = await site.connect();
  const head = await client.ask(get("/").replace("GET", "HEAD"), "HEAD");
  assertEquals([head.status, calls], [200, 0]);
  assertEquals((await client.ask(get("/"))).text, "a");
  assertEquals(calls, 1);
});

Deno.test("stream() needs no chunks for HTTP/1.0 or a declared length", async () => {
  await using site = await Site.start((server) => {
    const write: WriteBody = async (writer) => {
      for (let at = 0; at < 4; at++) await writer.write(PIECE);
    };
    server.get("/", () => stream(write));
    const headers = { "content-length": `${4 * PIECE.length}` };
    server.get("/known", () => stream(write, { headers }));
  });
  const expected = Uint8Array.from(bodyOf(Array(4).fill(PIECE)));
  using client = await site.connect();
  const known = await client.ask(get("/known"));
  assertEquals([known.chunks, known.complete], [null, true]);
  assertEquals(known.body, expected);
  const old = await client.ask(get("/", "", "1.0"));
  assertEquals(old.header("transfer-encoding"), null);
  assertEquals(old.body, expected);
});

Deno.test("stream() is compressed as it comes", async () => {
  const { passed, open } = gate();
  await using site = await Site.start((server) =>
    server.use(compression()).get("/", () =>
      stream(async (writer) => {
        await writer.write("data: 1\n\n");
        await passed;
        await writer.write("data: 2\n\n");
      }, { headers: { "content-type": "text/event-stream" } }))
  );
  const url = `http://127.0.0.1:${site.port}/`;
  const response = await fetch(url, { headers: { "accept-encoding": "gzip" } });
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let content = "";
  while (!content.includes("1\n\n")) content += (await reader.read()).value;
  open();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    content += value;
  }
  assertEquals(content, "data: 1\n\ndata: 2\n\n");
});

Deno.test("stream() hears of a reader that gives up", async () => {
  const { passed: ended, open } = gate();
  const { passed: waits, open: goOn } = gate();
  const outcomes: string[] = [];
  const response = stream(async (writer) => {
    await writer.write("a");
    await waits;
    for (let at = 0; at < 3; at++) {
      try {
        await writer.write("b");
        outcomes.push("written");
      } catch (error) {
        outcomes.push((error as Error).name);
      }
    }
    open();
  }).toWeb();
  const reader = response.body!.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "a");
  const next = reader.read();
  await reader.cancel();
  assertEquals((await next).done, true);
  goOn();
  await ended;
  assertEquals(outcomes, ["AbortError", "AbortError", "AbortError"]);
});

Deno.test("stream() fails for its reader as its function does", async () => {
  const response = stream(async (writer) => {
    await writer.write("a");
    throw new RangeError("broken");
  });
  await assertRejects(() => response.text(), RangeError, "broken");
});

Deno.test("stream() refuses what is no function", () => {
  // deno-lint-ignore no-explicit-any
  const wrong = "text" as any;
  assertThrows(() => stream(wrong), TypeError, 'Cannot stream "text"');
  assertThrows(
    // deno-lint-ignore no-explicit-any
    () => stream(() => {}, { stauts: 200 } as any),
    TypeError,
    "stauts",
  );
});
