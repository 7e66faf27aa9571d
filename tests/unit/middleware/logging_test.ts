import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { FileBody } from "../../../src/http/file_body.ts";
import type { Next } from "../../../src/http/handler.ts";
import {
  HttpResponse,
  type HttpResponseInit,
} from "../../../src/http/response.ts";
import {
  logging,
  type LoggingOptions,
} from "../../../src/middleware/logging.ts";
import { requestId } from "../../../src/middleware/request_id.ts";
import { fakeRequest, type FakeRequestInit, run } from "./fakes.ts";

const NOON = Date.UTC(2026, 0, 2, 12, 0, 0, 7);

/** Logs in memory, at noon; every reading of the clock is 1.5 ms later. */
async function log(
  options: LoggingOptions,
  init: FakeRequestInit = {},
  next: Next = () => new HttpResponse(),
): Promise<string[]> {
  const lines: string[] = [];
  let ticks = 0;
  const middleware = logging({
    sink: (line) => lines.push(line),
    now: () => NOON,
    monotonicNow: () => 1.5 * ticks++,
    ...options,
  });
  const request = fakeRequest(init);
  request.id = "id-1";
  await run(middleware, request, next);
  return lines;
}

async function logLine(
  options: LoggingOptions,
  init?: FakeRequestInit,
  next?: Next,
): Promise<string> {
  const lines = await log(options, init, next);
  assertEquals(lines.length, 1);
  return lines[0];
}

// deno-lint-ignore no-explicit-any -- a line can have any shape
type Parsed = any;

async function logJson(init?: FakeRequestInit, next?: Next): Promise<Parsed> {
  return JSON.parse(await logLine({ format: "json" }, init, next));
}

function failing(error: unknown, status = 500): Next {
  return () => {
    const response = new HttpResponse({ status });
    response.error = error;
    return response;
  };
}

Deno.test("logging() writes columns of text by default", async () => {
  const init = {
    method: "POST",
    target: "/a%20b?token=1",
    headers: { "User-Agent": "curl/8.5.0" },
  };
  assertEquals(
    await logLine({}, init, () => new HttpResponse({ body: "hello" })),
    '2026-01-02T12:00:00.007Z INFO  POST /a%20b 200 1.5ms 5B 192.0.2.1 id-1 "curl/8.5.0"',
  );
});

Deno.test("logging() writes a dash for what is not known in text", async () => {
  const next = () => new HttpResponse({ body: new ReadableStream() });
  const init: FakeRequestInit = {
    remoteAddress: { transport: "unix", path: "" },
  };
  assertEquals(
    await logLine({}, init, next),
    "2026-01-02T12:00:00.007Z INFO  GET / 200 1.5ms - - id-1 -",
  );
});

Deno.test("logging() writes an object in JSON", async () => {
  const init = {
    method: "POST",
    target: "/users?token=1",
    headers: { "User-Agent": "curl/8.5.0" },
  };
  const line = await logLine(
    { format: "json" },
    init,
    () => new HttpResponse({ body: "hello" }),
  );
  assertEquals(JSON.parse(line), {
    time: "2026-01-02T12:00:00.007Z",
    level: "info",
    requestId: "id-1",
    method: "POST",
    path: "/users",
    status: 200,
    durationMs: 1.5,
    bytes: 5,
    remoteAddress: "192.0.2.1",
    userAgent: "curl/8.5.0",
  });
});

Deno.test("logging() takes the level from the status", async () => {
  const table: [status: number, level: string][] = [
    [200, "info"],
    [304, "info"],
    [399, "info"],
    [400, "warn"],
    [499, "warn"],
    [500, "error"],
    [599, "error"],
  ];
  for (const [status, level] of table) {
    const next = () => new HttpResponse({ status });
    assertEquals((await logJson({}, next)).level, level);
    const text = await logLine({}, {}, next);
    assertEquals(text.split(" ")[1], level.toUpperCase());
  }
});

Deno.test("logging() counts the bytes that are known", async () => {
  const file = {
    read: () => Promise.resolve(null),
    close: () => {},
  };
  const table: [init: HttpResponseInit, bytes: number | null][] = [
    [{}, 0],
    [{ body: "" }, 0],
    [{ body: "aé€😀" }, 10],
    [{ body: new Uint8Array(3) }, 3],
    [{ body: new FileBody(file, 7) }, 7],
    [{ body: new ReadableStream() }, null],
    [{ body: new ReadableStream(), headers: { "content-length": "9" } }, 9],
    [{ body: new ReadableStream(), headers: { "content-length": "x" } }, null],
    [{ status: 204 }, 0],
    [{ status: 304, headers: { "content-length": "9" } }, 0],
  ];
  for (const [init, bytes] of table) {
    assertEquals(
      (await logJson({}, () => new HttpResponse(init))).bytes,
      bytes,
    );
  }
});

Deno.test("logging() counts no bytes for HEAD", async () => {
  const next = () => new HttpResponse({ body: "hello" });
  assertEquals((await logJson({ method: "HEAD" }, next)).bytes, 0);
});

Deno.test("logging() writes the query only when told to", async () => {
  const table: [target: string, without: string, withQuery: string][] = [
    ["/a?b=c", "/a", "/a?b=c"],
    ["/a", "/a", "/a"],
    ["http://example.com/a?b", "/a", "/a?b"],
    ["http://example.com", "/", "/"],
    ["*", "*", "*"],
  ];
  for (const [target, without, withQuery] of table) {
    for (const includeQuery of [false, true]) {
      const line = await logLine({ format: "json", includeQuery }, { target });
      const expected = includeQuery ? withQuery : without;
      assertEquals(JSON.parse(line).path, expected);
    }
  }
});

Deno.test("logging() writes the path of a Unix socket", async () => {
  const line = await logJson({
    remoteAddress: { transport: "unix", path: "/run/app.sock" },
  });
  assertEquals(line.remoteAddress, "/run/app.sock");
});

Deno.test("logging() writes the id that a requestId before it has set", async () => {
  const lines: string[] = [];
  const inner = logging({ format: "json", sink: (line) => lines.push(line) });
  const request = fakeRequest({ headers: { "X-Request-Id": "abc" } });
  await run(requestId(), request, async () => {
    return await run(inner, request);
  });
  assertEquals(JSON.parse(lines[0]).requestId, "abc");
});

Deno.test("logging() measures until an asynchronous answer is there", async () => {
  const { promise, resolve } = Promise.withResolvers<HttpResponse>();
  const lines: string[] = [];
  let time = 100;
  const middleware = logging({
    format: "json",
    sink: (line) => lines.push(line),
    monotonicNow: () => time,
  });
  const running = run(middleware, fakeRequest(), () => promise);
  assertEquals(lines, []);
  time = 103.14159;
  resolve(new HttpResponse());
  await running;
  assertEquals(JSON.parse(lines[0]).durationMs, 3.142);
});

Deno.test("logging() answers without a promise when next does", () => {
  const answer = new HttpResponse();
  const middleware = logging({ sink: () => {} });
  assert(middleware(fakeRequest(), () => answer) === answer);
});

Deno.test("logging() writes milliseconds of every second right", async () => {
  for (const ms of [NOON, NOON - 8, NOON + 992, NOON + 993, 0, 999]) {
    const line = await logLine({ format: "json", now: () => ms });
    assertEquals(JSON.parse(line).time, new Date(ms).toISOString());
  }
});

Deno.test("logging() reads the clocks of the runtime by default", async () => {
  const before = Date.now();
  const line = await logLine({
    format: "json",
    now: undefined,
    monotonicNow: undefined,
  });
  const { time, durationMs } = JSON.parse(line);
  const ms = Date.parse(time);
  assert(ms >= before && ms <= Date.now(), time);
  assert(durationMs >= 0 && durationMs < 60_000, durationMs);
});

Deno.test("logging() leaves out what skip accepts", async () => {
  const seen: string[] = [];
  const skip: LoggingOptions["skip"] = (request, response) => {
    seen.push(`${request.path} ${response.status}`);
    return request.path === "/health";
  };
  assertEquals(await log({ skip }, { target: "/health" }), []);
  assertEquals((await log({ skip }, { target: "/" })).length, 1);
  assertEquals(seen, ["/health 200", "/ 200"]);
});

Deno.test("logging() keeps the answer when the sink throws", async () => {
  const answer = new HttpResponse();
  const middleware = logging({
    sink: () => {
      throw new Error("disk full");
    },
  });
  for (const next of [() => answer, () => Promise.resolve(answer)]) {
    assert(await run(middleware, fakeRequest(), next) === answer);
  }
});

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
  const heads = stack.split("\nCaused by: ").map((one: string) =>
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
  assertEquals(stack.split("\nCaused by: ").length, 10);
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

const INJECTIONS = [
  "\n2026-01-02T12:00:00.007Z INFO  GET /forged 200",
  "\r\n",
  "\0",
  "\t",
  "\x1b[2J\x1b]0;title\x07",
  "\x7f",
  "\x85",
  "\x9b31m",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u200b",
  "\ufeff",
  "\ud800",
  "\u{e0001}",
  '" error="forged',
  '","level":"error","x":"',
  "\\",
  "\\n",
];

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;

type Place = (text: string) => [init: FakeRequestInit, next?: Next];

const PLACES: Record<string, Place> = {
  method: (text) => [{ method: text }],
  path: (text) => [{ target: `/${text}` }],
  userAgent: (text) => [{ headers: { "User-Agent": text } }],
  remoteAddress: (text) => [{
    remoteAddress: { transport: "unix", path: text },
  }],
  error: (text) => [{}, failing(new Error(text))],
  thrown: (text) => [{}, failing(text, 400)],
};

Deno.test("logging() lets no text from outside break out of its field", async () => {
  const options: LoggingOptions[] = [{}, { format: "json" }];
  for (const [name, place] of Object.entries(PLACES)) {
    for (const text of INJECTIONS) {
      for (const option of options) {
        const line = await logLine(option, ...place(text));
        assertFalse(UNSEEN.test(line), `${name}: ${JSON.stringify(line)}`);
        assertFalse(/(?<!\\)" error="forged/.test(line), line);
      }
    }
  }
});

Deno.test("logging() keeps all text from outside in JSON", async () => {
  for (const text of INJECTIONS) {
    const [init] = PLACES.userAgent(text);
    const line = await logJson({ ...init, method: text, target: `/${text}` });
    const known = text.toWellFormed() === text;
    const { userAgent, method, path, level } = line;
    assertEquals([userAgent, method, path], [text, text, `/${text}`]);
    assertEquals(level, "info");
    assert(known || text === "\ud800");
  }
});

Deno.test("logging() lets no id break out of its field", async () => {
  for (const text of INJECTIONS) {
    for (const format of ["text", "json"] as const) {
      const lines: string[] = [];
      const middleware = logging({ format, sink: (line) => lines.push(line) });
      const request = fakeRequest();
      request.id = text;
      await run(middleware, request);
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

Deno.test("logging() colours by the level when told to", async () => {
  for (const [status, code] of [[200, 32], [404, 33], [503, 31]]) {
    const next = () => new HttpResponse({ status });
    const line = await logLine({ color: true }, {}, next);
    assertStringIncludes(line, `\x1b[${code}m`);
    assert(line.includes(`GET / ${status}\x1b[0m`));
  }
});

Deno.test("logging() does not colour JSON or what goes to a sink of one's own", async () => {
  assertFalse((await logLine({})).includes("\x1b"));
  assertFalse(
    (await logLine({ format: "json", color: true })).includes("\x1b"),
  );
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

Deno.test("logging() throws when the format is unknown", () => {
  const format = "xml" as unknown as "json";
  assertThrows(() => logging({ format }), TypeError, '"xml"');
});
