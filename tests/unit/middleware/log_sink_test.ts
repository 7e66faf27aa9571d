import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  fail,
} from "@std/assert";
import { utf8Length } from "../../../src/middleware/log_entry.ts";
import {
  hasColor,
  LineBuffer,
  stdoutWriter,
  type SyncWriter,
  writeWholly,
} from "../../../src/middleware/log_sink.ts";

interface FakeTurns {
  readonly buffer: LineBuffer;
  readonly writes: string[];
  readonly deferred: (() => void)[];
}

function fakeTurns(): FakeTurns {
  const writes: string[] = [];
  const deferred: (() => void)[] = [];
  const buffer = new LineBuffer(
    (text) => writes.push(text),
    (flush) => deferred.push(flush),
  );
  return { buffer, writes, deferred };
}

Deno.test("LineBuffer writes the lines of a turn together", () => {
  const { buffer, writes, deferred } = fakeTurns();
  buffer.push("a");
  buffer.push("b");
  assertEquals([writes.length, deferred.length], [0, 1]);
  deferred[0]();
  assertEquals(writes, ["a\nb\n"]);
  buffer.push("c");
  assertEquals(deferred.length, 2);
  deferred[1]();
  assertEquals(writes, ["a\nb\n", "c\n"]);
});

Deno.test("LineBuffer writes at once when 16 KiB are full", () => {
  const { buffer, writes, deferred } = fakeTurns();
  const line = "x".repeat(1023);
  for (let at = 0; at < 15; at++) buffer.push(line);
  assertEquals(writes.length, 0);
  buffer.push(line);
  assertEquals(writes.map((text) => text.length), [16 * 1024]);
  deferred[0]();
  assertEquals(writes.length, 1);
});

Deno.test("LineBuffer keeps the order when it is full and when a turn ends", () => {
  const { buffer, writes, deferred } = fakeTurns();
  const lines = Array.from({ length: 1000 }, (_, at) => `${at}`.repeat(20));
  for (const line of lines) buffer.push(line);
  assert(writes.length > 1);
  for (const run of deferred) run();
  assertEquals(writes.join(""), lines.map((line) => `${line}\n`).join(""));
});

Deno.test("LineBuffer writes nothing when there is nothing", () => {
  const { buffer, writes } = fakeTurns();
  buffer.flush();
  assertEquals(writes, []);
});

/** Takes at most `room` bytes a call, and throws before every second one. */
function fakeWriter(room: number, error?: Error) {
  const written: number[] = [];
  let calls = 0;
  const writer: SyncWriter = {
    writeSync(bytes) {
      if (error !== undefined && calls++ % 2 === 0) throw error;
      const taken = bytes.subarray(0, room);
      written.push(...taken);
      return taken.length;
    },
  };
  return {
    writer,
    text: () => new TextDecoder().decode(Uint8Array.from(written)),
  };
}

Deno.test("writeWholly() goes on after short writes", () => {
  const { writer, text } = fakeWriter(3);
  writeWholly(writer, "größer als drei\n");
  assertEquals(text(), "größer als drei\n");
});

Deno.test("writeWholly() writes whole lines, as many as a pipe takes at once", () => {
  const sizes: number[] = [];
  const writer: SyncWriter = {
    writeSync: (bytes) => {
      sizes.push(bytes.length);
      return bytes.length;
    },
  };
  writeWholly(writer, `${"x".repeat(999)}\n`.repeat(6));
  writeWholly(writer, `${"x".repeat(9999)}\n`);
  writeWholly(writer, `${"x".repeat(4095)}\ny\n`);
  assertEquals(sizes, [4000, 2000, 4096, 4096, 1808, 4096, 2]);
});

Deno.test("writeWholly() waits while a pipe is full", () => {
  const full = new Deno.errors.WouldBlock("full");
  const { writer, text } = fakeWriter(5, full);
  let pauses = 0;
  writeWholly(writer, "0123456789\n", () => pauses++);
  assertEquals(text(), "0123456789\n");
  assertEquals(pauses, 3);
});

Deno.test("writeWholly() drops what cannot be written and goes on with the next", () => {
  const { writer, text } = fakeWriter(5, new Deno.errors.BrokenPipe("gone"));
  writeWholly(writer, "lost\n", () => fail("It waits"));
  writeWholly(writer, "kept\n", () => fail("It waits"));
  assertEquals(text(), "kept\n");
});

Deno.test("stdoutWriter() writes to standard output where there is one", () => {
  const { writer, text } = fakeWriter(100);
  stdoutWriter({ Deno: { stdout: writer } })("a\nb\n");
  assertEquals(text(), "a\nb\n");
});

Deno.test("stdoutWriter() falls back to the console", () => {
  const calls: unknown[][] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => calls.push(values);
  try {
    stdoutWriter({})("a %s\nb\n");
    stdoutWriter({ Deno: {} })("c\n");
  } finally {
    console.log = log;
  }
  assertEquals(calls, [["a %s\nb"], ["c"]]);
});

Deno.test("hasColor() wants a terminal and no NO_COLOR", () => {
  const terminal = (isTerminal: boolean) => ({
    writeSync: () => 0,
    isTerminal: () => isTerminal,
  });
  assert(hasColor({ Deno: { stdout: terminal(true), noColor: false } }));
  assertFalse(hasColor({ Deno: { stdout: terminal(false), noColor: false } }));
  assertFalse(hasColor({ Deno: { stdout: terminal(true), noColor: true } }));
  assertFalse(hasColor({ Deno: {} }));
  assertFalse(hasColor({}));
});

Deno.test("utf8Length() counts the same natively and by encoding", () => {
  for (const text of ["", "abc", "é€😀", "\ud800", "x".repeat(5000)]) {
    const expected = new TextEncoder().encode(text).length;
    assertEquals(utf8Length(text), expected);
    assertEquals(utf8Length(text, undefined), expected);
  }
});

const SINK = import.meta.resolve("../../../src/middleware/log_sink.ts");

/** What a program prints that pushes lines by `write` and then ends. */
async function printed(ending: string): Promise<string> {
  const code = `
    import { stdoutSink } from ${JSON.stringify(SINK)};
    const write = stdoutSink();
    for (let at = 0; at < 3; at++) write("line " + at);
    ${ending}`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("stdoutSink() loses no line when the process ends", async () => {
  const endings: Record<string, string> = {
    "of itself": "",
    "by exit": "Deno.exit(1);",
    "by an error": 'throw new Error("x");',
    "by a rejection": 'Promise.reject(new Error("x"));',
    "by an error of a timer": 'setTimeout(() => { throw new Error("x") }, 0);',
  };
  for (const [name, ending] of Object.entries(endings)) {
    assertEquals(await printed(ending), "line 0\nline 1\nline 2\n", name);
  }
});

Deno.test("stdoutSink() shares one buffer, so that lines keep their order", async () => {
  const output = await printed(
    'stdoutSink()("other"); write("last"); Deno.exit(0);',
  );
  assertStringIncludes(output, "line 2\nother\nlast\n");
});

Deno.test("stdoutSink() writes before the next turn of the event loop is over", async () => {
  const output = await printed(
    `setTimeout(() => {
      Deno.stdout.writeSync(new TextEncoder().encode("later\\n"));
    }, 50);`,
  );
  assertEquals(output, "line 0\nline 1\nline 2\nlater\n");
});

Deno.test("stdoutSink() lets the process live when its reader has gone", async () => {
  const code = `
    import { stdoutSink } from ${JSON.stringify(SINK)};
    const write = stdoutSink();
    await Deno.stdin.read(new Uint8Array(1));
    for (let at = 0; at < 1000; at++) write("x".repeat(1000));
    setTimeout(() => Deno.exit(7), 0);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await child.stdout.cancel();
  const writer = child.stdin.getWriter();
  await writer.write(new Uint8Array(1));
  await writer.close();
  assertEquals((await child.status).code, 7);
});
