/** Log lines in memory, of requests without a connection. */
import { assertEquals } from "@std/assert";
import type { Next } from "../../../../src/http/handler.ts";
import { takeEndListener } from "../../../../src/http/request.ts";
import type { RequestEnd } from "../../../../src/http/request_end.ts";
import { HttpResponse } from "../../../../src/http/response.ts";
import {
  type LoggedError,
  logging,
  type LoggingOptions,
} from "../../../../src/middleware/logging/mod.ts";
import { fakeRequest, type FakeRequestInit, run } from "../fakes.ts";

export const NOON = Date.UTC(2026, 0, 2, 12, 0, 0, 7);

/** A request, and how it ends. */
export interface LoggedRequest extends FakeRequestInit {
  readonly end?: Partial<RequestEnd>;
  readonly route?: string;
  readonly state?: Record<string, unknown>;
}

/** Logs in memory, at noon; every reading of the clock is 1.5 ms later. */
export async function log(
  options: LoggingOptions,
  init: LoggedRequest = {},
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
  Object.assign(request, { route: init.route ?? null });
  Object.assign(request.state, init.state);
  const response = await run(middleware, request, next);
  takeEndListener(request)?.({
    status: response.status,
    bytes: 0,
    isComplete: true,
    ...init.end,
  });
  return lines;
}

export async function logLine(
  options: LoggingOptions,
  init?: LoggedRequest,
  next?: Next,
): Promise<string> {
  const lines = await log(options, init, next);
  assertEquals(lines.length, 1);
  return lines[0];
}

/** A line of JSON; a test that reads the error expects one. */
export interface Parsed extends Record<string, unknown> {
  error: LoggedError;
}

export async function logJson(
  init?: LoggedRequest,
  next?: Next,
  options: LoggingOptions = {},
): Promise<Parsed> {
  return JSON.parse(await logLine({ format: "json", ...options }, init, next));
}

export function failing(error: unknown, status = 500): Next {
  return () => {
    const response = new HttpResponse({ status });
    response.error = error;
    return response;
  };
}

/** What a client may send to forge lines, end them or command a terminal. */
export const INJECTIONS: readonly string[] = [
  "\n2026-01-02T12:00:00.007Z INFO  GET /forged 200",
  "\r\n",
  "\0",
  "\t",
  "\v",
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
  ' level=error x="',
  "\\",
  '\\"',
  "\\n",
];

/** What may be in no line. */
export const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
