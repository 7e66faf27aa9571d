import { assert, assertEquals } from "@std/assert";
import { takeEndListener } from "../../../../src/http/request.ts";
import { HttpResponse } from "../../../../src/http/response.ts";
import type {
  ServerReport,
  ServerState,
} from "../../../../src/http/server_state.ts";
import { runShutdownTasks } from "../../../../src/http/shutdown_tasks.ts";
import {
  logging,
  type LoggingOptions,
} from "../../../../src/middleware/logging/mod.ts";
import { FunctionSink } from "../../../../src/middleware/logging/sink.ts";
import { fakeRequest, run } from "../fakes.ts";

/** A log that a test gives requests to, and ends. */
class Log {
  readonly reports: ServerReport[] = [];
  readonly #middleware;
  readonly #server: ServerState;

  constructor(options: LoggingOptions) {
    this.#middleware = logging({ format: "json", ...options });
    const { server } = fakeRequest();
    this.#server = { ...server, report: (one) => void this.reports.push(one) };
  }

  async request(path: string): Promise<HttpResponse> {
    const request = fakeRequest({ target: path });
    Object.defineProperty(request, "server", { value: this.#server });
    const response = await run(
      this.#middleware,
      request,
      () => new HttpResponse({ status: 404 }),
    );
    takeEndListener(request)?.({ status: 404, bytes: 0, isComplete: true });
    return response;
  }

  end(): Promise<void> {
    return runShutdownTasks(this.#server, 1_000, new Promise(() => {}));
  }
}

function pathsAndNotices(lines: readonly string[]): unknown[] {
  return lines.map((line) => JSON.parse(line))
    .map(({ path, dropped, message }) => path ?? [message, dropped]);
}

Deno.test("logging() keeps the answer and reports once when the sink throws", async () => {
  const lines: string[] = [];
  const full = new Error("disk full");
  let isFull = true;
  const log = new Log({
    sink(line) {
      if (isFull) throw full;
      lines.push(line);
    },
  });
  for (const path of ["/1", "/2", "/3"]) {
    assertEquals((await log.request(path)).status, 404);
  }
  assertEquals(log.reports, [{
    level: "warn",
    message: "the request log loses lines",
    error: full,
  }]);
  isFull = false;
  for (const path of ["/4", "/5"]) await log.request(path);
  assertEquals(pathsAndNotices(lines), [
    "/4",
    ["log lines were dropped", 3],
    "/5",
  ]);
});

Deno.test("logging() survives an async sink that rejects", async () => {
  const lines: string[] = [];
  const gone = new Error("collector gone");
  let isGone = true;
  const log = new Log({
    sink(line) {
      if (isGone) return Promise.reject(gone);
      lines.push(line);
      return Promise.resolve();
    },
  });
  await log.request("/1");
  await log.request("/2");
  await new Promise<void>((resolve) => void setImmediate(resolve));
  isGone = false;
  await log.request("/3");
  assertEquals(log.reports[0].error, gone);
  await log.request("/4");
  assertEquals(pathsAndNotices(lines), [
    "/3",
    "/4",
    ["log lines were dropped", 2],
  ]);
});

Deno.test("logging() survives an async LogSink that rejects", async () => {
  const log = new Log({
    sink: { write: () => Promise.reject(new Error("gone")) },
  });
  await log.request("/1");
  await new Promise<void>((resolve) => void setImmediate(resolve));
  await log.request("/2");
  assertEquals(log.reports.length, 1);
});

Deno.test("logging() tells of lost lines before the server ends", async () => {
  const lines: string[] = [];
  let calls = 0;
  const log = new Log({
    sink: (line) => {
      if (calls++ === 0) throw new Error("once");
      lines.push(line);
    },
  });
  await log.request("/1");
  await log.end();
  assertEquals(pathsAndNotices(lines), [["log lines were dropped", 1]]);
});

Deno.test("logging() waits for its sink when the server ends", async () => {
  const calls: string[] = [];
  const log = new Log({
    sink: {
      write: () => void calls.push("write"),
      flush: async () => {
        await null;
        calls.push("flush");
      },
      close: async () => {
        await null;
        calls.push("close");
      },
    },
  });
  await log.request("/1");
  await log.end();
  assertEquals(calls, ["write", "flush", "close"]);
});

Deno.test("logging() lets no option that throws end a request", async () => {
  const throwing = () => {
    throw new Error("bug");
  };
  for (const name of ["skip", "fields", "format"] as const) {
    const lines: string[] = [];
    const log = new Log({ [name]: throwing, sink: (line) => lines.push(line) });
    assertEquals((await log.request("/")).status, 404);
    assertEquals(log.reports[0].message, "the request log loses lines");
    assertEquals(lines, []);
  }
});

Deno.test("FunctionSink bounds what waits for an async function", async () => {
  const waiting: (() => void)[] = [];
  const sink = new FunctionSink(() =>
    new Promise<void>((resolve) => waiting.push(resolve))
  );
  const line = "x".repeat(400_000);
  for (let at = 0; at < 4; at++) sink.write(line, null);
  assertEquals(waiting.length, 2);
  assertEquals(sink.takeLoss(), { lines: 2, error: undefined });
  const flushed = sink.flush();
  for (const resolve of waiting.splice(0)) resolve();
  await flushed;
  sink.write(line, null);
  assertEquals(waiting.length, 1);
  for (const resolve of waiting) resolve();
  await sink.flush();
});

Deno.test("FunctionSink hands over a line that is longer than its bound", () => {
  let length = 0;
  const sink = new FunctionSink((line) => length = line.length);
  sink.write("x".repeat(2_000_000), null);
  assertEquals(length, 2_000_000);
  assert(sink.takeLoss() === null);
});
