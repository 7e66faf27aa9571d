import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
} from "@std/assert";
import zlib from "node:zlib";
import { HttpError } from "../../../../src/http/errors.ts";
import {
  type BodySource,
  MemoryBodySource,
  RequestBody,
} from "../../../../src/http/request_body.ts";
import { HeaderList } from "../../../../src/http/headers.ts";
import {
  type DecodingBounds,
  DecodingSource,
} from "../../../../src/middleware/coding/decoder.ts";
import type { ContentCoding } from "../../../../src/middleware/coding/zlib.ts";
import { join } from "../../../support/raw_response.ts";
import {
  CODINGS,
  cut,
  encode,
  jsonText,
  noise,
} from "../../../support/contents.ts";

const ENCODER = new TextEncoder();
const MANY: DecodingBounds = {
  bytes: () => Infinity,
  isLast: true,
  ratio: Infinity,
};

/** A source of pieces that tells how far it was read. */
class Pieces implements BodySource {
  readonly length: number | null;
  readonly #pieces: Iterator<Uint8Array<ArrayBuffer>>;
  taken = 0;
  isCancelled = false;

  constructor(
    pieces: Iterable<Uint8Array<ArrayBuffer>>,
    length: number | null = null,
  ) {
    this.#pieces = pieces[Symbol.iterator]();
    this.length = length;
  }

  takeWhole(): null {
    return null;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const { done, value } = this.#pieces.next();
    this.taken += done ? 0 : value.length;
    return Promise.resolve(done ? null : value);
  }

  trailers(): HeaderList {
    return new HeaderList({ "x-sum": "1" });
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

function decoder(
  coding: ContentCoding,
  source: BodySource,
  bounds: DecodingBounds = MANY,
): DecodingSource {
  return new DecodingSource(source, zlib, coding, bounds);
}

async function readAll(source: BodySource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await source.read();
    if (piece === null) return join(pieces);
    pieces.push(piece);
  }
}

async function statusOf(read: Promise<unknown>): Promise<number> {
  const error = await assertRejects(() => read);
  assertInstanceOf(error, HttpError);
  return error.status;
}

const CONTENTS: readonly [string, Uint8Array<ArrayBuffer>][] = [
  ["nothing", new Uint8Array(0)],
  ["one byte", ENCODER.encode("x")],
  ["text", ENCODER.encode("hello ".repeat(100))],
  ["noise", noise(300)],
  ["100 KiB of JSON", ENCODER.encode(jsonText(100 * 1024))],
  ["300 KiB of noise", noise(300 * 1024)],
];

Deno.test("DecodingSource gives the content of every coding, however it is cut", async () => {
  for (const coding of CODINGS) {
    for (const [name, content] of CONTENTS) {
      const coded = encode(coding, content);
      for (const lengths of [[coded.length], [1000, 7], [65536]]) {
        const source = new Pieces(cut(coded, lengths));
        const decoded = await readAll(decoder(coding, source));
        assertEquals(decoded, content, `${coding} of ${name} by ${lengths}`);
      }
    }
  }
});

Deno.test("DecodingSource takes a content byte by byte", async () => {
  const content = ENCODER.encode(jsonText(2000));
  for (const coding of CODINGS) {
    const source = new Pieces(cut(encode(coding, content), [1]));
    assertEquals(await readAll(decoder(coding, source)), content, coding);
  }
});

Deno.test("DecodingSource refuses a content that was cut short, wherever", async () => {
  for (const coding of CODINGS) {
    for (const content of [ENCODER.encode(jsonText(400)), noise(150)]) {
      const coded = encode(coding, content);
      for (let end = 0; end < coded.length; end++) {
        for (const lengths of [[coded.length], [16]]) {
          const source = new Pieces(cut(coded.slice(0, end), lengths));
          const status = await statusOf(readAll(decoder(coding, source)));
          assertEquals(status, 400, `${coding}, ${end} of ${coded.length}`);
        }
      }
    }
  }
});

Deno.test("DecodingSource refuses what stands behind the end", async () => {
  const tails = [[0], [1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 0], [...noise(70_000)]];
  for (const coding of CODINGS) {
    const coded = encode(coding, ENCODER.encode("hello ".repeat(100)));
    for (const tail of tails) {
      const rest = Uint8Array.from(tail);
      for (const pieces of [[coded, rest], [join([coded, rest])]]) {
        const source = new Pieces(pieces.map((piece) => piece.slice()));
        const status = await statusOf(readAll(decoder(coding, source)));
        assertEquals(status, 400, `${coding} and ${tail.slice(0, 8)}`);
      }
    }
  }
});

Deno.test("DecodingSource refuses what is not of its coding", async () => {
  for (const coding of CODINGS) {
    for (const other of CODINGS) {
      if (other === coding) continue;
      const coded = encode(other, ENCODER.encode(jsonText(500)));
      const read = readAll(decoder(coding, new MemoryBodySource(coded)));
      assertEquals(await statusOf(read), 400, `${other} as ${coding}`);
    }
    const text = ENCODER.encode('{"plain":true}');
    const read = readAll(decoder(coding, new MemoryBodySource(text)));
    assertEquals(await statusOf(read), 400, coding);
  }
});

Deno.test("DecodingSource refuses a content with a byte that was changed in its checksum", async () => {
  const coded = encode("gzip", ENCODER.encode(jsonText(500)));
  coded[coded.length - 6] ^= 1;
  const read = readAll(decoder("gzip", new MemoryBodySource(coded)));
  assertEquals(await statusOf(read), 400);
});

Deno.test("DecodingSource gives the contents of several members or frames as one", async () => {
  const [one, two] = [noise(1000, 1), noise(70_000, 2)];
  for (const coding of ["gzip", "zstd"] as const) {
    const parts = [encode(coding, one), encode(coding, two)];
    for (const pieces of [parts, [join(parts) as Uint8Array<ArrayBuffer>]]) {
      const decoded = await readAll(decoder(coding, new Pieces(pieces)));
      assertEquals(decoded, join([one, two]), coding);
    }
  }
});

Deno.test("DecodingSource passes over skippable frames of zstd", async () => {
  const skippable = Uint8Array.from([
    0x53,
    0x2a,
    0x4d,
    0x18,
    3,
    0,
    0,
    0,
    9,
    9,
    9,
  ]);
  const frame = encode("zstd", ENCODER.encode("hello"));
  const coded = join([skippable, frame, skippable]) as Uint8Array<ArrayBuffer>;
  for (const lengths of [[1], [coded.length]]) {
    const decoded = await readAll(
      decoder("zstd", new Pieces(cut(coded, lengths))),
    );
    assertEquals(new TextDecoder().decode(decoded), "hello");
  }
});

Deno.test("DecodingSource refuses a zstd window of more than 8 MiB", async () => {
  const options = { params: { [zlib.constants.ZSTD_c_windowLog]: 24 } };
  const stream = zlib.createZstdCompress(options);
  stream.end("hello");
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of stream) pieces.push(new Uint8Array(piece));
  const read = readAll(decoder("zstd", new Pieces(pieces)));
  assertEquals(await statusOf(read), 400);
});

Deno.test("DecodingSource decodes no more of a bomb than is asked for", async () => {
  const bomb = new Uint8Array(16 * 1024 * 1024);
  for (const coding of CODINGS) {
    const source = new Pieces([encode(coding, bomb)]);
    const decoding = decoder(coding, source);
    const piece = await decoding.read();
    assert(piece !== null);
    assertLess(piece.length, 256 * 1024, coding);
    decoding.cancel();
    assert(source.isCancelled);
    await assertRejects(() => decoding.read(), TypeError, "closed");
  }
});

Deno.test("RequestBody counts decoded bytes against its limit", async () => {
  const bomb = new Uint8Array(8 * 1024 * 1024);
  for (const coding of CODINGS) {
    const source = new Pieces([encode(coding, bomb)]);
    const body = new RequestBody(source, 100_000);
    body.decode((source) => decoder(coding, source));
    assertEquals(body.length, null);
    assertEquals(await statusOf(body.bytes()), 413, coding);
    assert(source.isCancelled, coding);
  }
});

Deno.test("DecodingSource refuses a content that becomes too many times as long, but none of 1 MiB", async () => {
  const bounds = { ...MANY, ratio: 50 };
  for (const coding of CODINGS) {
    const short = encode(coding, new Uint8Array(1024 * 1024));
    const decoded = await readAll(
      decoder(coding, new MemoryBodySource(short), bounds),
    );
    assertEquals(decoded.length, 1024 * 1024, coding);
    const long = encode(coding, new Uint8Array(8 * 1024 * 1024));
    const read = readAll(decoder(coding, new MemoryBodySource(long), bounds));
    assertEquals(await statusOf(read), 413, coding);
  }
});

/** Stored blocks of no bytes, for ever: valid, and never more than nothing. */
function* endlessNothing(): Generator<Uint8Array<ArrayBuffer>> {
  yield Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const block = Uint8Array.from([0, 0, 0, 255, 255]);
  for (;;) yield join(Array(200).fill(block)) as Uint8Array<ArrayBuffer>;
}

Deno.test("DecodingSource refuses a content that goes on for ever and comes to nothing", async () => {
  const source = new Pieces(endlessNothing());
  const bounds = { ...MANY, bytes: () => 10_000 };
  assertEquals(await statusOf(readAll(decoder("gzip", source, bounds))), 413);
  assertLess(source.taken, 20_000);
});

Deno.test("DecodingSource takes what does not compress up to the very limit", async () => {
  for (const coding of CODINGS) {
    for (const bytes of [0, 1, 1000, 70_000, 1024 * 1024]) {
      const content = noise(bytes);
      const source = new MemoryBodySource(encode(coding, content));
      const body = new RequestBody(source, bytes);
      const bounds = { ...MANY, bytes: () => body.limit };
      body.decode((source) => decoder(coding, source, bounds));
      assertEquals((await body.bytes()).length, bytes, coding);
    }
  }
});

Deno.test("DecodingSource reads nothing of a content whose declared length is over the limit", async () => {
  const source = new Pieces([noise(10)], 1_000_000);
  const bounds = { ...MANY, bytes: () => 10_000 };
  assertEquals(await statusOf(readAll(decoder("gzip", source, bounds))), 413);
  assertEquals(source.taken, 0);
});

Deno.test("DecodingSource passes on what its source fails with", async () => {
  const coded = encode("gzip", noise(1000));
  function* pieces(): Generator<Uint8Array<ArrayBuffer>> {
    yield coded.slice(0, 500);
    throw new HttpError(408, "too slow");
  }
  const source = decoder("gzip", new Pieces(pieces()));
  assertEquals(await statusOf(readAll(source)), 408);
});

Deno.test("DecodingSource takes no end for the end when it is cancelled", async () => {
  const untouched = new Pieces([]);
  const unread = decoder("br", untouched);
  unread.cancel();
  assert(untouched.isCancelled);
  await assertRejects(() => unread.read(), TypeError, "closed");

  const decoding = decoder("br", new Pieces([encode("br", noise(10))]));
  const reading = decoding.read();
  decoding.cancel();
  await assertRejects(() => reading, TypeError, "closed");
  await assertRejects(() => decoding.read(), TypeError, "closed");

  const whole = decoder("br", new Pieces([encode("br", noise(10))]));
  assertEquals(await readAll(whole), noise(10));
  whole.cancel();
  assertEquals(await whole.read(), null);
});

Deno.test("DecodingSource has the trailers of its source", () => {
  const trailers = decoder("gzip", new Pieces([])).trailers();
  assertEquals(trailers.get("x-sum"), "1");
});
