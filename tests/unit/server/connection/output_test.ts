/** `Output`: partial writes, one write at a time, and progress. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { OutputPool } from "../../../../src/server/connection/buffer_pool.ts";
import { Output } from "../../../../src/server/connection/output.ts";
import { fakeTime } from "./fake_time.ts";

/** Takes at most `most` bytes a write and fails on two writes at a time. */
class FakeWriter {
  text = "";
  writes = 0;
  #isWriting = false;
  readonly #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  async write(bytes: Uint8Array): Promise<number> {
    assert(!this.#isWriting, "two writes at a time");
    assert(bytes.length > 0, "a write of nothing");
    this.#isWriting = true;
    this.writes++;
    // The bytes must not change while they are sent.
    const before = new TextDecoder().decode(bytes);
    for (let n = 0; n < 5; n++) await Promise.resolve();
    assertEquals(new TextDecoder().decode(bytes), before);
    this.#isWriting = false;
    const count = Math.min(this.#most, bytes.length);
    this.text += before.slice(0, count);
    return count;
  }
}

function make(writer: FakeWriter, now = 7): Output {
  return new Output(writer, new OutputPool(), fakeTime(now));
}

for (const most of [1, 3, Infinity]) {
  Deno.test(`Output sends all in order when the socket takes ${most} bytes`, async () => {
    const writer = new FakeWriter(most);
    const output = make(writer);
    output.buffer.appendLatin1("hello ");
    output.buffer.appendLatin1("world");
    await output.flush();
    await output.write(new TextEncoder().encode(", at last"));
    assertEquals(writer.text, "hello world, at last");
    assertEquals([output.sent, output.length], [20, 0]);
    assertEquals(output.sendingSince, Infinity);
  });

  Deno.test(`Output begin() leaves the rest to flush() when the socket takes ${most} bytes`, async () => {
    const writer = new FakeWriter(most);
    const output = make(writer);
    output.buffer.appendLatin1("hello");
    const whole = output.finish(await output.begin());
    assertEquals(whole, most === Infinity);
    if (!whole) await output.flush();
    assertEquals([writer.text, output.sent], ["hello", 5]);
  });
}

Deno.test("Output sends nothing when nothing was appended", async () => {
  const writer = new FakeWriter();
  const output = make(writer);
  await output.flush();
  assertEquals(output.buffer.length, 0);
  // Emptied again, as by an answer that could not be encoded.
  await output.flush();
  await output.flush();
  await output.write(new Uint8Array(0));
  assertEquals(writer.writes, 0);
  output.buffer.appendLatin1("then");
  await output.flush();
  assertEquals(writer.text, "then");
});

Deno.test("Output writes one after the other when many flush at a time", async () => {
  const writer = new FakeWriter(2);
  const output = make(writer);
  const all: Promise<void>[] = [];
  let expected = "";
  for (let n = 0; n < 10; n++) {
    output.buffer.appendLatin1(`<${n}>`);
    expected += `<${n}>`;
    all.push(output.flush());
  }
  await Promise.all(all);
  assertEquals(writer.text, expected);
});

Deno.test("Output writes one after the other when write() meets flush()", async () => {
  const writer = new FakeWriter(2);
  const output = make(writer);
  output.buffer.appendLatin1("first ");
  const first = output.flush();
  output.buffer.appendLatin1("second ");
  const second = output.write(new TextEncoder().encode("third "));
  const third = output.flush();
  await Promise.all([first, second, third]);
  assertEquals(writer.text, "first second third ");
});

Deno.test("Output writes one after the other when begin() meets flush()", async () => {
  const writer = new FakeWriter(2);
  const output = make(writer);
  // A handler that does not wait for its early hints.
  output.buffer.appendLatin1("hints ");
  const hints = output.flush();
  output.buffer.appendLatin1("answer");
  if (output.isSending) await output.flush();
  else if (!output.finish(await output.begin())) await output.flush();
  await hints;
  assertEquals(writer.text, "hints answer");
});

Deno.test("Output tells since when bytes have not moved", async () => {
  const time = fakeTime(100);
  const goOn = Promise.withResolvers<number>();
  const writer = { write: () => goOn.promise };
  const output = new Output(writer, new OutputPool(), time);
  output.buffer.appendLatin1("hello");
  const flushed = output.flush();
  assertEquals(output.sendingSince, 100);
  time.now = 200;
  assertEquals(output.sendingSince, 100);
  goOn.resolve(5);
  await flushed;
  assertEquals(output.sendingSince, Infinity);
});

Deno.test("Output rejects and is free again when the socket fails", async () => {
  const error = new Deno.errors.BrokenPipe("gone");
  const output = new Output(
    { write: () => Promise.reject(error) },
    new OutputPool(),
    fakeTime(0),
  );
  for (let n = 0; n < 2; n++) {
    output.buffer.appendLatin1("hello");
    await assertRejects(() => output.flush(), Deno.errors.BrokenPipe);
    assertEquals(output.isSending, false);
  }
});

Deno.test("Output gives a buffer to one connection at a time when it is released", async () => {
  const pool = new OutputPool();
  const output = new Output(new FakeWriter(), pool, fakeTime(0));
  output.buffer.appendLatin1("unsent");
  const { buffer } = output;
  output.release();
  output.release();
  const first = pool.take();
  assert(first === buffer);
  assertEquals(first.length, 0);
  assert(pool.take() !== first);
  await output.flush();
});

Deno.test("Output gives the socket 512 KiB at a time when there is more", async () => {
  const sizes: number[] = [];
  const writer = {
    write(bytes: Uint8Array): Promise<number> {
      sizes.push(bytes.length);
      return Promise.resolve(bytes.length);
    },
  };
  const output = new Output(writer, new OutputPool(), fakeTime(0));
  await output.write(new Uint8Array(1200 * 1024));
  output.buffer.append(new Uint8Array(600 * 1024));
  await output.flush();
  const [most, rest, last] = [512, 176, 88].map((kib) => kib * 1024);
  assertEquals(sizes, [most, most, rest, most, last]);
});

Deno.test("Output widens its buffer with what is in it", async () => {
  const writer = new FakeWriter();
  const pool = new OutputPool();
  const output = new Output(writer, pool, fakeTime(0));
  output.buffer.appendLatin1("head ");
  output.widen();
  assert(pool.isLarge(output.buffer));
  const { buffer } = output;
  output.widen();
  assert(output.buffer === buffer);
  output.buffer.appendLatin1("and more");
  await output.flush();
  assertEquals([writer.text, output.sent], ["head and more", 13]);
  output.widen();
  assert(output.buffer === buffer, "it was given back");
  output.release();
});

Deno.test("Output goes on with a small buffer when no large one is left", () => {
  const pool = new OutputPool();
  while (pool.takeLarge() !== null);
  const output = new Output(new FakeWriter(), pool, fakeTime(0));
  output.buffer.appendLatin1("head");
  const { buffer } = output;
  output.widen();
  assert(output.buffer === buffer);
});

Deno.test("Output does not have a buffer used again that is being sent", async () => {
  const never = { write: () => new Promise<number>(() => {}) };
  const pool = new OutputPool();
  const sent = new Set<unknown>();
  for (let n = 0; n < 40; n++) {
    const output = new Output(never, pool, fakeTime(0));
    output.widen();
    const { buffer } = output;
    assert(pool.isLarge(buffer), "one was lost");
    assert(!sent.has(buffer), "two write into one");
    sent.add(buffer);
    output.buffer.appendLatin1("x");
    output.begin();
    output.release();
  }
  await null;
});
