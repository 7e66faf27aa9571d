/**
 * Where the server itself reports: failing handlers, refused messages, faults
 * of the listener. Requests are logged by the `logging` middleware.
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { cannotShowStacks, guardStacks } from "../http/stack_guard.ts";
import { isConnectionError } from "./connection/net_errors.ts";

/** How much a record matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** One report of the server. */
export interface LogRecord {
  /** How much it matters. */
  level: LogLevel;
  /** What happened, in a few words that never change. */
  message: string;
  /** The error behind it. */
  error?: unknown;
  /** The id of the request, if one is concerned. */
  requestId?: string;
  /** Its method. */
  method?: string;
  /** Its target, as sent. */
  target?: string;
  /** The peer's address. */
  peer?: string;
}

/** Takes the reports of a server. */
export type LogFunction = (record: LogRecord) => void;

// What a peer sent must not move the cursor of a terminal or fake a line.
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

function escapeControls(text: string): string {
  return text.replace(
    CONTROLS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const MOST_CAUSES = 5;

function describe(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return describeOther(error);
  const text = error.stack ?? `${error}`;
  return error.cause === undefined || depth === MOST_CAUSES
    ? text
    : `${text}\nCaused by: ${describe(error.cause, depth + 1)}`;
}

// There may be errors in it.
function describeOther(value: unknown): string {
  const isUnsafe = typeof value === "object" && cannotShowStacks();
  return isUnsafe ? `${typeof value}` : Deno.inspect(value);
}

/** Writes warnings and errors to standard error. */
export function logToStderr(record: LogRecord): void {
  if (record.level !== "warn" && record.level !== "error") return;
  const { level, message, method, target, requestId, peer, error } = record;
  const about = [
    method && target && `${method} ${target}`,
    requestId && `request ${requestId}`,
    peer && `from ${peer}`,
  ].filter(Boolean).join(", ");
  const head = `httpserver: ${level}: ${message}${about && ` (${about})`}`;
  // Lines of an error are indented: none of them can pass for a report.
  const lines = error === undefined ? [] : describe(error).split("\n");
  const text = [head, ...lines.map((line) => `    ${line.trim()}`)];
  // deno-lint-ignore no-console
  console.error(text.map(escapeControls).join("\n"));
}

/** A log function that never throws: a fault of the log must not end a connection. */
export function guardLog(log: LogFunction): LogFunction {
  return (record) => {
    try {
      if (record.level !== "debug") guardStacks(record.error);
      const result: unknown = log(record);
      // It may be async, whatever its type says.
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // There is nowhere left to tell.
    }
  };
}

/** How much an error matters: what a peer can bring about must not fill the log. */
export function levelOf(error: unknown): LogLevel {
  const isPeers = isConnectionError(error) ||
    (error instanceof HttpError && error.status < 500);
  return isPeers ? "debug" : "error";
}

/** Reports the error behind a 5xx answer, which the client never sees. */
export function reportFailure(
  log: LogFunction,
  request: AnyRequest,
  response: HttpResponse,
): void {
  const { error, status } = response;
  if (error === undefined || status < 500) return;
  log({
    level: levelOf(error),
    message: "a request failed",
    error,
    ...aboutRequest(request),
  });
}

/** What a report tells of the request it is about. */
export function aboutRequest(
  request: AnyRequest,
): Pick<LogRecord, "requestId" | "method" | "target" | "peer"> {
  const { id, method, target, remoteAddress } = request;
  return { requestId: id, method, target, peer: showAddress(remoteAddress) };
}

function showAddress(address: Deno.Addr): string {
  if ("hostname" in address) return `${address.hostname}:${address.port}`;
  return "path" in address ? address.path : address.transport;
}
