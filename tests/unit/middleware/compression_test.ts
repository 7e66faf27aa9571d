import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { FileBody } from "../../../src/http/file_body.ts";
import { HeaderList, type HeadersLike } from "../../../src/http/headers.ts";
import { HttpResponse, type ResponseBody } from "../../../src/http/response.ts";
import {
  compression,
  type CompressionOptions,
} from "../../../src/middleware/compression.ts";
import { ZstdFrames } from "../../../src/middleware/coding/zstd_frames.ts";
import { discardBody } from "../../../src/http/discard.ts";
import { fakeRequest, run } from "./fakes.ts";
import { CODINGS, decode, jsonText, noise } from "../../support/contents.ts";

const ALL = "gzip, deflate, br, zstd";
const TEXT = jsonText(5000);
const SIZES = [0, 1, 1023, 1024, 1025, 65_535, 65_536, 65_537, 300_000];

interface Case {
  readonly accept?: string;
  readonly method?: string;
  readonly status?: number;
  readonly body?: ResponseBody;
  readonly headers?: HeadersLike;
  /** Fields of the request. */
  readonly sent?: Record<string, string>;
  readonly options?: CompressionOptions;
}

function answerTo(one: Case): Promise<HttpResponse> {
  const headers = { ...one.sent };
  if (one.accept !== undefined) headers["accept-encoding"] = one.accept;
  const request = fakeRequest({ method: one.method ?? "GET", headers });
  const { status = 200, body = TEXT } = one;
  const response = new HttpResponse({
    status,
    headers: one.headers ?? { "content-type": "application/json" },
    body,
  });
  return run(compression(one.options ?? {}), request, () => response);
}

function fields(response: HttpResponse): Record<string, string> {
  return Object.fromEntries(response.headers);
}

const PLAIN = { "content-type": "application/json" };
const VARIES = { ...PLAIN, "vary": "Accept-Encoding" };

Deno.test("compression() takes the coding that the client likes best, then the server", async () => {
  const cases: readonly [accept: string, coding: string | null][] = [
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["br", "br"],
    ["zstd", "zstd"],
    ["deflate", "deflate"],
    [ALL, "zstd"],
    ["gzip, br", "br"],
    ["gzip, br;q=0.9", "gzip"],
    ["GZIP;Q=0.5, BR;q=0.4", "gzip"],
    ["*", "zstd"],
    ["*;q=0.1, gzip", "gzip"],
    ["*, zstd;q=0", "br"],
    ["identity", null],
    ["identity, gzip;q=0.5", null],
    ["identity;q=0.5, gzip", "gzip"],
    ["gzip;q=0", null],
    ["gzip;q=0, *;q=0", null],
    ["compress, snappy", null],
    ["", null],
    ["gzip;q=2", null],
  ];
  for (const [accept, coding] of cases) {
    const response = await answerTo({ accept });
    assertEquals(response.header("content-encoding"), coding, accept);
    assertEquals(response.header("vary"), "Accept-Encoding", accept);
    const bytes = await response.bytes();
    const decoded = coding === null ? bytes : decode(coding, bytes);
    assertEquals(new TextDecoder().decode(decoded), TEXT, accept);
  }
  const response = await answerTo({});
  assertEquals([fields(response), response.body], [VARIES, TEXT]);
});

Deno.test("compression() keeps the server's order among what is liked as much", async () => {
  for (const coding of CODINGS) {
    const others = CODINGS.filter((one) => one !== coding);
    const options = { encodings: [coding, ...others] };
    const { headers } = await answerTo({ accept: ALL, options });
    assertEquals(headers.get("content-encoding"), coding);
  }
  const options: CompressionOptions = { encodings: ["gzip"] };
  const { headers } = await answerTo({ accept: "br, zstd", options });
  assertEquals(headers.get("content-encoding"), null);
});

Deno.test("compression() gives back contents of every kind and size", async () => {
  for (const coding of CODINGS) {
    for (const size of SIZES) {
      const text = jsonText(size);
      const bytes = new TextEncoder().encode(text);
      const bodies: [string, () => ResponseBody][] = [
        ["text", () => text],
        ["bytes", () => bytes],
        ["a stream", () => new Blob([bytes]).stream()],
        ["a short web body", () => new Response(bytes).body],
        ["a file", () => fileOf(bytes)],
        ["a generator", () => halves(bytes)],
      ];
      for (const [kind, make] of bodies) {
        const name = `${coding}, ${kind} of ${size}`;
        const response = await answerTo({ accept: coding, body: make() });
        const isCoded = response.header("content-encoding") !== null;
        assertEquals(isCoded, size >= 1024, name);
        const got = await response.bytes();
        assertEquals(isCoded ? decode(coding, got) : got, bytes, name);
      }
    }
  }
});

function fileOf(bytes: Uint8Array): FileBody {
  let at = 0;
  const file = {
    read(into: Uint8Array): Promise<number | null> {
      const piece = bytes.subarray(at, at + Math.min(into.length, 40_000));
      into.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length || null);
    },
    close() {},
  };
  return new FileBody(file, bytes.length);
}

async function* halves(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const middle = bytes.length >> 1;
  yield bytes.subarray(0, middle);
  await null;
  yield bytes.subarray(middle);
}

Deno.test("compression() counts the bytes of a text, not its characters", async () => {
  const accept = "gzip";
  for (
    const [text, isCoded] of [
      ["é".repeat(511), false],
      ["é".repeat(512), true],
      ["€".repeat(342), true],
    ] as const
  ) {
    const { headers } = await answerTo({ accept, body: text });
    assertEquals(headers.has("content-encoding"), isCoded, text.slice(0, 1));
    assertEquals(headers.has("vary"), isCoded);
  }
});

Deno.test("compression() leaves alone what must not be coded", async () => {
  const cases: readonly [string, Case][] = [
    ["204", { status: 204, body: null }],
    ["205", { status: 205 }],
    ["a range", {
      status: 206,
      headers: { "content-type": "image/png", "content-range": "bytes 0-9/10" },
    }],
    ["a refused range", {
      status: 416,
      headers: { ...PLAIN, "content-range": "bytes */10" },
    }],
    ["coded content", { headers: { ...PLAIN, "content-encoding": "gzip" } }],
    ["coded content, unchanged", {
      headers: { ...PLAIN, "content-encoding": "identity" },
    }],
    ["no-transform", {
      headers: { ...PLAIN, "cache-control": "public, No-Transform" },
    }],
    ["Content-Digest", {
      headers: { ...PLAIN, "content-digest": "sha-256=:AA==:" },
    }],
    ["Repr-Digest", { headers: { ...PLAIN, "repr-digest": "sha-256=:AA==:" } }],
    ["Content-MD5", { headers: { ...PLAIN, "content-md5": "AA==" } }],
    ["an image", { headers: { "content-type": "image/png" } }],
    ["a content of no type", { headers: {} }],
    ["short content", { body: "short" }],
    ["no content", { body: "" }],
    ["a stream declared to be short", {
      headers: { ...PLAIN, "content-length": "5" },
      body: new Blob(["short"]).stream(),
    }],
    ["what the filter refuses", { options: { filter: () => false } }],
    ["another type than asked for", {
      options: { types: (type) => type === "text/html" },
    }],
  ];
  for (const [name, one] of cases) {
    const { body = TEXT, headers = PLAIN } = one;
    const response = await answerTo({ accept: ALL, ...one });
    assertEquals(
      fields(response),
      Object.fromEntries(new HeaderList(headers)),
      name,
    );
    assertEquals(response.body, body, name);
  }
});

Deno.test("compression() marks a part with the Vary of the whole", async () => {
  const part = { status: 206, accept: ALL };
  const range = { "content-range": "bytes 0-9/5000" };
  const json = await answerTo({ ...part, headers: { ...PLAIN, ...range } });
  assertEquals(fields(json), { ...VARIES, ...range });
  assertEquals(json.body, TEXT);
  const parts = await answerTo({
    ...part,
    headers: { "content-type": "multipart/byteranges; boundary=x" },
  });
  assertEquals(parts.header("vary"), "Accept-Encoding");
});

Deno.test("compression() sets the fields that a coded content needs", async () => {
  const response = await answerTo({
    accept: "gzip",
    headers: {
      ...PLAIN,
      "content-length": "5000",
      "accept-ranges": "bytes",
      "etag": '"v1"',
      "vary": "Origin",
      "cache-control": "no-cache",
    },
  });
  assertEquals(fields(response), {
    ...PLAIN,
    "content-encoding": "gzip",
    "etag": 'W/"v1"',
    "vary": "Origin, Accept-Encoding",
    "cache-control": "no-cache",
  });
  const weak = await answerTo({
    accept: "gzip",
    headers: { ...PLAIN, etag: 'W/"v1"' },
  });
  assertEquals(weak.header("etag"), 'W/"v1"');
  // Not coded, it stays strong.
  const plain = await answerTo({
    headers: { ...PLAIN, etag: '"v1"', "accept-ranges": "bytes" },
  });
  assertEquals(fields(plain), {
    ...VARIES,
    "etag": '"v1"',
    "accept-ranges": "bytes",
  });
});

Deno.test("compression() codes whatever it can for a client that refuses identity", async () => {
  const png = { "content-type": "image/png" };
  for (const accept of ["gzip, identity;q=0", "gzip, *;q=0"]) {
    const short = await answerTo({ accept, body: "short" });
    assertEquals(short.header("content-encoding"), "gzip", accept);
    const image = await answerTo({ accept, headers: png });
    assertEquals(image.header("content-encoding"), "gzip", accept);
    const empty = await answerTo({ accept, body: "" });
    assertEquals(fields(empty), PLAIN, accept);
  }
  // And one that refuses everything gets it as it is.
  const none = await answerTo({ accept: "*;q=0" });
  assertEquals([fields(none), none.body], [VARIES, TEXT]);
});

Deno.test("compression() tells the same of HEAD as of GET, and no length", async () => {
  const accept = "gzip";
  const headers = { ...PLAIN, "etag": '"v1"' };
  const length = { ...headers, "content-length": "5000" };
  const cases: readonly [string, () => ResponseBody, HeadersLike][] = [
    ["text", () => TEXT, headers],
    ["short text", () => "short", headers],
    ["long text", () => jsonText(100_000), headers],
    ["a web body", () => new Response(TEXT).body, headers],
    ["a short web body", () => new Response("short").body, headers],
    ["a declared stream", () => new Response(TEXT).body, length],
    ["a file", () => fileOf(new Uint8Array(5000)), headers],
  ];
  for (const [name, body, headers] of cases) {
    const get = await answerTo({ accept, headers, body: body() });
    const head = await answerTo({
      accept,
      headers,
      body: body(),
      method: "HEAD",
    });
    assertEquals(fields(head), fields(get), name);
    await discardBody(get.body);
    await discardBody(head.body);
    const isCoded = get.header("content-encoding") !== null;
    // Whoever sends it would take the length of these for the content's.
    const hasLength = head.body === null || typeof head.body === "string" ||
      head.body instanceof Uint8Array;
    assertEquals(hasLength, !isCoded, name);
  }
  // A handler that answers HEAD itself tells the length of what it did not make.
  const own = await answerTo({
    accept,
    headers: length,
    body: null,
    method: "HEAD",
  });
  assertEquals(fields(own), {
    ...VARIES,
    "content-encoding": "gzip",
    "etag": 'W/"v1"',
  });
  assert(own.body !== null);
  const unknown = await answerTo({ accept, body: null, method: "HEAD" });
  assertEquals([fields(unknown), unknown.body], [PLAIN, null]);
});

Deno.test("compression() names the tag of a 304 as the client has it", async () => {
  const cases: readonly [match: string, tag: string, sent: string][] = [
    ['W/"v1"', '"v1"', 'W/"v1"'],
    ['"v0", W/"v1"', '"v1"', 'W/"v1"'],
    ['"v1"', '"v1"', '"v1"'],
    ['"v1", W/"v1"', '"v1"', '"v1"'],
    ['W/"v1"', 'W/"v1"', 'W/"v1"'],
    ["*", '"v1"', '"v1"'],
  ];
  for (const [match, etag, sent] of cases) {
    const response = await answerTo({
      accept: "gzip",
      status: 304,
      body: null,
      headers: { etag },
      sent: { "if-none-match": match },
    });
    const expected = { etag: sent, vary: "Accept-Encoding" };
    assertEquals(fields(response), expected, `${match} and ${etag}`);
  }
  const image = { "content-type": "image/png", "etag": '"v1"' };
  const sent = { "if-none-match": 'W/"v1"' };
  const png = await answerTo({ status: 304, body: null, headers: image, sent });
  assertEquals(fields(png), image);
});

Deno.test("compression() codes an event stream event by event, a short one too", async () => {
  const headers = { "content-type": "text/event-stream" };
  const open = Promise.withResolvers<Uint8Array>();
  async function* events(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode("data: 1\n\n");
    yield await open.promise;
  }
  const response = await answerTo({ accept: "gzip", headers, body: events() });
  assertEquals(response.header("content-encoding"), "gzip");
  const iterator = (response.body as AsyncIterable<Uint8Array>)
    [Symbol.asyncIterator]();
  let length = 0;
  // The header of gzip, then the event.
  while (length <= 10) length += (await iterator.next()).value?.length ?? 0;
  assertGreater(length, 15);
  open.resolve(new Uint8Array(0));
  await iterator.return?.();
});

Deno.test("compression() passes on what a stream fails with at once", async () => {
  let isFreed = false;
  async function* failing(): AsyncGenerator<Uint8Array> {
    try {
      yield noise(100);
      throw new RangeError("broken");
    } finally {
      isFreed = true;
    }
  }
  await assertRejects(
    () => answerTo({ accept: "gzip", body: failing() }),
    RangeError,
  );
  assert(isFreed);
});

Deno.test("compression() calls the filter with what it may look at", async () => {
  const seen: unknown[] = [];
  const options: CompressionOptions = {
    filter: (request, response) => {
      seen.push([
        request.method,
        response.status,
        response.header("content-type"),
      ]);
      return true;
    },
  };
  await answerTo({ accept: "gzip", options });
  await answerTo({ accept: "gzip", options, body: "short" });
  await answerTo({
    accept: "gzip",
    options,
    headers: { "content-type": "image/png" },
  });
  assertEquals(seen, [["GET", 200, "application/json"]]);
});

Deno.test("compression() works as hard as its levels say", async () => {
  for (const coding of CODINGS) {
    const length = async (level: number) => {
      const options = { levels: { [coding]: level } };
      const response = await answerTo({
        accept: coding,
        options,
        body: jsonText(60_000),
      });
      const bytes = await response.bytes();
      assertEquals(decode(coding, bytes).length, 60_000);
      return bytes.length;
    };
    assertLess(await length(9), await length(1), coding);
  }
});

Deno.test("compression() sends zstd in a single frame where the content is at hand", async () => {
  for (const body of [noise(20_000), noise(65_536), TEXT]) {
    const response = await answerTo({ accept: "zstd", body });
    const bytes = await response.bytes();
    const frames = new ZstdFrames();
    assertEquals(frames.scan(bytes, 0), bytes.length);
  }
});

Deno.test("compression() keeps zstd windows within what every decoder takes", async () => {
  const options = { levels: { zstd: 22 } };
  const body = new Blob([noise(200_000)]).stream();
  const response = await answerTo({ accept: "zstd", options, body });
  const bytes = await response.bytes();
  const isSingle = (bytes[4] & 0x20) !== 0;
  assertEquals(isSingle, false);
  assertEquals(10 + (bytes[5] >> 3), 23);
});
