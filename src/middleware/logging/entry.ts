/**
 * What is logged about a request, whatever the format.
 *
 * @module
 */

import { type AnyRequest, stateOf } from "../../http/request.ts";
import type { RequestEnd } from "../../http/request_end.ts";
import type { HttpResponse } from "../../http/response.ts";
import { rawPath, rawQuery } from "../../http/target_path.ts";
import { type LoggedError, loggedError } from "./error.ts";
import { escapeUnseen } from "./escape.ts";
import type { LinePlace, LineTexts } from "./formats.ts";
import { REDACTED, type Redaction } from "./redact.ts";

/** How much a line matters. */
export type RequestLogLevel = "info" | "warn" | "error";

/** What a log line tells of a request. */
export interface LogEntry {
  /** When the request ended, in milliseconds since 1970. */
  readonly time: number;
  /** `error` from status 500, `warn` from 400 or for an answer that was cut, else `info`. */
  readonly level: RequestLogLevel;
  /** The id of the request. */
  readonly requestId: string;
  /** The trace that `traceContext` has put the request in, or `null`. */
  readonly traceId: string | null;
  /** The span of the request in that trace, or `null`. */
  readonly spanId: string | null;
  /** The method, as sent. */
  readonly method: string;
  /** The path, as sent, with the query if that is logged. */
  readonly path: string;
  /** The protocol: `HTTP/1.1`. */
  readonly protocol: string;
  /** The pattern of the route that matched, or `null`. */
  readonly route: string | null;
  /** The status that was sent; 499 if the connection ended before any was. */
  readonly status: number;
  /** Bytes of content that were sent; `null` if that is not known. */
  readonly bytes: number | null;
  /** Milliseconds until the last byte was handed to the operating system. */
  readonly durationMs: number;
  /** The client's address: an IP address, or the path of a Unix socket. */
  readonly remoteAddress: string;
  /** The client's name for itself, or `null`. */
  readonly userAgent: string | null;
  /** The page that led to the request, or `null`. */
  readonly referer: string | null;
  /** True if the answer was not sent whole. */
  readonly isAborted: boolean;
  /** What went wrong, or `null`. */
  readonly error: LoggedError | null;
  /** Fields of the request that were asked for, or `null`. */
  readonly headers: Readonly<Record<string, string>> | null;
  /** Fields of the answer that were asked for, or `null`. */
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  /** What the application has added, or `null`. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** The fields of an entry that may be masked by their names. */
const MASKABLE = [
  "requestId",
  "traceId",
  "spanId",
  "method",
  "path",
  "route",
  "remoteAddress",
  "userAgent",
  "referer",
] as const;

/** nginx's status for a client that left before it was answered. */
export const CLIENT_LEFT = 499;

/** What entries are made by; resolved once. */
export interface EntryOptions {
  /** Whether queries are logged. */
  readonly withQuery: boolean;
  /** What is masked. */
  readonly redaction: Redaction;
  /** Fields of requests to log, names in lower case. */
  readonly headers: readonly string[];
  /** Fields of answers to log, names in lower case. */
  readonly responseHeaders: readonly string[];
  /** Adds what the application wants, or `null`. */
  readonly fields:
    | ((
      request: AnyRequest,
      response: HttpResponse,
    ) => Readonly<Record<string, unknown>> | null)
    | null;
}

interface TraceLike {
  readonly trace?: { readonly traceId?: unknown; readonly spanId?: unknown };
}

/** How much an answer matters. */
export function levelOf(status: number, isAborted: boolean): RequestLogLevel {
  if (status >= 500) return "error";
  return status >= 400 || isAborted ? "warn" : "info";
}

function addressOf(request: AnyRequest): string {
  const { ip } = request;
  if (ip !== "") return ip;
  const address = request.remoteAddress;
  // A client on a Unix socket mostly has no path, whatever the type says.
  return "path" in address ? address.path ?? "" : "";
}

function pathOf(target: string, options: EntryOptions): string {
  const path = rawPath(target);
  if (!options.withQuery) return path;
  const query = options.redaction.query(rawQuery(target));
  return query === "" ? path : `${path}?${query}`;
}

function refererOf(request: AnyRequest, options: EntryOptions): string | null {
  const referer = request.header("referer");
  return referer === null
    ? null
    : options.redaction.referer(referer, options.withQuery);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function pick(
  names: readonly string[],
  message: AnyRequest | HttpResponse,
  redaction: Redaction,
): Record<string, string> | null {
  if (names.length === 0) return null;
  const picked: Record<string, string> = Object.create(null);
  for (const name of names) {
    const value = message.header(name);
    if (value !== null) picked[name] = redaction.header(name, value);
  }
  return picked;
}

/** What an entry tells of a request, whatever has become of it. */
export class RequestDescription implements LinePlace {
  /** The method, as sent. */
  readonly method: string;
  /** The path, as sent, with the query if that is logged. */
  readonly path: string;
  /** The protocol. */
  readonly protocol: string;
  /** The client's address. */
  readonly remoteAddress: string;
  /** The client's name for itself, or `null`. */
  readonly userAgent: string | null;
  /** The page that led to the request, or `null`. */
  readonly referer: string | null;
  /** What a format has made of it. */
  texts: LineTexts | null = null;

  /** Describes a request. */
  constructor(request: AnyRequest, options: EntryOptions) {
    this.method = request.method;
    this.path = pathOf(request.target, options);
    this.protocol = request.version === "1.1" ? "HTTP/1.1" : "HTTP/1.0";
    this.remoteAddress = addressOf(request);
    this.userAgent = request.header("user-agent");
    this.referer = refererOf(request, options);
  }
}

/** Describes a request that has ended. */
export function logEntry(
  about: RequestDescription,
  request: AnyRequest,
  response: HttpResponse,
  end: RequestEnd,
  times: { readonly time: number; readonly durationMs: number },
  options: EntryOptions,
): LogEntry {
  const status = end.status ?? CLIENT_LEFT;
  const isAborted = !end.isComplete;
  const error = end.error ?? response.error;
  const trace = (stateOf(request) as TraceLike | null)?.trace;
  const { redaction } = options;
  return {
    time: times.time,
    level: levelOf(status, isAborted),
    requestId: request.id,
    traceId: trace === undefined ? null : textOrNull(trace.traceId),
    spanId: trace === undefined ? null : textOrNull(trace.spanId),
    method: about.method,
    path: about.path,
    protocol: about.protocol,
    route: request.route,
    status,
    bytes: end.bytes,
    durationMs: times.durationMs,
    remoteAddress: about.remoteAddress,
    userAgent: about.userAgent,
    referer: about.referer,
    isAborted,
    error: error === undefined ? null : loggedError(error, status >= 500),
    headers: pick(options.headers, request, redaction),
    responseHeaders: pick(options.responseHeaders, response, redaction),
    fields: options.fields === null ? null : options.fields(request, response),
  };
}

/** Masks the fields of an entry that the application has named. */
export function maskEntry(entry: LogEntry, redaction: Redaction): LogEntry {
  const masked: Record<string, string> = {};
  for (const name of MASKABLE) {
    if (entry[name] !== null && redaction.own.has(name.toLowerCase())) {
      masked[name] = REDACTED;
    }
  }
  return { ...entry, ...masked };
}

function escapeAll(
  record: Readonly<Record<string, string>> | null,
): Record<string, string> | null {
  if (record === null) return null;
  const pairs = Object.entries(record);
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, escapeUnseen(value)]),
  );
}

function escapeError(error: LoggedError | null): LoggedError | null {
  if (error === null) return null;
  const { name, message, stack } = error;
  return {
    name: escapeUnseen(name),
    message: escapeUnseen(message),
    ...(stack === undefined ? {} : { stack: escapeUnseen(stack) }),
  };
}

/** Escapes what cannot be seen in all that comes from outside. */
export function escapeEntry(entry: LogEntry): LogEntry {
  const escaped: Record<string, string> = {};
  for (const name of MASKABLE) {
    const value = entry[name];
    if (value !== null) escaped[name] = escapeUnseen(value);
  }
  return {
    ...entry,
    ...escaped,
    headers: escapeAll(entry.headers),
    responseHeaders: escapeAll(entry.responseHeaders),
    error: escapeError(entry.error),
  };
}
