/** Compressed answers over sockets: by whom, how framed, and how they end. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { html, HttpResponse, HttpServer, ok, text } from "@x/httpserver";
import { cacheControl, compression, etag } from "@x/httpserver/middleware";
import { CODINGS, cut, decode, jsonText, noise } from "../support/contents.ts";
import { type RawClient, ResettingClient } from "../support/raw_client.ts";
import type { RawResponse } from "../support/raw_response.ts";
import { get } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

const ENCODER = new TextEncoder();
const TEXT = jsonText(5000);

function ask(coding: string, path = "/"): string {
  return get(path, `Accept-Encoding: ${coding}\r\n`);
}

/** The content of an answer as the client understands it. */
function contentOf(response: RawResponse): Uint8Array {
  assert(response.complete);
  const coding = response.header("content-encoding");
  return coding === null ? response.body : decode(coding, response.body);
}

function streamed(pieces: Iterable<Uint8Array>): HttpResponse {
  return new HttpResponse({
    headers: { "content-type": "text/plain" },
    body: (async function* () {
      for (const piece of pieces) {
        await turn();
        yield piece;
      }
    })(),
  });
}

Deno.test("a compressed answer is told with its length, or comes in chunks", async () => {
  const cases: readonly [
    string,
    () => HttpResponse | Response,
    number,
    boolean,
  ][] = [
    ["/text", () => text(TEXT), 5000, true],
    ["/short", () => text("short"), 5, true],
    ["/web", () => new Response(TEXT), 5000, true],
    ["/long", () => text(jsonText(1024 * 1024)), 1024 * 1024, false],
    ["/stream", () => streamed(cut(noise(100_000), [1000])), 100_000, false],
  ];
  await using site = await Site.start((server) => {
    server.use(compression());
    for (const [path, handler] of cases) server.get(path, handler);
  });
  for (const coding of CODINGS) {
    using client = await site.connect();
    for (const [path, , length, isWhole] of cases) {
      const name = `${coding} of ${path}`;
      const response = await client.ask(ask(coding, path));
      assertEquals(contentOf(response).length, length, name);
      assertEquals(response.chunks === null, isWhole, name);
      const isCoded = response.header("content-encoding") === coding;
      assertEquals(isCoded, length > 1024, name);
    }
  }
});

Deno.test("an HTTP/1.0 client gets its compressed stream up to the end", async () => {
  await using site = await Site.start((server) =>
    server.use(compression()).get(
      "/",
      () => streamed(cut(noise(100_000), [900])),
    )
  );
  using client = await site.connect();
  await client.send(get("/", "Accept-Encoding: gzip\r\n", "1.0"));
  const response = await client.read();
  assertEquals(contentOf(response), noise(100_000));
  assertEquals(response.header("transfer-encoding"), null);
  assertEquals(client.end, "closed");
});

Deno.test("any content arrives as it was made, in any coding", async () => {
  let make: () => HttpResponse = () => ok();
  await using site = await Site.start((server) =>
    server.use(compression({ minSize: 0 })).get("/", () => make())
  );
  using client = await site.connect();
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(1024 * 1024).map((bytes) => ENCODER.encode(jsonText(bytes))),
    fc.nat(300_000).map((bytes) => noise(bytes, bytes + 1)),
  );
  const lengths = fc.array(fc.integer({ min: 2000, max: 200_000 }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...CODINGS, "identity"),
      content,
      fc.option(lengths),
      async (coding, bytes, lengths) => {
        const own = new Uint8Array(bytes);
        make = () =>
          lengths === null
            ? new HttpResponse({
              headers: { "content-type": "text/plain" },
              body: own,
            })
            : streamed(cut(own, lengths));
        const response = await client.ask(ask(coding));
        assertEquals(contentOf(response), own);
      },
    ),
    { numRuns: 60, seed: 4_711 },
  );
});

Deno.test("HEAD is answered like GET, without a byte of content or a wrong length", async () => {
  await using site = await Site.start((server) =>
    server.use(compression(), etag())
      .get("/text", () => text(TEXT))
      .get("/long", () => text(jsonText(100_000)))
      .get("/short", () => text("short"))
  );
  using client = await site.connect();
  const framing = ["content-length", "transfer-encoding", "date"];
  for (const path of ["/text", "/long", "/short"]) {
    const request = ask("br", path);
    const fields = ({ fields }: RawResponse) =>
      fields.filter(([name]) => !framing.includes(name));
    const got = await client.ask(request);
    const head = await client.ask(request.replace("GET", "HEAD"));
    assertEquals(fields(head), fields(got), path);
    const length = head.header("content-length");
    assert(length === null || length === got.header("content-length"), path);
  }
});

Deno.test("an event stream is sent event by event", async () => {
  const next = [gate(), gate(), gate()];
  await using site = await Site.start((server) =>
    server.use(compression()).get("/", () =>
      new HttpResponse({
        headers: { "content-type": "text/event-stream" },
        body: (async function* () {
          for (const [at, { passed }] of next.entries()) {
            yield ENCODER.encode(`data: ${at}\n\n`);
            await passed;
          }
        })(),
      }))
  );
  for (const event of next) event.open();
  const response = await fetch(`http://127.0.0.1:${site.port}/`, {
    headers: { "accept-encoding": "gzip" },
  });
  assertEquals(await response.text(), "data: 0\n\ndata: 1\n\ndata: 2\n\n");
});

Deno.test("an event is decodable before the next one is made", async () => {
  for (const coding of ["gzip", "br"]) {
    const made = gate();
    await using site = await Site.start((server) =>
      server.use(compression()).get("/", () =>
        new HttpResponse({
          headers: { "content-type": "text/event-stream" },
          body: (async function* () {
            yield ENCODER.encode("data: 1\n\n");
            await made.passed;
            yield ENCODER.encode("data: 2\n\n");
          })(),
        }))
    );
    const response = await fetch(`http://127.0.0.1:${site.port}/`, {
      headers: { "accept-encoding": coding },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream())
      .getReader();
    let seen = "";
    const readTo = async (end: string) => {
      while (!seen.endsWith(end)) {
        const part = await within(
          "an event",
          reader?.read() ?? Promise.reject(),
        );
        seen += part.value ?? "";
      }
    };
    await readTo("data: 1\n\n");
    made.open();
    await readTo("data: 2\n\n");
    await reader?.cancel();
  }
});

Deno.test("a source that fails on its way cuts the connection", async () => {
  await using site = await Site.start((server) =>
    server.use(compression()).get("/", () =>
      streamed((function* () {
        yield noise(200_000);
        throw new Error("broken");
      })()))
  );
  for (const coding of CODINGS) {
    using client = await site.connect();
    const response = await client.ask(ask(coding));
    assertEquals(response.status, 200);
    assertEquals(response.complete, false, coding);
  }
  assertEquals(site.reports("error").length, CODINGS.length);
});

Deno.test("a source that fails before its first byte is answered 500", async () => {
  await using site = await Site.start((server) =>
    server.use(compression()).get("/", () =>
      new HttpResponse({
        headers: { "content-type": "text/plain" },
        // deno-lint-ignore require-yield
        body: (async function* (): AsyncGenerator<Uint8Array> {
          throw new Error("broken");
        })(),
      }))
  );
  using client = await site.connect();
  const response = await client.ask(ask("gzip"));
  assertEquals([response.status, response.header("content-encoding")], [
    500,
    null,
  ]);
  assertEquals((await client.ask(ask("gzip"))).status, 500);
});

Deno.test("a client that leaves ends the source, whatever it was doing", async () => {
  for (const coding of CODINGS) {
    const cancelled = gate();
    await using site = await Site.start((server) =>
      server.use(compression()).get("/", () =>
        new HttpResponse({
          headers: { "content-type": "text/plain" },
          body: new ReadableStream({
            pull: async (controller) => {
              await turn();
              controller.enqueue(noise(64 * 1024));
            },
            cancel: () => cancelled.open(),
          }),
        }))
    );
    using client = await ResettingClient.send(site.port, ask(coding));
    await turn();
    await client.reset();
    await within("the end of the source", cancelled.passed);
  }
});

Deno.test("a client that leaves ends a source that waits", async () => {
  const cancelled = gate();
  await using site = await Site.start((server) =>
    server.use(compression()).get("/", () =>
      new HttpResponse({
        headers: { "content-type": "text/event-stream" },
        body: new ReadableStream({
          start: (controller) =>
            controller.enqueue(ENCODER.encode("data: 1\n\n")),
          cancel: () => cancelled.open(),
        }),
      }))
  );
  using client = await site.connect();
  await client.send(ask("zstd"));
  await client.takeUntil("\r\n\r\n");
  client.close();
  // One that closed its side may still read: the server waits a moment.
  await site.advanceUntil(cancelled.passed);
});

Deno.test("a client that does not read holds its source back", async () => {
  let made = 0;
  await using site = await Site.start((server) =>
    server.use(compression()).get("/", () =>
      streamed((function* () {
        for (; made < 400; made++) yield noise(64 * 1024, made);
      })()))
  );
  using client = await site.connect();
  await client.send(ask("zstd"));
  let before = -1;
  // It stands still once the buffers of the system are full.
  for (let still = 0; still < 20; still = made === before ? still + 1 : 0) {
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertLess(made, 300);
  const response = await client.read();
  assertEquals(contentOf(response).length, 400 * 64 * 1024);
});

Deno.test("others are answered while a large content is compressed", async () => {
  const large = jsonText(8 * 1024 * 1024);
  await using site = await Site.start((server) =>
    server.use(compression())
      .get("/large", () => text(large))
      .get("/", () => ok("pong"))
  );
  for (const coding of ["br", "gzip", "deflate"]) {
    using other = await site.connect();
    using client: RawClient = await site.connect();
    await client.ask(ask(coding));
    let isOver = false;
    const answer = other.ask(ask(coding, "/large")).finally(() =>
      isOver = true
    );
    let answers = 0;
    for (; !isOver; answers++) await client.ask(ask(coding));
    assertEquals(contentOf(await answer).length, large.length);
    assertGreater(answers, 3, coding);
  }
});

Deno.test("errors are compressed like any other answer", async () => {
  await using site = await Site.start((server) =>
    server.use(compression({ minSize: 10 }))
  );
  using client = await site.connect();
  const response = await client.ask(ask("gzip", "/none"));
  assertEquals(response.status, 404);
  assertEquals(
    JSON.parse(new TextDecoder().decode(contentOf(response))).status,
    404,
  );
  assertEquals(response.header("vary"), "Accept, Accept-Encoding");
});

Deno.test("etag, cacheControl and compression work together", async () => {
  let isFresh = true;
  await using site = await Site.start((server) =>
    server.use(
      compression(),
      cacheControl({ public: true, maxAge: 60 }),
      etag(),
    )
      .get("/", () => html(isFresh ? TEXT : `${TEXT}!`))
  );
  using client = await site.connect();
  const first = await client.ask(ask("br"));
  const tag = first.header("etag") ?? "";
  assertStringIncludes(tag, 'W/"');
  const again = () =>
    client.ask(get("/", `Accept-Encoding: br\r\nIf-None-Match: ${tag}\r\n`));
  const unchanged = await again();
  assertEquals(unchanged.status, 304);
  for (const name of ["etag", "cache-control", "vary"]) {
    assertEquals(unchanged.header(name), first.header(name), name);
  }
  assertEquals(unchanged.header("content-encoding"), null);
  isFresh = false;
  const changed = await again();
  assertEquals([changed.status, contentOf(changed).length], [200, 5001]);
});

Deno.test("server.fetch compresses as well", async () => {
  const server = new HttpServer().use(compression()).get("/", () => text(TEXT));
  for (const coding of CODINGS) {
    const headers = { "accept-encoding": coding };
    const response = await server.fetch(new Request("http://a/", { headers }));
    assertEquals(response.headers.get("content-encoding"), coding);
    const bytes = decode(coding, await response.bytes());
    assertEquals(new TextDecoder().decode(bytes), TEXT);
    const head = await server.fetch(
      new Request("http://a/", { headers, method: "HEAD" }),
    );
    assertEquals(head.headers.get("content-encoding"), coding);
    assertEquals(head.headers.get("content-length"), null);
  }
});
