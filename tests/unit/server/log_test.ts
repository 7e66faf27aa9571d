/** What `logToStderr` writes. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type LogRecord, logToStderr } from "../../../src/server/log.ts";

function written(record: LogRecord): string[] {
  const lines: string[] = [];
  const { error } = console;
  console.error = (...parts: unknown[]) => void lines.push(parts.join(" "));
  try {
    logToStderr(record);
  } finally {
    console.error = error;
  }
  return lines.join("\n").split("\n");
}

Deno.test("logToStderr() writes nothing when the level is low", () => {
  for (const level of ["debug", "info"] as const) {
    assertEquals(written({ level, message: "quiet" }), [""]);
  }
});

Deno.test("logToStderr() tells what it knows of a request", () => {
  const [line] = written({
    level: "warn",
    message: "something",
    requestId: "7",
    method: "GET",
    target: "/a",
    peer: "127.0.0.1:1",
  });
  for (const part of ["warn", "something", "7", "GET /a", "127.0.0.1:1"]) {
    assert(line.includes(part), line);
  }
});

Deno.test("logToStderr() writes the stack when there is an error", () => {
  const error = new Error("the cause");
  const lines = written({ level: "error", message: "failed", error });
  assertMatch(lines[0], /failed/);
  assertMatch(lines[1], /the cause/);
  assertMatch(lines[2], /log_test/);
});

for (
  const [name, code] of [
    ["ESC", 27],
    ["NUL", 0],
    ["BS", 8],
    ["CR", 13],
    ["DEL", 127],
    ["CSI", 155],
    ["LS", 0x2028],
  ] as const
) {
  Deno.test(`logToStderr() escapes ${name} wherever it comes from`, () => {
    const char = String.fromCharCode(code);
    const evil = `a${char}b`;
    const text = written({
      level: "error",
      message: "failed",
      method: evil,
      target: evil,
      requestId: evil,
      peer: evil,
      error: new Error(evil),
    }).join("\n");
    assert(!text.includes(char));
    const escaped = `\\u${code.toString(16).padStart(4, "0")}`;
    assertEquals(text.split(escaped).length - 1, 5);
  });
}

for (const field of ["requestId", "target", "error"] as const) {
  Deno.test(`logToStderr() starts no line of its own when ${field} has a line feed`, () => {
    const evil = "a\nhttpserver: error: faked";
    const lines = written({
      level: "error",
      message: "failed",
      method: "GET",
      target: "/",
      [field]: field === "error" ? new Error(evil) : evil,
    });
    const heads = lines.filter((line) => line.startsWith("httpserver:"));
    assertEquals(heads.length, 1);
  });
}
