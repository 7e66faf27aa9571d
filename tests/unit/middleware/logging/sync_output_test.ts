import { assertEquals, fail } from "@std/assert";
import { Losses } from "../../../../src/middleware/logging/sink.ts";
import {
  SyncOutput,
  type SyncWriter,
} from "../../../../src/middleware/logging/sync_output.ts";

/** Takes at most `room` bytes a call; `fails` may throw before that. */
function fakeWriter(room: number, fails: (call: number) => void = () => {}) {
  const written: number[] = [];
  const sizes: number[] = [];
  let calls = 0;
  const writer: SyncWriter = {
    writeSync(bytes) {
      fails(calls++);
      const taken = bytes.subarray(0, room);
      sizes.push(taken.length);
      written.push(...taken);
      return taken.length;
    },
  };
  const text = () => new TextDecoder().decode(Uint8Array.from(written));
  return { writer, text, sizes };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("SyncOutput goes on after short writes", () => {
  const { writer, text } = fakeWriter(3);
  const output = new SyncOutput(new Losses(), { pieceBytes: 4096 });
  const bytes = encode("größer als drei\n");
  assertEquals(output.write(writer, bytes), bytes.length);
  assertEquals(text(), "größer als drei\n");
});

Deno.test("SyncOutput writes whole lines, as many as fit a piece", () => {
  const { writer, sizes } = fakeWriter(Infinity);
  const output = new SyncOutput(new Losses(), { pieceBytes: 4096 });
  output.write(writer, encode(`${"x".repeat(999)}\n`.repeat(6)));
  output.write(writer, encode(`${"x".repeat(9999)}\n`));
  output.write(writer, encode(`${"x".repeat(4095)}\ny\n`));
  assertEquals(sizes, [4000, 2000, 4096, 4096, 1808, 4096, 2]);
});

Deno.test("SyncOutput waits while a pipe is full", () => {
  const { writer, text } = fakeWriter(5, (call) => {
    if (call % 2 === 0) throw new Deno.errors.WouldBlock("full");
  });
  let pauses = 0;
  const output = new SyncOutput(new Losses(), {
    pieceBytes: 4096,
    pause: () => pauses++,
  });
  output.write(writer, encode("0123456789\n"));
  assertEquals(text(), "0123456789\n");
  assertEquals(pauses, 3);
});

Deno.test("SyncOutput counts the lines that cannot be written", () => {
  const gone = new Deno.errors.BrokenPipe("gone");
  const { writer, text } = fakeWriter(5, (call) => {
    if (call === 0) throw gone;
  });
  const losses = new Losses();
  const output = new SyncOutput(losses, {
    pieceBytes: 4096,
    pause: () => fail("It waits"),
  });
  assertEquals(output.write(writer, encode("lost\nlost too\n")), 0);
  output.write(writer, encode("kept\n"));
  assertEquals(text(), "kept\n");
  assertEquals(losses.take(), { lines: 2, error: gone });
  assertEquals(losses.take(), null);
});

Deno.test("SyncOutput ends half a line before it writes another", () => {
  const full = new Error("No space left on device");
  const { writer, text } = fakeWriter(7, (call) => {
    if (call === 1 || call === 2) throw full;
  });
  const losses = new Losses();
  const output = new SyncOutput(losses, { pieceBytes: 4096 });
  output.write(writer, encode("one\ntwo three\nfour\n"));
  // The disk is still full.
  output.write(writer, encode("five\n"));
  output.write(writer, encode("six\n"));
  assertEquals(text(), "one\ntwo\nsix\n");
  assertEquals(losses.take()?.lines, 3);
});
