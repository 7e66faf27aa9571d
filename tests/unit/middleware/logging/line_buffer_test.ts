import { assert, assertEquals } from "@std/assert";
import {
  deferBy,
  LineBuffer,
} from "../../../../src/middleware/logging/line_buffer.ts";

const LIMIT = 16 * 1024;

interface FakeTurns {
  readonly buffer: LineBuffer;
  readonly writes: string[];
  readonly deferred: (() => void)[];
  readonly cancelled: unknown[];
}

function fakeTurns(): FakeTurns {
  const writes: string[] = [];
  const deferred: (() => void)[] = [];
  const cancelled: unknown[] = [];
  const buffer = new LineBuffer(
    (bytes) => writes.push(new TextDecoder().decode(bytes)),
    LIMIT,
    (flush) => {
      deferred.push(flush);
      return () => cancelled.push(flush);
    },
  );
  return { buffer, writes, deferred, cancelled };
}

/** Runs what was deferred, as the event loop does. */
function endTurn(deferred: (() => void)[]): void {
  for (const run of deferred.splice(0)) run();
}

Deno.test("LineBuffer writes the lines of a turn together", () => {
  const { buffer, writes, deferred } = fakeTurns();
  buffer.push("a");
  buffer.push("größe 😀");
  assertEquals([writes.length, deferred.length], [0, 1]);
  endTurn(deferred);
  assertEquals(writes, ["a\ngröße 😀\n"]);
  buffer.push("c");
  assertEquals(deferred.length, 1);
  endTurn(deferred);
  assertEquals(writes, ["a\ngröße 😀\n", "c\n"]);
});

Deno.test("LineBuffer writes at once when it is full", () => {
  const { buffer, writes, deferred } = fakeTurns();
  const line = "x".repeat(1023);
  for (let at = 0; at < 15; at++) buffer.push(line);
  assertEquals(writes.length, 0);
  buffer.push(line);
  assertEquals(writes.map((text) => text.length), [LIMIT]);
  endTurn(deferred);
  assertEquals(writes.length, 1);
});

Deno.test("LineBuffer writes a line that is longer than its limit", () => {
  const { buffer, writes, deferred } = fakeTurns();
  buffer.push("€".repeat(LIMIT));
  assertEquals(writes, [`${"€".repeat(LIMIT)}\n`]);
  endTurn(deferred);
});

Deno.test("LineBuffer keeps the order when it is full and when a turn ends", () => {
  const { buffer, writes, deferred } = fakeTurns();
  const lines = Array.from({ length: 1000 }, (_, at) => `${at}`.repeat(20));
  for (const line of lines) buffer.push(line);
  assert(writes.length > 1);
  endTurn(deferred);
  assertEquals(writes.join(""), lines.map((line) => `${line}\n`).join(""));
});

Deno.test("LineBuffer writes nothing when there is nothing", () => {
  const { buffer, writes } = fakeTurns();
  buffer.flush();
  assertEquals(writes, []);
});

Deno.test("LineBuffer leaves no timer behind when it is flushed", () => {
  const { buffer, writes, deferred, cancelled } = fakeTurns();
  buffer.push("a");
  buffer.flush();
  assertEquals(cancelled, deferred);
  buffer.push("b");
  assertEquals(deferred.length, 2);
  deferred[1]();
  assertEquals([writes, cancelled.length], [["a\n", "b\n"], 1]);
});

Deno.test("LineBuffer keeps what is pushed while it writes", () => {
  const writes: string[] = [];
  const buffer: LineBuffer = new LineBuffer(
    (bytes) => {
      writes.push(new TextDecoder().decode(bytes));
      if (writes.length === 1) buffer.push("second");
    },
    LIMIT,
    () => () => {},
  );
  buffer.push("first");
  buffer.flush();
  buffer.flush();
  assertEquals(writes, ["first\n", "second\n"]);
});

/** Resolves when the turn of the event loop has ended. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How many of `turns` turns in a row, each with a line, are written at their end. */
async function writtenInTurn(
  turns: number,
  flushMs?: number,
): Promise<number> {
  const defer = deferBy(flushMs);
  let written = 0;
  for (let at = 0; at < turns; at++) {
    const cancel = defer(() => written++);
    await turn();
    cancel();
  }
  return written;
}

Deno.test("deferBy() writes lines that come now and then when the turn ends", async () => {
  assertEquals(await writtenInTurn(32), 32);
});

Deno.test("deferBy() collects the lines of a server under load", async () => {
  const written = await writtenInTurn(100_000);
  assert(written < 10_000, `${written}`);
});

Deno.test("deferBy() collects nothing for 0 ms, and all for a minute", async () => {
  assertEquals(await writtenInTurn(1000, 0), 1000);
  assertEquals(await writtenInTurn(1000, 60_000), 0);
});

for (const flushMs of [undefined, 0, 1]) {
  Deno.test(`deferBy(${flushMs}) forgets nothing under load`, async () => {
    const defer = deferBy(flushMs);
    for (let at = 0; at < 100; at++) {
      await new Promise<void>((resolve) => void defer(resolve));
    }
  });
}
