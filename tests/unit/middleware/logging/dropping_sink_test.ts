import { assertEquals } from "@std/assert";
import { DroppingSink } from "../../../../src/middleware/logging/dropping_sink.ts";

const OPTIONS = { queueBytes: 20, flushMs: 0, pieceBytes: 4096 };

/** A pipe that takes what it is given once the test lets it. */
function fakePipe() {
  const texts: string[] = [];
  const open = Promise.withResolvers<void>();
  return {
    texts,
    open: open.resolve,
    write: async (bytes: Uint8Array) => {
      await open.promise;
      texts.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
}

Deno.test("DroppingSink never waits, bounds its queue and counts what it drops", async () => {
  const pipe = fakePipe();
  const sink = new DroppingSink(pipe.write, OPTIONS);
  sink.write("123456789");
  const flushed = sink.flush();
  // What is being written counts as well: 10 of 20 characters are taken.
  for (const line of ["abcdefghi", "dropped", "dropped"]) sink.write(line);
  assertEquals(sink.takeLoss(), { lines: 2, error: undefined });
  pipe.open();
  await flushed;
  assertEquals(pipe.texts, ["123456789\n", "abcdefghi\n"]);
  sink.write("there is room");
  await sink.flush();
  assertEquals(pipe.texts.at(-1), "there is room\n");
  assertEquals(sink.takeLoss(), null);
});

Deno.test("DroppingSink writes the lines of a turn together", async () => {
  const pipe = fakePipe();
  pipe.open();
  const sink = new DroppingSink(pipe.write, OPTIONS);
  sink.write("a");
  sink.write("b");
  await new Promise<void>((resolve) => void setImmediate(resolve));
  await sink.flush();
  assertEquals(pipe.texts, ["a\nb\n"]);
});

Deno.test("DroppingSink writes what fills a write without waiting for flushMs", async () => {
  const pipe = fakePipe();
  pipe.open();
  const options = { queueBytes: 20, flushMs: 60_000, pieceBytes: 8 };
  const sink = new DroppingSink(pipe.write, options);
  for (let at = 0; at < 10; at++) {
    sink.write("abc");
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  assertEquals(sink.takeLoss(), null);
  assertEquals(pipe.texts, Array(5).fill("abc\nabc\n"));
  await sink.flush();
});

Deno.test("DroppingSink counts what fails and goes on", async () => {
  const texts: string[] = [];
  const gone = new Deno.errors.BrokenPipe("gone");
  let calls = 0;
  const sink = new DroppingSink((bytes) => {
    if (calls++ === 0) return Promise.reject(gone);
    texts.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  }, OPTIONS);
  sink.write("lost");
  await sink.flush();
  assertEquals(sink.takeLoss(), { lines: 1, error: gone });
  sink.write("kept");
  await sink.flush();
  assertEquals(texts, ["kept\n"]);
});

Deno.test("DroppingSink tries a full pipe again and goes on after short writes", async () => {
  const texts: string[] = [];
  let calls = 0;
  const sink = new DroppingSink((bytes) => {
    if (calls++ === 0) return Promise.reject(new Deno.errors.WouldBlock(""));
    const taken = bytes.subarray(0, 3);
    texts.push(new TextDecoder().decode(taken));
    return Promise.resolve(taken.length);
  }, OPTIONS);
  sink.write("12345");
  await sink.flush();
  assertEquals(texts.join(""), "12345\n");
  assertEquals(sink.takeLoss(), null);
});
