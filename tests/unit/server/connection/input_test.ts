/** `Input`: reads, growth and the buffer's way back. */
import { assert, assertEquals } from "@std/assert";
import {
  READ_SIZES,
  ReadPool,
} from "../../../../src/server/connection/buffer_pool.ts";
import { Input } from "../../../../src/server/connection/input.ts";

/** Gives what is queued; each read waits until something is. */
class FakeReader {
  readonly rooms: number[] = [];
  #waiting: ((data: Uint8Array | null) => void)[] = [];

  read(into: Uint8Array): Promise<number | null> {
    this.rooms.push(into.length);
    return new Promise((resolve) =>
      this.#waiting.push((data) => {
        if (data === null) return resolve(null);
        const part = data.subarray(0, into.length);
        into.set(part);
        resolve(part.length);
      })
    );
  }

  give(data: string | number | null): void {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data === null
      ? null
      : new Uint8Array(data).fill(120);
    const next = this.#waiting.shift();
    assert(next !== undefined, "nobody reads");
    next(bytes);
  }
}

async function receive(
  input: Input,
  reader: FakeReader,
  data: string | number | null,
  expected = 0,
): Promise<void> {
  const read = input.begin(expected);
  reader.give(data);
  input.finish(read, await read);
}

function text(input: Input): string {
  return new TextDecoder().decode(
    input.bytes.subarray(input.start, input.end),
  );
}

Deno.test("Input appends what arrives when some bytes are not used yet", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  await receive(input, reader, "hello ");
  input.start = 2;
  await receive(input, reader, "world");
  assertEquals([text(input), input.length], ["llo world", 9]);
});

Deno.test("Input keeps unused bytes when it grows beyond every pooled size", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  let length = 0;
  for (const step of [512, 3584, 12_288, 49_152, 65_536, 131_072]) {
    await receive(input, reader, step);
    length += step;
    assertEquals(input.length, length);
    assert(text(input) === "x".repeat(length));
  }
  assertEquals(reader.rooms, [512, 3584, 12_288, 49_152, 65_536, 131_072]);
  input.release();
});

Deno.test("Input moves unused bytes to the front when the buffer is full", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  await receive(input, reader, "a".repeat(500) + "b".repeat(12));
  input.start = 500;
  await receive(input, reader, "c");
  assertEquals(text(input), "b".repeat(12) + "c");
  assertEquals(input.bytes.length, 512);
});

Deno.test("Input takes a buffer that fits when a body is expected", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  for (
    const [expected, room] of [
      [1, 512],
      [513, 4096],
      [16_385, 65_536],
      [1e9, 65_536],
      [100, 512],
    ]
  ) {
    await receive(input, reader, "x", expected);
    assertEquals(reader.rooms.at(-1), room);
    input.start = input.end;
  }
});

Deno.test("Input takes larger buffers when reads fill them, and smaller again when they do not", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  const room = async (count: number) => {
    await receive(input, reader, count);
    input.start = input.end;
    return reader.rooms.at(-1);
  };
  // One read that fills the buffer may be a single large head.
  for (const size of [512, 512, 4096, 4096, 16_384, 16_384, 16_384]) {
    assertEquals(await room(size), size);
  }
  for (let n = 0; n < 200; n++) await room(10);
  assertEquals(await room(10), 512);
});

Deno.test("Input reads once when two wait for it", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  const first = input.begin(0);
  const second = input.begin(0);
  assert(first === second && input.reading);
  reader.give("once");
  for (const read of [first, second]) input.finish(read, await read);
  assertEquals([text(input), reader.rooms.length], ["once", 1]);
  assertEquals(input.reading, false);
});

Deno.test("Input notes the end when the peer has ended its side", async () => {
  const reader = new FakeReader();
  const input = new Input(reader, new ReadPool());
  await receive(input, reader, "rest");
  await receive(input, reader, null);
  assertEquals([input.ended, text(input)], [true, "rest"]);
});

Deno.test("Input gives its buffer back when it is released", async () => {
  const pool = new ReadPool();
  const reader = new FakeReader();
  const input = new Input(reader, pool);
  await receive(input, reader, "x", READ_SIZES[2]);
  const { bytes } = input;
  input.release();
  assert(pool.take(2) === bytes);
  assertEquals([input.length, input.ended], [0, true]);
});

Deno.test("Input keeps its buffer from others when a read is still under way", () => {
  const pool = new ReadPool();
  const input = new Input(new FakeReader(), pool);
  input.begin(READ_SIZES[2]);
  const { bytes } = input;
  input.release();
  for (let n = 0; n < 5; n++) assert(pool.take(2) !== bytes);
});

Deno.test("Input gives large buffers back when a single head has needed them", async () => {
  const reader = new FakeReader();
  const pool = new ReadPool();
  const input = new Input(reader, pool);
  for (const size of [512, 3584, 12_288 - 1]) {
    await receive(input, reader, size);
  }
  assertEquals(input.bytes.length, 16_384);
  const { bytes } = input;
  input.start = input.end;
  // The next request is waited for.
  await receive(input, reader, 10);
  assertEquals(input.bytes.length, 512);
  assert(pool.take(2) === bytes);
});
