import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { FileBody } from "../../../src/http/file_body.ts";
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
import { log, logJson, logLine, NOON } from "./log_helpers.ts";

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

Deno.test("logging() throws when the format is unknown", () => {
  const format = "xml" as unknown as "json";
  assertThrows(() => logging({ format }), TypeError, '"xml"');
});
