/** Contents that come bit by bit: what is on the wire, and when. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FileBody } from "../../../../src/http/file_body.ts";
import { HttpResponse } from "../../../../src/http/response.ts";
import { ResponseEncoder } from "../../../../src/protocol/encoder.ts";
import { OutputPool } from "../../../../src/server/connection/buffer_pool.ts";
import { Output } from "../../../../src/server/connection/output.ts";
import { fakeTime } from "./fake_time.ts";
import {
  type Exchange,
  ResponseWriter,
} from "../../../../src/server/connection/writer.ts";

/** Keeps what it is given, at most so much at a time. */
class Wire {
  readonly writes: number[] = [];
  #bytes: number[][] = [];

  constructor(readonly most = Infinity) {}

  async write(bytes: Uint8Array): Promise<number> {
    await null;
    const count = Math.min(this.most, bytes.length);
    this.writes.push(count);
    this.#bytes.push(Array.from(bytes.subarray(0, count)));
    return count;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes.flat());
  }
}

interface Sent {
  readonly head: string;
  readonly content: Uint8Array;
  readonly chunks: number;
  readonly writes: readonly number[];
  readonly counted: number;
}

const decoder = new TextDecoder();

function lineEnd(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(13, at);
  assertEquals(bytes[end + 1], 10);
  return end;
}

function readChunks(bytes: Uint8Array): { content: number[]; chunks: number } {
  const content: number[] = [];
  let chunks = 0;
  for (let at = 0;;) {
    const end = lineEnd(bytes, at);
    const size = parseInt(decoder.decode(bytes.subarray(at, end)), 16);
    const data = bytes.subarray(end + 2, end + 2 + size);
    assertEquals(data.length, size);
    for (const byte of data) content.push(byte);
    at = lineEnd(bytes, end + 2 + size) + 2;
    if (size === 0) {
      assertEquals(at, bytes.length);
      return { content, chunks };
    }
    chunks++;
  }
}

function answerOf(bytes: Uint8Array): Omit<Sent, "writes" | "counted"> {
  const text = decoder.decode(bytes.subarray(0, 1000));
  const bodyAt = text.indexOf("\r\n\r\n") + 4;
  const head = text.slice(0, bodyAt);
  const body = bytes.subarray(bodyAt);
  if (!head.includes("Transfer-Encoding: chunked")) {
    return { head, content: body, chunks: 0 };
  }
  const { content, chunks } = readChunks(body);
  return { head, content: Uint8Array.from(content), chunks };
}

const KEPT: Exchange = {
  headOnly: false,
  minorVersion: 1,
  keepAlive: true,
  begun: false,
};

interface Way {
  readonly most?: number;
  readonly pool?: OutputPool;
  readonly exchange?: Partial<Exchange>;
}

function make({ most, pool = new OutputPool() }: Way = {}) {
  const wire = new Wire(most);
  const output = new Output(wire, pool, fakeTime(0));
  const encoder = new ResponseEncoder(() => "OK");
  encoder.setTime(0);
  return { wire, output, writer: new ResponseWriter(output, encoder) };
}

async function send(
  body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  way: Way = {},
): Promise<Sent> {
  const { wire, output, writer } = make(way);
  const exchange = { ...KEPT, ...way.exchange };
  await writer.write(new HttpResponse({ body }), exchange);
  await output.flush();
  const counted = writer.contentWithin(output.sent);
  return { ...answerOf(wire.bytes), writes: wire.writes, counted };
}

function pieceOf(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (from + at * 7) % 251);
}

// One buffer for all pieces, as a file or a careless source has it.
async function* shared(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(1, ...sizes));
  let from = 0;
  for (const size of sizes) {
    buffer.set(pieceOf(size, from));
    yield buffer.subarray(0, size);
    from += size;
  }
}

function whole(sizes: readonly number[]): Uint8Array {
  let from = 0;
  const pieces = sizes.map((size) => {
    const piece = Array.from(pieceOf(size, from));
    from += size;
    return piece;
  });
  return Uint8Array.from(pieces.flat());
}

function noLarge(): OutputPool {
  const pool = new OutputPool();
  while (pool.takeLarge() !== null);
  return pool;
}

const KIB = 1024;
const SIZES: readonly (readonly number[])[] = [
  [],
  [1],
  [16 * KIB],
  [64 * KIB],
  [511 * KIB],
  [700 * KIB],
  [1, 1, 1],
  [0, 5, 0, 5],
  [64 * KIB, 64 * KIB, 64 * KIB],
  [10, 600 * KIB, 10],
  Array(40).fill(30 * KIB),
  Array(500).fill(3),
];
const WAYS: readonly [string, () => Way][] = [
  ["at once", () => ({})],
  ["1000 bytes at a time", () => ({ most: 1000 })],
  ["without large buffers", () => ({ pool: noLarge() })],
];

for (const [name, way] of WAYS) {
  for (const sizes of SIZES) {
    const total = sizes.length > 4 ? `${sizes.length} x ${sizes[0]}` : sizes;
    Deno.test(`ResponseWriter sends pieces of ${total} bytes whole, ${name}`, async () => {
      const expected = whole(sizes);
      const { content, counted } = await send(shared(sizes), way());
      assertEquals(content.length, expected.length);
      assert(content.every((byte, at) => byte === expected[at]));
      assertEquals(counted, expected.length);
    });
  }
}

async function* late(gate: Promise<void>): AsyncGenerator<Uint8Array> {
  await gate;
  yield new Uint8Array(40 * KIB);
}

Deno.test("ResponseWriter lends no large buffer to a connection that is over", async () => {
  const pool = new OutputPool();
  for (let n = 0; n < 40; n++) {
    const gate = Promise.withResolvers<void>();
    const { output, writer } = make({ pool });
    const body = late(gate.promise);
    const written = writer.write(new HttpResponse({ body }), { ...KEPT });
    await new Promise((resolve) => setImmediate(resolve));
    output.release();
    gate.resolve();
    await written;
    const large = pool.takeLarge();
    assert(large !== null, "one was lost");
    pool.give(large);
  }
});

Deno.test("ResponseWriter lets others go on beside a source that computes", async () => {
  async function* rows(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < 30; at++) {
      const end = performance.now() + 3;
      while (performance.now() < end);
      yield new Uint8Array(100);
    }
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const { writes, content } = await send(rows());
  clearInterval(timer);
  assertEquals(content.length, 3000);
  assert(writes.length >= 8, `${writes.length}`);
  assert(turns >= 8, `${turns}`);
});

Deno.test("ResponseWriter declares the length of a content that is one piece", async () => {
  for (const size of [0, 1, 15, 16, 9999, 16 * KIB, 100 * KIB, 500 * KIB]) {
    const { head, writes, content } = await send(shared([size]));
    assert(head.endsWith(`Content-Length: ${size}\r\n\r\n`), head);
    assertEquals([content.length, writes.length], [size, 1]);
  }
});

// Made beforehand: a source that takes its time is not waited for.
async function* copies(
  piece: Uint8Array,
  count: number,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield piece;
}

Deno.test("ResponseWriter sends pieces that are at hand in few writes", async () => {
  const { writes, chunks } = await send(copies(new Uint8Array(64 * KIB), 16));
  // Three; more where the machine had other things to do meanwhile.
  assert(writes.length >= 3 && writes.length <= 8, `${writes.length}`);
  assert(chunks >= 16 && chunks <= 20, `${chunks}`);
});

Deno.test("ResponseWriter sends a piece before it waits for the next", async () => {
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const end = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Uint8Array> {
    for (const [at, gate] of gates.entries()) {
      await gate.promise;
      yield Uint8Array.of(0x30 + at);
    }
    await end.promise;
  }
  const { wire, writer } = make();
  const body = slow();
  const written = writer.write(new HttpResponse({ body }), { ...KEPT });
  for (const [at, gate] of gates.entries()) {
    gate.resolve();
    const chunk = `1\r\n${at}\r\n`;
    while (!decoder.decode(wire.bytes).endsWith(chunk)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  end.resolve();
  await written;
});

async function* failing(pieces: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < pieces; at++) yield Uint8Array.of(0x61);
  throw new Error("broken");
}

Deno.test("ResponseWriter sends what there is before it tells of a failure", async () => {
  for (const pieces of [1, 2, 5]) {
    const { wire, output, writer } = make();
    await assertRejects(
      async () => {
        const body = failing(pieces);
        await writer.write(new HttpResponse({ body }), { ...KEPT });
      },
      Error,
      "broken",
    );
    assertEquals(writer.retract(), false);
    assertEquals(writer.contentWithin(output.sent), pieces);
    const text = decoder.decode(wire.bytes);
    assert(text.endsWith("1\r\na\r\n".repeat(pieces)), text);
  }
});

Deno.test("ResponseWriter ends an undeclared content of HTTP/1.0 with the connection", async () => {
  const exchange = { minorVersion: 0 };
  const many = await send(shared([5, 5]), { exchange });
  assert(many.head.includes("Connection: close\r\n"), many.head);
  assert(!many.head.includes("Transfer-Encoding"), many.head);
  assertEquals(many.content, whole([5, 5]));
  const one = await send(shared([5]), { exchange });
  assert(one.head.includes("Connection: keep-alive\r\n"), one.head);
  assert(one.head.endsWith("Content-Length: 5\r\n\r\n"), one.head);
});

/** A file in memory whose reads take a turn; `fail` breaks one of them. */
function fakeFile(content: Uint8Array, fail = Infinity) {
  let at = 0;
  let reads = 0;
  return {
    largest: 0,
    async read(into: Uint8Array): Promise<number | null> {
      await new Promise((resolve) => setImmediate(resolve));
      if (reads++ === fail) throw new Error("broken");
      this.largest = Math.max(this.largest, into.length);
      const part = content.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length === 0 ? null : part.length;
    },
    close() {},
  };
}

for (
  const [name, pool] of [["a", new OutputPool()], ["no", noLarge()]] as const
) {
  Deno.test(`ResponseWriter sends a long file with ${name} large buffer`, async () => {
    const content = pieceOf(1300 * KIB);
    for (let run = 0; run < 20; run++) {
      const file = fakeFile(content);
      const body = new FileBody(file, content.length);
      const { wire, output, writer } = make({ pool });
      await writer.write(new HttpResponse({ body }), { ...KEPT });
      await output.flush();
      const sent = wire.bytes.subarray(-content.length);
      assert(sent.every((byte, at) => byte === content[at]));
      assertEquals(file.largest, name === "a" ? 512 * KIB : 256 * KIB);
    }
  });
}

Deno.test("ResponseWriter waits for no read to lend a buffer again", async () => {
  const pool = new OutputPool();
  for (let run = 0; run < 40; run++) {
    const { output, writer } = make({ pool });
    const file = { read: () => new Promise<number>(() => {}), close() {} };
    const body = new FileBody(file, 1300 * KIB);
    writer.write(new HttpResponse({ body }), { ...KEPT });
    await new Promise((resolve) => setImmediate(resolve));
    writer.cancel();
    output.release();
    const large = pool.takeLarge();
    assert(large !== null, "one was lost");
    pool.give(large);
  }
});

Deno.test("ResponseWriter does not use a buffer again that a read may still fill", async () => {
  const pool = new OutputPool();
  const content = pieceOf(1300 * KIB);
  for (let run = 0; run < 40; run++) {
    const body = new FileBody(fakeFile(content, run % 3), content.length);
    const { writer } = make({ pool });
    const before = pool.takeLarge();
    assert(before !== null, "one was lost");
    pool.give(before);
    await assertRejects(
      async () => await writer.write(new HttpResponse({ body }), { ...KEPT }),
      Error,
      "broken",
    );
    const after = pool.takeLarge();
    assert(after !== null && after !== before);
    pool.give(after);
  }
});
