import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { takeEndListener } from "../../../../src/http/request.ts";
import { HttpResponse } from "../../../../src/http/response.ts";
import {
  type LogEntry,
  logging,
  type LoggingOptions,
} from "../../../../src/middleware/logging/mod.ts";
import { requestId } from "../../../../src/middleware/request_id.ts";
import { fakeRequest, run } from "../fakes.ts";
import { log, type LoggedRequest, logJson, logLine, NOON } from "./helpers.ts";

Deno.test("logging() writes columns of text by default", async () => {
  const init = {
    method: "POST",
    target: "/a%20b?token=1",
    headers: { "User-Agent": "curl/8.5.0" },
  };
  assertEquals(
    await logLine({}, { ...init, end: { bytes: 5 } }),
    '2026-01-02T12:00:00.007Z INFO  POST /a%20b 200 1.5ms 5B 192.0.2.1 id-1 "curl/8.5.0"',
  );
});

Deno.test("logging() writes a dash for what is not known in text", async () => {
  const init: LoggedRequest = {
    remoteAddress: { transport: "unix", path: "" },
    end: { bytes: null },
  };
  assertEquals(
    await logLine({}, init),
    "2026-01-02T12:00:00.007Z INFO  GET / 200 1.5ms - - id-1 -",
  );
});

Deno.test("logging() writes an object in JSON", async () => {
  const init = {
    method: "POST",
    target: "/users?token=1",
    headers: { "User-Agent": "curl/8.5.0", "Referer": "http://a/b?c" },
    route: "/users",
    end: { bytes: 5 },
    state: { trace: { traceId: "ab", spanId: "cd" } },
  };
  const line = await logLine({ format: "json" }, init);
  assertEquals(Object.entries(JSON.parse(line)), [
    ["time", "2026-01-02T12:00:00.007Z"],
    ["level", "info"],
    ["requestId", "id-1"],
    ["traceId", "ab"],
    ["spanId", "cd"],
    ["method", "POST"],
    ["path", "/users"],
    ["route", "/users"],
    ["protocol", "HTTP/1.1"],
    ["status", 200],
    ["bytes", 5],
    ["durationMs", 1.5],
    ["remoteAddress", "192.0.2.1"],
    ["userAgent", "curl/8.5.0"],
    ["referer", "http://a/b"],
  ]);
});

Deno.test("logging() writes each of many different lines right in JSON", async () => {
  const lines: Record<string, unknown>[] = [];
  for (let at = 0; at < 200; at++) {
    // What is remembered from the line before must not get into this one.
    const [a, b, c] = [at % 2, at % 3, at % 5];
    const init: LoggedRequest = {
      method: a ? "GET" : "PUT",
      target: `/${b}`,
      headers: c === 0 ? {} : { "User-Agent": `${c}`, "Referer": `r${a}` },
      remoteAddress: { transport: "tcp", hostname: `192.0.2.${b}`, port: 1 },
      end: { bytes: a ? c : null, isComplete: c !== 1 },
    };
    if (b > 0) Object.assign(init, { route: `/:${c}` });
    const status = c === 4 ? 503 : 200 + b;
    const end = { status, ...init.end };
    const line = await logJson({ ...init, end }, undefined, {
      now: () => NOON + at * 7,
      monotonicNow: () => 0,
    });
    lines.push(line);
    assertEquals(
      line,
      {
        time: new Date(NOON + at * 7).toISOString(),
        level: status === 503 ? "error" : c === 1 ? "warn" : "info",
        requestId: "id-1",
        method: a ? "GET" : "PUT",
        path: `/${b}`,
        ...(b > 0 ? { route: `/:${c}` } : {}),
        protocol: "HTTP/1.1",
        status,
        bytes: a ? c : null,
        durationMs: 0,
        remoteAddress: `192.0.2.${b}`,
        userAgent: c === 0 ? null : `${c}`,
        ...(c === 0 ? {} : { referer: `r${a}` }),
        ...(c === 1 ? { aborted: true } : {}),
      } as unknown as typeof line,
    );
  }
  assertEquals(lines.length, 200);
});

Deno.test("logging() writes durations of every size right in JSON", async () => {
  const durations = [0, 0.001, 0.01, 0.1, 1, 9.999, 10, 1234.567, 86_400_000];
  for (const ms of [...durations, 2 ** 31, 1e12, 0.0004, 0.9996]) {
    let reads = 0;
    const line = await logJson({}, undefined, {
      monotonicNow: () => reads++ === 0 ? 0 : ms,
    });
    assertEquals(line.durationMs, Math.round(ms * 1000) / 1000);
  }
});

Deno.test("logging() writes pairs in logfmt", async () => {
  const init = {
    target: "/a?b=c",
    headers: { "User-Agent": "curl 8", "Referer": "http://a/" },
    route: "/a",
    end: { bytes: 5 },
    state: { trace: { traceId: "ab", spanId: "cd" } },
  };
  assertEquals(
    await logLine({ format: "logfmt", includeQuery: true }, init),
    'time=2026-01-02T12:00:00.007Z level=info requestId=id-1 traceId=ab spanId=cd method=GET path="/a?b=c" route=/a protocol=HTTP/1.1 status=200 bytes=5 durationMs=1.5 remoteAddress=192.0.2.1 userAgent="curl 8" referer=http://a/',
  );
});

Deno.test("logging() writes Apache's combined format", async () => {
  const init = {
    method: "POST",
    target: "/a%20b?token=1&x=2",
    headers: {
      "User-Agent": 'a "b" \\ \xe9\t',
      "Referer": "http://example.com/start.html",
    },
    end: { bytes: 2326 },
  };
  const options = {
    format: "combined",
    includeQuery: true,
    fields: () => ({ user: "frank b" }),
  } as const;
  assertEquals(
    await logLine(options, init),
    String
      .raw`192.0.2.1 - frank\x20b [02/Jan/2026:12:00:00 +0000] "POST /a%20b?token=[redacted]&x=2 HTTP/1.1" 200 2326 "http://example.com/start.html" "a \"b\" \\ \xe9\t"`,
  );
  assertEquals(
    await logLine({ format: "combined" }),
    '192.0.2.1 - - [02/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 - "-" "-"',
  );
});

Deno.test("logging() tells in combined when the request came", async () => {
  let reads = 0;
  const line = await logLine({
    format: "combined",
    monotonicNow: () => reads++ === 0 ? 0 : 3_600_000,
  });
  assertStringIncludes(line, "[02/Jan/2026:11:00:00 +0000]");
});

Deno.test("logging() writes what a function makes of an entry", async () => {
  const entries: LogEntry[] = [];
  const format = (entry: LogEntry) => {
    entries.push(entry);
    return entry.path === "/no" ? null : `${entry.method} ${entry.path}`;
  };
  assertEquals(await log({ format }, { target: "/a" }), ["GET /a"]);
  assertEquals(await log({ format }, { target: "/no" }), []);
  assertEquals(entries[0].time, NOON);
});

Deno.test("logging() hands the entry to the sink, as it came", async () => {
  const seen: unknown[] = [];
  await log({ sink: (line, entry) => seen.push(line, entry?.path) }, {
    target: "/\x07",
  });
  assertStringIncludes(`${seen[0]}`, String.raw`"/\u0007"`);
  assertEquals(seen[1], "/\x07");
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

Deno.test("logging() tells what was sent and not what was answered", async () => {
  const end = { status: 500, bytes: 7, error: new Error("broken content") };
  const line = await logJson({ end }, () => new HttpResponse({ body: "hi" }));
  assertEquals([line.status, line.bytes, line.level], [500, 7, "error"]);
  assertEquals(line.error.message, "broken content");
  assertEquals("aborted" in line, false);
});

Deno.test("logging() flags an answer that was cut", async () => {
  const init = { end: { bytes: 3, isComplete: false } };
  const { aborted, level, status, bytes } = await logJson(init);
  assertEquals([aborted, level, status, bytes], [true, "warn", 200, 3]);
  assertStringIncludes(await logLine({}, init), " aborted");
  assertStringIncludes(
    await logLine({ format: "logfmt" }, init),
    " aborted=true",
  );
});

Deno.test("logging() tells status 499 when the client left before an answer", async () => {
  const lines: string[] = [];
  const skipped: number[] = [];
  const middleware = logging({
    format: "json",
    sink: (line) => lines.push(line),
    skip: (_, response) => skipped.push(response.status) === 0,
  });
  const request = fakeRequest();
  const { promise, resolve } = Promise.withResolvers<HttpResponse>();
  const running = run(middleware, request, () => promise);
  takeEndListener(request)?.({ status: null, bytes: 0, isComplete: false });
  resolve(new HttpResponse());
  await running;
  assertEquals(lines.length, 1);
  const { status, aborted, level } = JSON.parse(lines[0]);
  assertEquals([status, aborted, level], [499, true, "warn"]);
  assertEquals(skipped, [499]);
});

Deno.test("logging() logs from a level on", async () => {
  const table: [LoggingOptions["level"], statuses: number[]][] = [
    ["info", [200, 404, 500]],
    ["warn", [404, 500]],
    ["error", [500]],
  ];
  for (const [level, expected] of table) {
    const logged: number[] = [];
    for (const status of [200, 404, 500]) {
      const lines = await log({ level }, { end: { status } });
      if (lines.length > 0) logged.push(status);
    }
    assertEquals(logged, expected);
  }
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
  await run(requestId(), request, async () => await run(inner, request));
  takeEndListener(request)?.({ status: 200, bytes: 0, isComplete: true });
  assertEquals(JSON.parse(lines[0]).requestId, "abc");
});

Deno.test("logging() escapes an id that follows one of its own", async () => {
  const lines: string[] = [];
  const middleware = logging({
    format: "json",
    sink: (line) => lines.push(line),
  });
  const ids = [fakeRequest().id, 'a"\n', "a\u202e"];
  for (const id of ids) {
    const request = fakeRequest();
    request.id = id;
    await run(middleware, request);
    takeEndListener(request)?.({ status: 200, bytes: 0, isComplete: true });
  }
  assertEquals(lines.map((line) => JSON.parse(line).requestId), ids);
  assert(lines.every((line) => /^[ -~]*$/.test(line)), `${lines}`);
});

Deno.test("logging() measures until the answer was sent", async () => {
  const lines: string[] = [];
  let time = 100;
  const middleware = logging({
    format: "json",
    sink: (line) => lines.push(line),
    monotonicNow: () => time,
  });
  const request = fakeRequest();
  await run(middleware, request, () => Promise.resolve(new HttpResponse()));
  assertEquals(lines, []);
  time = 103.14159;
  takeEndListener(request)?.({ status: 200, bytes: 0, isComplete: true });
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

Deno.test("logging() throws when an option is unknown or wrong", () => {
  const table: [options: Record<string, unknown>, message: string][] = [
    [{ format: "xml" }, '"xml"'],
    [{ format: "toString" }, '"toString"'],
    [{ format: 7 }, "7"],
    [{ level: "debug" }, '"debug"'],
    [{ sink: {} }, "a plain object"],
    [{ sink: null }, "null"],
    [{ skip: true }, "true"],
    [{ fields: {} }, "fields"],
    [{ now: 1 }, "now"],
    [{ redact: "token" }, '"token"'],
    [{ headers: [7] }, "headers"],
    [{ skips: () => true }, '"skips"'],
  ];
  for (const [options, message] of table) {
    assertThrows(() => logging(options), TypeError, message);
  }
});
