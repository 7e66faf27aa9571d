import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Losses } from "../../../../src/middleware/logging/sink.ts";
import {
  hasColor,
  stdoutSink,
  stdoutWriter,
} from "../../../../src/middleware/logging/stdout_sink.ts";

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("stdoutWriter() writes to standard output where there is one", () => {
  const sizes: number[] = [];
  const stdout = {
    writeSync: (bytes: Uint8Array) => {
      sizes.push(bytes.length);
      return bytes.length;
    },
  };
  const bytes = encode(`${"x".repeat(999)}\n`.repeat(9));
  stdoutWriter(new Losses(), { Deno: { stdout } })(bytes);
  assertEquals(sizes, [4000, 4000, 1000]);
  const query = (state: string) => ({ querySync: () => ({ state }) });
  const statSync = () => ({ isFile: true });
  sizes.length = 0;
  for (const state of ["granted", "prompt"]) {
    const runtime = { stdout, permissions: query(state), statSync };
    stdoutWriter(new Losses(), { Deno: runtime })(bytes);
  }
  assertEquals(sizes, [9000, 4000, 4000, 1000]);
});

Deno.test("stdoutWriter() falls back to the console", () => {
  const calls: unknown[][] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => calls.push(values);
  try {
    stdoutWriter(new Losses(), {})(encode("a %s\nb\n"));
    stdoutWriter(new Losses(), { Deno: {} })(encode("c\n"));
  } finally {
    console.log = log;
  }
  assertEquals(calls, [["a %s\nb"], ["c"]]);
});

Deno.test("stdoutSink() throws when an option is unknown or wrong", () => {
  const table: [
    Record<string, unknown>,
    typeof TypeError | typeof RangeError,
  ][] = [
    [{ onOverflow: "wait" }, TypeError],
    [{ queueBytes: "1" }, TypeError],
    [{ queueBytes: 0 }, RangeError],
    [{ flushMs: -1 }, RangeError],
    [{ flushMs: 1.5 }, RangeError],
    [{ flush: 1 }, TypeError],
  ];
  for (const [options, error] of table) {
    assertThrows(() => stdoutSink(options), error);
  }
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

const SINK = import.meta.resolve(
  "../../../../src/middleware/logging/stdout_sink.ts",
);

/** What a program prints that writes lines to `sink` and then ends. */
async function printed(ending: string, options = ""): Promise<string> {
  const code = `
    import { stdoutSink } from ${JSON.stringify(SINK)};
    const sink = stdoutSink(${options});
    for (let at = 0; at < 3; at++) sink.write("line " + at);
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
    for (const options of ["", "{ flushMs: 60_000 }"]) {
      // Its own end waits for the timer.
      if (ending === "" && options !== "") continue;
      const output = await printed(ending, options);
      assertEquals(output, "line 0\nline 1\nline 2\n", name + options);
    }
  }
});

Deno.test("stdoutSink() shares one buffer, so that lines keep their order", async () => {
  const output = await printed(
    'stdoutSink().write("other"); sink.write("last"); Deno.exit(0);',
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
    const sink = stdoutSink();
    await Deno.stdin.read(new Uint8Array(1));
    for (let at = 0; at < 1000; at++) sink.write("x".repeat(1000));
    setTimeout(() => Deno.exit(sink.takeLoss().lines === 1000 ? 7 : 8), 0);`;
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

Deno.test("stdoutSink() drops lines rather than wait when told to", async () => {
  const code = `
    import { stdoutSink } from ${JSON.stringify(SINK)};
    const sink = stdoutSink({ onOverflow: "drop", queueBytes: 200_000 });
    let lost = 0;
    for (let at = 0; at < 1000; at++) {
      sink.write("x".repeat(1000));
      await new Promise((resolve) => setImmediate(resolve));
      lost += sink.takeLoss()?.lines ?? 0;
    }
    Deno.exit(lost > 500 ? 7 : 8);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // Nobody reads.
  assertEquals((await child.status).code, 7);
  await child.stdout.cancel();
});
