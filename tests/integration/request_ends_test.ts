/** `request.onEnd()` tells what was sent, and of every request once. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  FileBody,
  HttpResponse,
  HttpServer,
  type HttpServerOptions,
  type LogRecord,
  type RequestEnd,
} from "@x/httpserver";
import { ResettingClient } from "../support/raw_client.ts";
import { get, postHead } from "../support/requests.ts";
import { gate, Site } from "../support/site.ts";
import { within } from "../support/within.ts";

type Told = [path: string, end: RequestEnd];

/** What was told, and a promise of the next so many. */
class Ends {
  readonly all: Told[] = [];
  #expected = 0;
  #reached = Promise.withResolvers<void>();

  watch(server: HttpServer): void {
    server.use((request, next) => {
      request.onEnd((end) => {
        this.all.push([request.path, end]);
        if (this.all.length === this.#expected) this.#reached.resolve();
      });
      return next();
    });
  }

  async until(count: number): Promise<Told[]> {
    this.#expected = count;
    this.#reached = Promise.withResolvers();
    if (this.all.length >= count) this.#reached.resolve();
    await within(`the end of ${count} requests`, this.#reached.promise);
    return this.all;
  }
}

async function start(
  define: (server: HttpServer) => unknown,
  options?: HttpServerOptions,
): Promise<{ site: Site; ends: Ends }> {
  const ends = new Ends();
  const site = await Site.start((server) => {
    ends.watch(server);
    define(server);
  }, options);
  return { site, ends };
}

const encoder = new TextEncoder();
const MIB = 1024 * 1024;

async function* pieces(...texts: string[]) {
  for (const text of texts) {
    // As of a source outside.
    await new Promise((resolve) => setTimeout(resolve, 0));
    yield encoder.encode(text);
  }
}

function fileOf(text: string): FileBody {
  let left = encoder.encode(text);
  const file = {
    read(into: Uint8Array) {
      const count = Math.min(into.length, left.length);
      into.set(left.subarray(0, count));
      left = left.subarray(count);
      return Promise.resolve(count);
    },
    close: () => {},
  };
  return new FileBody(file, text.length);
}

const ANSWERS: Record<string, [make: () => HttpResponse, bytes: number]> = {
  "/text": [() => new HttpResponse({ body: "hello" }), 5],
  "/utf8": [() => new HttpResponse({ body: "größe" }), 7],
  "/bytes": [() => new HttpResponse({ body: new Uint8Array(9) }), 9],
  "/none": [() => new HttpResponse(), 0],
  "/204": [() => new HttpResponse({ status: 204 }), 0],
  "/205": [() => new HttpResponse({ status: 205, body: "not sent" }), 0],
  "/304": [() => new HttpResponse({ status: 304 }), 0],
  "/large": [() => new HttpResponse({ body: new Uint8Array(MIB) }), MIB],
  "/long": [() => new HttpResponse({ body: "x".repeat(MIB) }), MIB],
  "/stream": [() => new HttpResponse({ body: pieces("ab", "cde") }), 5],
  "/one": [() => new HttpResponse({ body: pieces("abc") }), 3],
  "/empty": [() => new HttpResponse({ body: pieces() }), 0],
  "/declared": [
    () =>
      new HttpResponse({
        body: pieces("ab", "cde"),
        headers: { "content-length": "5" },
      }),
    5,
  ],
  "/file": [() => new HttpResponse({ body: fileOf("content") }), 7],
  "/trailers": [
    () => new HttpResponse({ body: "abc", trailers: { "x-end": "1" } }),
    3,
  ],
};

function addAnswers(server: HttpServer): void {
  for (const [path, [make]] of Object.entries(ANSWERS)) {
    server.get(path, () => make());
    server.get(`/later${path}`, async () => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return make();
    });
  }
}

function complete(path: string, bytes: number): Told {
  const status = Number(/\d{3}$/.exec(path) ?? 200);
  return [path, { status, bytes, isComplete: true, error: undefined }];
}

Deno.test("HttpRequest onEnd() counts the content of every kind of answer", async () => {
  const { site, ends } = await start(addAnswers);
  await using _ = site;
  using client = await site.connect();
  const expected: Told[] = [];
  for (const [path, [, bytes]] of Object.entries(ANSWERS)) {
    for (const target of [path, `/later${path}`]) {
      await client.ask(get(target));
      expected.push(complete(target, bytes));
    }
  }
  assertEquals(await ends.until(expected.length), expected);
});

Deno.test("HttpRequest onEnd() counts no content for HEAD, and no chunks for HTTP/1.0", async () => {
  const { site, ends } = await start(addAnswers);
  await using _ = site;
  for (const path of ["/text", "/stream", "/large", "/file"]) {
    await site.exchange(get(path).replace("GET", "HEAD"));
    await site.exchange(get(path, "", "1.0"));
  }
  const told = await ends.until(8);
  const bytes = told.map(([, end]) => end.bytes);
  assertEquals(bytes, [0, 5, 0, 5, 0, MIB, 0, 7]);
  assert(told.every(([, end]) => end.isComplete));
});

Deno.test("HttpRequest onEnd() tells of each request of a pipeline, in order", async () => {
  const { site, ends } = await start(addAnswers);
  await using _ = site;
  using client = await site.connect();
  const paths = Array.from(
    { length: 200 },
    (_, at) =>
      at % 7 === 0 ? "/later/stream" : at % 3 === 0 ? "/large" : "/text",
  );
  await client.send(paths.slice(0, 50).map((path) => get(path)).join(""));
  for (let at = 0; at < 50; at++) await client.read();
  const told = await ends.until(50);
  assertEquals(told.map(([path]) => path), paths.slice(0, 50));
  assert(told.every(([, end]) => end.isComplete && end.status === 200));
});

Deno.test("HttpRequest onEnd() tells of answers before a handler that hangs", async () => {
  const { site, ends } = await start((server) => {
    addAnswers(server);
    server.get("/hang", () => new Promise<HttpResponse>(() => {}));
  });
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/text") + get("/hang"));
  await client.read();
  assertEquals(await ends.until(1), [complete("/text", 5)]);
});

Deno.test("HttpRequest onEnd() tells what a client that left had been sent", async () => {
  const started = gate();
  const { site, ends } = await start((server) => {
    server.get("/endless", () =>
      new HttpResponse({
        body: new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(new Uint8Array(64 * 1024));
          },
        }, { highWaterMark: 0 }),
      }));
    server.get(
      "/large",
      () => new HttpResponse({ body: new Uint8Array(64 * MIB) }),
    );
    server.get("/hang", () => {
      started.open();
      return new Promise<HttpResponse>(() => {});
    });
  });
  await using _ = site;
  for (const path of ["/endless", "/large"]) {
    const client = await site.connect();
    await client.send(get(path));
    await client.take(100_000);
    client.close();
  }
  const leaving = await ResettingClient.send(site.port, get("/hang"));
  await started.passed;
  await leaving.reset();
  const told = await ends.until(3);
  for (const [path, { status, bytes, isComplete }] of told) {
    assert(!isComplete, path);
    if (path === "/hang") {
      assertEquals([status, bytes], [null, 0]);
      continue;
    }
    assertEquals(status, 200);
    assertGreater(bytes ?? 0, 90_000);
    assert((bytes ?? 0) < 64 * MIB, path);
  }
});

Deno.test("HttpRequest onEnd() tells of a content that broke", async () => {
  const bug = new Error("broken content");
  async function* breaking(...texts: string[]) {
    yield* pieces(...texts);
    throw bug;
  }
  const { site, ends } = await start((server) => {
    server.get("/early", () => new HttpResponse({ body: breaking() }));
    server.get("/late", () => new HttpResponse({ body: breaking("ab", "cd") }));
  });
  await using _ = site;
  await site.exchange(get("/early"));
  await site.exchange(get("/late"));
  const [[, early], [, late]] = await ends.until(2);
  assertEquals([early.isComplete, early.error], [early.status === 500, bug]);
  assertEquals([late.status, late.isComplete], [200, false]);
  assertEquals([late.bytes, late.error], [4, bug]);
});

Deno.test("HttpRequest onEnd() tells the status that took a handler's place", async () => {
  const { site, ends } = await start((server) => {
    server.get("/slow", () => new Promise<HttpResponse>(() => {}));
    server.post("/body", async (request) => {
      await request.bytes();
      return new HttpResponse();
    });
  }, { timeouts: { handlerMs: 1_000, bodyIdleMs: 500 } });
  await using _ = site;
  using slow = await site.connect();
  await slow.send(get("/slow"));
  const answer = await site.advanceUntil(slow.read());
  assertEquals(answer.status, 503);
  using body = await site.connect();
  await body.send(postHead("/body", "Content-Length: 5\r\n"));
  assertEquals((await site.advanceUntil(body.read())).status, 408);
  const told = await ends.until(2);
  assertEquals(
    told.map(([path, { status, isComplete }]) => [path, status, isComplete]),
    [["/slow", 503, true], ["/body", 408, true]],
  );
  assertGreater(told[0][1].bytes ?? 0, 0);
});

Deno.test("HttpRequest onEnd() tells of requests that a shutdown cuts", async () => {
  const started = gate();
  const { site, ends } = await start((server) => {
    server.get("/hang", () => {
      started.open();
      return new Promise<HttpResponse>(() => {});
    });
  });
  await using _ = site;
  using client = await site.connect();
  await client.send(get("/hang"));
  await started.passed;
  await site.server.shutdown({ graceMs: 0 });
  const end = { status: null, bytes: 0, isComplete: false, error: undefined };
  assertEquals(ends.all, [["/hang", end]]);
});

Deno.test("HttpRequest onEnd() calls every listener, and reports one that throws", async () => {
  const calls: string[] = [];
  await using site = await Site.start((server) => {
    server.get("/", (request) => {
      request.onEnd(() => calls.push("first"));
      request.onEnd(() => calls.push("second"));
      return new HttpResponse();
    });
    server.get("/bug", (request) => {
      request.onEnd(() => {
        throw new Error("bug");
      });
      return new HttpResponse();
    });
  });
  using client = await site.connect();
  await client.ask(get("/"));
  assertEquals((await client.ask(get("/bug"))).status, 200);
  assertEquals((await client.ask(get("/"))).status, 200);
  await site.server.shutdown();
  assertEquals(calls, ["first", "second", "first", "second"]);
  assertEquals(site.reports("error"), ["a listener of onEnd() failed"]);
});

/** A server that is called and does not listen. */
function unheard(): { server: HttpServer; ends: Ends; logs: LogRecord[] } {
  const logs: LogRecord[] = [];
  const server = new HttpServer({ log: (record) => void logs.push(record) });
  const ends = new Ends();
  ends.watch(server);
  addAnswers(server);
  return { server, ends, logs };
}

Deno.test("HttpRequest onEnd() counts what is read of a web Response", async () => {
  const { server, ends } = unheard();
  const expected: Told[] = [];
  for (const [path, [, bytes]] of Object.entries(ANSWERS)) {
    const response = await server.fetch(new Request(`http://a${path}`));
    await response.bytes();
    const [told, end] = complete(path, bytes);
    const { error: _, ...rest } = end;
    expected.push([told, rest]);
  }
  const head = await server.fetch(
    new Request("http://a/stream", { method: "HEAD" }),
  );
  assertEquals(head.body, null);
  expected.push(["/stream", { status: 200, bytes: 0, isComplete: true }]);
  assertEquals(ends.all, expected);
});

Deno.test("HttpRequest onEnd() tells of a web Response that is given up or breaks", async () => {
  const { server, ends, logs } = unheard();
  const bug = new Error("broken content");
  const locked = new ReadableStream<Uint8Array>();
  locked.getReader();
  server.get("/breaks", () =>
    new HttpResponse({
      body: (async function* () {
        yield encoder.encode("abc");
        await Promise.reject(bug);
      })(),
    }));
  server.get("/locked", () => new HttpResponse({ body: locked }));
  const given = await server.fetch(new Request("http://a/stream"));
  const reader = given.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  const broken = await server.fetch(new Request("http://a/breaks"));
  assertEquals(await broken.text().catch((error) => error), bug);
  const wrong = await server.fetch(new Request("http://a/locked"));
  assertEquals(wrong.status, 500);
  await wrong.body?.cancel();
  assertEquals(ends.all.slice(0, 2), [
    ["/stream", { status: 200, bytes: 2, isComplete: false }],
    ["/breaks", { status: 200, bytes: 3, isComplete: false, error: bug }],
  ]);
  const [path, { status, isComplete }] = ends.all[2];
  assertEquals([path, status, isComplete], ["/locked", 500, true]);
  assertEquals(logs.map(({ message }) => message), ["a request failed"]);
});

Deno.test("HttpRequest onEnd() tells of an injected request at once", async () => {
  const { server, ends } = unheard();
  for (const path of ["/text", "/stream", "/declared", "/file"]) {
    const response = await server.inject({ path });
    await response.bytes();
  }
  const bytes = ends.all.map(([, end]) => end.bytes);
  assertEquals(bytes, [5, null, 5, 7]);
});
