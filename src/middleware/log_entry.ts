/**
 * What is logged about a request, whatever the format.
 *
 * @module
 */

import { FileBody } from "../http/file_body.ts";
import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse, ResponseBody } from "../http/response.ts";
import { isBodiless } from "../http/status.ts";
import { rawPath, rawQuery } from "../http/target_path.ts";
import { type LoggedError, loggedError } from "./log_error.ts";

/** How much a line matters, by the status of the answer. */
export type RequestLogLevel = "info" | "warn" | "error";

/** What one line tells of a request. Text from outside is not escaped yet. */
export interface LogEntry {
  /** When the answer was there, in ISO 8601, UTC. */
  time: string;
  /** `error` from status 500, `warn` from 400, else `info`. */
  level: RequestLogLevel;
  /** The id of the request. */
  requestId: string;
  /** The method, as sent. */
  method: string;
  /** The path, as sent. */
  path: string;
  /** The status of the answer. */
  status: number;
  /** Milliseconds that the answer took. */
  durationMs: number;
  /** Bytes of content to be sent; `null` if that is not known in advance. */
  bytes: number | null;
  /** The client's address: an IP address, or the path of a Unix socket. */
  remoteAddress: string;
  /** The client's name for itself, or `null`. */
  userAgent: string | null;
  /** What went wrong, or `null`. */
  error: LoggedError | null;
}

/** Where an entry takes its times from. */
export interface LogClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since any fixed time, never set back. */
  monotonicNow(): number;
}

function levelOf(status: number): RequestLogLevel {
  return status < 400 ? "info" : status < 500 ? "warn" : "error";
}

let lastSecond = NaN;
let lastSecondText = "";

// Most lines of a busy server fall into the same second: a third of the price
// of a Date for each.
function isoTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecondText = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  const rest = `${Math.floor(ms - second * 1000)}`.padStart(3, "0");
  return `${lastSecondText}${rest}Z`;
}

interface BuiltinLoader {
  process?: {
    getBuiltinModule?(name: string): {
      Buffer: { byteLength(text: string): number };
    };
  };
}

const buffer = (globalThis as BuiltinLoader).process
  ?.getBuiltinModule?.("node:buffer").Buffer;
const encoder = new TextEncoder();

/** The bytes of a text as UTF-8: counted where the runtime can, else encoded. */
export function utf8Length(text: string, counter = buffer): number {
  return counter === undefined
    ? encoder.encode(text).length
    : counter.byteLength(text);
}

function declaredLength(response: HttpResponse): number | null {
  const declared = response.header("content-length");
  return declared === null || !/^\d+$/.test(declared) ? null : Number(declared);
}

function lengthOfBody(body: ResponseBody): number | null {
  if (body === null) return 0;
  if (typeof body === "string") return utf8Length(body);
  if (body instanceof Uint8Array || body instanceof FileBody) {
    return body.length;
  }
  return null;
}

function bytesOf(request: AnyRequest, response: HttpResponse): number | null {
  if (request.method === "HEAD" || isBodiless(response.status)) return 0;
  return lengthOfBody(response.body) ?? declaredLength(response);
}

function addressOf(request: AnyRequest): string {
  const { ip } = request;
  if (ip !== "") return ip;
  const address = request.remoteAddress;
  return "path" in address ? address.path : "";
}

function pathOf(target: string, withQuery: boolean): string {
  const path = rawPath(target);
  const query = withQuery ? rawQuery(target) : "";
  return query === "" ? path : `${path}?${query}`;
}

/** Describes a request that was answered. */
export function logEntry(
  request: AnyRequest,
  response: HttpResponse,
  startMs: number,
  clock: LogClock,
  withQuery: boolean,
): LogEntry {
  const { status, error } = response;
  const durationMs = clock.monotonicNow() - startMs;
  return {
    time: isoTime(clock.now()),
    level: levelOf(status),
    requestId: request.id,
    method: request.method,
    path: pathOf(request.target, withQuery),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    bytes: bytesOf(request, response),
    remoteAddress: addressOf(request),
    userAgent: request.header("user-agent"),
    error: error === undefined ? null : loggedError(error, status >= 500),
  };
}
