/** Log lines in memory, of requests without a connection. */
import { assertEquals } from "@std/assert";
import type { Next } from "../../../src/http/handler.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import type { LogEntry } from "../../../src/middleware/log_entry.ts";
import type { LoggedError } from "../../../src/middleware/log_error.ts";
import {
  logging,
  type LoggingOptions,
} from "../../../src/middleware/logging.ts";
import { fakeRequest, type FakeRequestInit, run } from "./fakes.ts";

export const NOON = Date.UTC(2026, 0, 2, 12, 0, 0, 7);

/** Logs in memory, at noon; every reading of the clock is 1.5 ms later. */
export async function log(
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

export async function logLine(
  options: LoggingOptions,
  init?: FakeRequestInit,
  next?: Next,
): Promise<string> {
  const lines = await log(options, init, next);
  assertEquals(lines.length, 1);
  return lines[0];
}

/** A line of JSON; a test that reads the error expects one. */
type Parsed = Omit<LogEntry, "error"> & {
  error: LoggedError;
};

export async function logJson(
  init?: FakeRequestInit,
  next?: Next,
): Promise<Parsed> {
  return JSON.parse(await logLine({ format: "json" }, init, next));
}

export function failing(error: unknown, status = 500): Next {
  return () => {
    const response = new HttpResponse({ status });
    response.error = error;
    return response;
  };
}
