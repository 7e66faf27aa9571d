import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { Next } from "../../../../src/http/handler.ts";
import { takeEndListener } from "../../../../src/http/request.ts";
import {
  logging,
  type LoggingOptions,
} from "../../../../src/middleware/logging/mod.ts";
import { fakeRequest, run } from "../fakes.ts";
import {
  failing,
  INJECTIONS,
  type LoggedRequest,
  logJson,
  logLine,
  UNSEEN,
} from "./helpers.ts";

Deno.test("logging() writes name, message and stack of the error of a 5xx", async () => {
  const error = new TypeError("no such column");
  assertEquals((await logJson({}, failing(error))).error, {
    name: "TypeError",
    message: "no such column",
    stack: error.stack,
  });
  const text = await logLine({}, {}, failing(error));
  assertStringIncludes(text, 'error="TypeError: no such column"');
  assertStringIncludes(text, `stack=${JSON.stringify(error.stack)}`);
});

Deno.test("logging() writes no stack below 500", async () => {
  const next = failing(new Error("no such user"), 404);
  assertEquals((await logJson({}, next)).error, {
    name: "Error",
    message: "no such user",
  });
  assertMatch(await logLine({}, {}, next), /error="Error: no such user"$/);
});

Deno.test("logging() writes the stacks of causes, each once", async () => {
  const root = new RangeError("root");
  const middle = new Error("middle", { cause: root });
  root.cause = middle;
  const top = new AggregateError([new Error("one"), "two"], "top", {
    cause: middle,
  });
  const { stack } = (await logJson({}, failing(top))).error;
  const heads = stack?.split("\nCaused by: ").map((one: string) =>
    one.split("\n")[0]
  );
  assertEquals(heads, [
    "AggregateError: top",
    "Error: middle",
    "Error: one",
    "two",
    "RangeError: root",
  ]);
});

Deno.test("logging() bounds the number of causes", async () => {
  let error = new Error("0");
  for (let at = 1; at < 1000; at++) {
    error = new Error(`${at}`, { cause: error });
  }
  const { stack } = (await logJson({}, failing(error))).error;
  assertEquals(stack?.split("\nCaused by: ").length, 10);
});

Deno.test("logging() describes whatever was thrown", async () => {
  const hostile = new Error("x");
  for (const name of ["name", "message", "stack", "cause"]) {
    Object.defineProperty(hostile, name, {
      get() {
        throw new Error("gotcha");
      },
    });
  }
  const table: [thrown: unknown, name: string, message: string][] = [
    ["text", "string", "text"],
    [7, "number", "7"],
    [null, "object", "null"],
    [Symbol("s"), "symbol", "Symbol(s)"],
    [Object.create(null), "object", "unreadable error"],
    [hostile, "Error", "unreadable error"],
  ];
  for (const [thrown, name, message] of table) {
    const { error } = await logJson({}, failing(thrown));
    assertEquals([error.name, error.message], [name, message]);
    assertEquals(typeof error.stack, "string");
  }
});

type Place = (text: string) => [init: LoggedRequest, next?: Next];

const PLACES: Record<string, Place> = {
  method: (text) => [{ method: text }],
  path: (text) => [{ target: `/${text}` }],
  query: (text) => [{ target: `/?${text}` }],
  route: (text) => [{ route: text }],
  userAgent: (text) => [{ headers: { "User-Agent": text } }],
  referer: (text) => [{ headers: { Referer: text } }],
  header: (text) => [{ headers: { Accept: text } }],
  traceId: (text) => [{ state: { trace: { traceId: text, spanId: text } } }],
  remoteAddress: (text) => [{
    remoteAddress: { transport: "unix", path: text },
  }],
  error: (text) => [{}, failing(new Error(text))],
  thrown: (text) => [{}, failing(text, 400)],
};

const FORMATS: LoggingOptions["format"][] = [
  "text",
  "json",
  "logfmt",
  "combined",
  ({ path, userAgent, error }) => `${path} ${userAgent} ${error?.message}`,
];

function stateAll(format: LoggingOptions["format"], text: string) {
  return {
    format,
    includeQuery: true,
    headers: ["accept"],
    fields: () => ({ user: text, deep: { [text]: [text] }, [text]: text }),
  };
}

Deno.test("logging() lets no text from outside break out of its line", async () => {
  for (const [name, place] of Object.entries(PLACES)) {
    for (const text of INJECTIONS) {
      for (const format of FORMATS) {
        const options = typeof format === "function"
          ? { format, includeQuery: true }
          : stateAll(format, text);
        const line = await logLine(options, ...place(text));
        assertFalse(UNSEEN.test(line), `${name}: ${JSON.stringify(line)}`);
        if (format === "text") {
          assertFalse(/(?<!\\)" error="forged/.test(line), line);
        }
      }
    }
  }
});

Deno.test("logging() keeps all text from outside in JSON", async () => {
  for (const text of INJECTIONS) {
    const [init] = PLACES.userAgent(text);
    const line = await logJson(
      { ...init, method: text, target: `/${text}`, route: text },
      undefined,
      { fields: () => ({ [text]: text, deep: [text] }) },
    );
    const { userAgent, method, path, route, level } = line;
    assertEquals([userAgent, method, path], [text, text, `/${text}`]);
    assertEquals([level, route, line[text]], ["info", text, text]);
    assertEquals(line.deep, [text]);
  }
});

Deno.test("logging() keeps to its columns in combined", async () => {
  const columns =
    /^\S+ - \S+ \[\S+ \+0000\] "(?:[^"\\]|\\.)*" 200 - "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"$/;
  for (const [name, place] of Object.entries(PLACES)) {
    if (name === "error" || name === "thrown") continue;
    for (const text of INJECTIONS) {
      const options = stateAll("combined", text);
      assertMatch(await logLine(options, ...place(text)), columns);
    }
  }
});

/** The pairs of a line of logfmt, read as its readers do. */
function readLogfmt(line: string): [string, string][] {
  const pairs = line.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?= |$)/g);
  return Array.from(
    pairs,
    ([, name, value]) => [
      name,
      value.startsWith('"') ? JSON.parse(value) : value,
    ],
  );
}

Deno.test("logging() keeps all text from outside in logfmt", async () => {
  for (const text of INJECTIONS) {
    const [init] = PLACES.userAgent(text);
    const options = { format: "logfmt", fields: () => ({ x: text }) } as const;
    const pairs = readLogfmt(await logLine(options, { ...init, method: text }));
    assertEquals(new Set(pairs.map(([name]) => name)).size, pairs.length);
    const { userAgent, method, level, x } = Object.fromEntries(pairs);
    assertEquals([userAgent, method, x, level], [text, text, text, "info"]);
  }
});

Deno.test("logging() lets no id break out of its field", async () => {
  for (const text of INJECTIONS) {
    for (const format of FORMATS) {
      const lines: string[] = [];
      const middleware = logging({ format, sink: (line) => lines.push(line) });
      const request = fakeRequest();
      request.id = text;
      await run(middleware, request);
      takeEndListener(request)?.({ status: 200, bytes: 0, isComplete: true });
      assertFalse(UNSEEN.test(lines[0]), JSON.stringify(lines[0]));
    }
  }
});

Deno.test("logging() quotes a word that would look like several columns", async () => {
  const line = await logLine({}, { target: "/a b", method: 'G"T' });
  assertStringIncludes(line, String.raw`"G\"T" "/a b" 200`);
});

Deno.test("logging() keeps letters of any language as they are", async () => {
  const next = failing(new Error("Größe 大 😀"), 400);
  assertStringIncludes(await logLine({}, {}, next), "Größe 大 😀");
});

Deno.test("logging() indents a stack in colour so that no line can be forged", async () => {
  const error = new Error("boom\n2026-01-02T12:00:00.007Z INFO\x1b[2J\x9b");
  const line = await logLine({ color: true }, {}, failing(error));
  const [first, ...rest] = line.split("\n");
  assertStringIncludes(first, "ERROR");
  assertEquals(rest.slice(0, 2), [
    "    Error: boom",
    String.raw`    2026-01-02T12:00:00.007Z INFO\u001b[2J\u009b`,
  ]);
  for (const one of rest) {
    assert(one.startsWith("    "), one);
    assertFalse(UNSEEN.test(one), one);
  }
});
