/** Clients that leave, wait, read slowly, or close half of a connection. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import {
  FileBody,
  HttpResponse,
  type HttpServer,
  ok,
  type ReadableFile,
} from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import { ResettingClient } from "../support/raw_client.ts";
import { gate, Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

const PIECE = new Uint8Array(16 * 1024);
const MIB = 1024 * 1024;

/** A stream without an end, and what became of it. */
class Endless {
  pulls = 0;
  readonly cancelled: Promise<unknown>;
  readonly #cancel: (reason: unknown) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.cancelled = promise;
    this.#cancel = resolve;
  }

  stream(piece: Uint8Array | null): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: (controller) => {
        this.pulls++;
        // Without a piece the stream waits for ever.
        if (piece === null) return new Promise<void>(() => {});
        return controller.enqueue(piece);
      },
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
  }

  async *iterate(piece: Uint8Array) {
    try {
      for (;;) {
        this.pulls++;
        yield await Promise.resolve(piece);
      }
    } finally {
      this.#cancel(undefined);
    }
  }
}

// Resolves once `count` has not changed for some turns of the event loop.
async function settled(count: () => number): Promise<number> {
  for (let quiet = 0, last = -1; quiet < 200; quiet++) {
    if (count() !== last) quiet = 0;
    last = count();
    await turn();
  }
  return count();
}

for (const kind of ["stream", "iterable"] as const) {
  Deno.test(`HttpServer pulls a ${kind} only as far as the client takes it`, async () => {
    const source = new Endless();
    await using site = await Site.start((server) => {
      server.get("/", () =>
        new HttpResponse({
          body: kind === "stream"
            ? source.stream(PIECE)
            : source.iterate(PIECE),
        }));
    });
    using client = await site.connect();
    await client.send(get("/"));
    const first = await settled(() => source.pulls);
    assertLess(first * PIECE.length, 16 * MIB);
    await client.take(first * PIECE.length);
    const second = await settled(() => source.pulls);
    assert(second > first);
    assertLess((second - first) * PIECE.length, 32 * MIB);
    client.close();
    await within("the end of the source", source.cancelled);
  });
}

interface LeaveCase {
  readonly name: string;
  readonly isLate: boolean;
  readonly piece: Uint8Array | null;
}

const LEAVES: readonly LeaveCase[] = [
  { name: "a synchronous handler's busy stream", isLate: false, piece: PIECE },
  { name: "an asynchronous handler's busy stream", isLate: true, piece: PIECE },
  { name: "a synchronous handler's idle stream", isLate: false, piece: null },
  { name: "an asynchronous handler's idle stream", isLate: true, piece: null },
];

for (const { name, isLate, piece } of LEAVES) {
  Deno.test(`HttpServer cancels ${name} when the client resets`, async () => {
    const source = new Endless();
    const answered = gate();
    const aborted = gate();
    const answer = (request: { signal: AbortSignal }) => {
      request.signal.addEventListener("abort", aborted.open);
      answered.open();
      return new HttpResponse({ body: source.stream(piece) });
    };
    await using site = await Site.start((server) => {
      if (!isLate) server.get("/", answer);
      else {
        server.get("/", async (request) => {
          await Promise.resolve();
          return answer(request);
        });
      }
    });
    using client = await ResettingClient.send(site.port, get("/"));
    await answered.passed;
    await settled(() => source.pulls);
    await client.reset();
    await within("the signal", aborted.passed);
    await within("the end of the source", source.cancelled);
    await settled(() => site.server.stats().connections);
    assertEquals(site.server.stats().connections, 0);
    assertEquals(site.server.stats().activeRequests, 0);
    assertEquals(site.reports("error"), []);
  });
}

Deno.test("HttpServer closes the file of an answer when the client resets", async () => {
  const closed = gate();
  const file: ReadableFile = {
    read: (into) => Promise.resolve(into.length),
    close: closed.open,
  };
  await using site = await Site.start((server) => {
    server.get("/", () => new HttpResponse({ body: new FileBody(file, 1e12) }));
  });
  using client = await ResettingClient.send(site.port, get("/"));
  await settled(() => site.server.stats().activeRequests);
  await client.reset();
  await within("the file to be closed", closed.passed);
});

Deno.test("HttpServer aborts request.signal when the client resets while a handler runs", async () => {
  const entered = gate();
  const aborted = Promise.withResolvers<unknown>();
  await using site = await Site.start((server) => {
    server.get("/", async ({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      entered.open();
      await new Promise(() => {});
      return ok("never");
    });
  });
  using client = await ResettingClient.send(site.port, get("/"));
  await entered.passed;
  await client.reset();
  await within("the signal", aborted.promise);
  assertEquals(site.server.stats().activeRequests, 0);
  assertEquals(site.reports("error"), []);
});

for (
  const [name, length, ahead] of [
    ["behind a small body", 10, 10],
    ["behind a body that has come before it was read", 200_000, 200_000],
    ["behind a body that came as it was read", 200_000, 0],
  ] as const
) {
  Deno.test(`HttpServer aborts request.signal ${name} when the client resets`, async () => {
    const start = gate();
    const read = gate();
    const aborted = gate();
    await using site = await Site.start((server) => {
      server.post("/", async (request) => {
        await start.passed;
        await request.bytes();
        request.signal.addEventListener("abort", aborted.open);
        read.open();
        await aborted.passed;
        return ok("late");
      });
    });
    if (ahead === 0) start.open();
    const body = "x".repeat(length);
    using client = await ResettingClient.send(site.port, post("/", body));
    for (let n = 0; n < 50; n++) await turn();
    start.open();
    await read.passed;
    await client.reset();
    await within("the signal", aborted.passed);
  });
}

Deno.test("HttpRequest rejects the read of its body when the client resets", async () => {
  const reading = gate();
  const failed = Promise.withResolvers<unknown>();
  await using site = await Site.start((server) => {
    server.post("/", async (request) => {
      const text = request.text();
      reading.open();
      text.catch(failed.resolve);
      return ok(await text);
    });
  });
  const head = postHead("/", "Content-Length: 9\r\n");
  using client = await ResettingClient.send(site.port, head + "part");
  await reading.passed;
  await client.reset();
  assert(await within("the failure", failed.promise) instanceof Error);
  assertEquals(site.reports("error"), []);
});

Deno.test("HttpServer answers a client that has ended its side when the handler takes its time", async () => {
  const entered = gate();
  const goOn = gate();
  let aborted = false;
  await using site = await Site.start((server) => {
    server.get("/", async ({ signal }) => {
      signal.addEventListener("abort", () => aborted = true);
      entered.open();
      await goOn.passed;
      return ok("answer");
    });
  });
  using client = await site.connect();
  await client.send(get("/"));
  await entered.passed;
  await client.closeWrite();
  for (let n = 0; n < 20; n++) await turn();
  site.clock.advance(750);
  goOn.open();
  assertEquals((await client.read()).text, "answer");
  assertEquals(await client.ends(), true);
  assertEquals(aborted, false);
});

Deno.test("HttpServer sends a large answer whole when the client has ended its side", async () => {
  await using site = await Site.start((server) => {
    const piece = new Uint8Array(MIB);
    async function* body() {
      for (let n = 0; n < 20; n++) yield await Promise.resolve(piece);
    }
    server.get("/", async () => {
      await Promise.resolve();
      return new HttpResponse({ body: body() });
    });
  });
  using client = await site.connect();
  await client.send(get("/"));
  await client.closeWrite();
  const answer = await client.read();
  assertEquals([answer.body.length, answer.complete], [20 * MIB, true]);
});

for (
  const [name, define] of [
    ["throws", (server: HttpServer) =>
      server.get("/", () => {
        throw new Error("secret");
      })],
    [
      "rejects",
      (server: HttpServer) =>
        server.get("/", () => Promise.reject(new Error("secret"))),
    ],
    ["throws no error", (server: HttpServer) =>
      server.get("/", () => {
        throw "secret";
      })],
    [
      "returns nothing",
      (server: HttpServer) =>
        server.get("/", (() => {}) as unknown as () => HttpResponse),
    ],
    [
      "resolves with nothing",
      (server: HttpServer) =>
        server.get("/", (async () => {}) as unknown as () => HttpResponse),
    ],
  ] as const
) {
  Deno.test(`HttpServer answers 500 and lives when a handler ${name}`, async () => {
    await using site = await Site.start((server) => void define(server));
    using client = await site.connect();
    for (let n = 0; n < 2; n++) {
      const answer = await client.ask(get("/"));
      assertEquals(answer.status, 500);
      assert(!answer.text.includes("secret"));
    }
    const [report] = site.logs;
    assertEquals([report.level, report.method, report.target], [
      "error",
      "GET",
      "/",
    ]);
    assertMatch(report.peer ?? "", /^127\.0\.0\.1:\d+$/);
    assert(report.error !== undefined && report.requestId !== undefined);
  });
}

for (const declared of [true, false]) {
  const how = declared ? "a declared length" : "chunks";
  Deno.test(`HttpServer leaves an answer in ${how} incomplete when its stream fails half-way`, async () => {
    async function* body() {
      yield await Promise.resolve(new Uint8Array(1000));
      throw new Error("the source broke");
    }
    await using site = await Site.start((server) => {
      const headers: Record<string, string> = declared
        ? { "content-length": "2000" }
        : {};
      server.get("/", () => new HttpResponse({ headers, body: body() }));
      server.get("/end", () => ok("end"));
    });
    using client = await site.connect();
    await client.send(get("/") + get("/end"));
    const answer = await client.read();
    assertEquals([answer.body.length, answer.complete], [1000, false]);
    assertEquals(site.reports("error"), ["an answer was cut"]);
    using second = await site.connect();
    assertEquals((await second.ask(get("/end"))).text, "end");
  });
}

Deno.test("HttpServer lives when its log function throws", async () => {
  const log = () => {
    throw new Error("the log broke");
  };
  await using site = await Site.start((server) => {
    server.get("/", () => ok("fine"));
    server.get("/fault", () => {
      throw new Error("a fault");
    });
  }, { log });
  using first = await site.connect();
  await first.send("bad\r\n\r\n");
  await first.takeAll();
  using second = await site.connect();
  assertEquals((await second.ask(get("/fault"))).status, 500);
  using third = await site.connect();
  assertEquals((await third.ask(get("/"))).text, "fine");
});
