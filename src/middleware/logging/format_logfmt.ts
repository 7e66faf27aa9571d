/**
 * The format `logfmt`: `name=value` pairs, named as in JSON.
 *
 * @module
 */

import type { LogEntry } from "./entry.ts";
import { logfmtKey, logfmtValue } from "./escape.ts";
import { eachField, jsonValue } from "./fields.ts";
import { DROPPED_MESSAGE, type LineFormat } from "./formats.ts";
import type { Redaction } from "./redact.ts";
import { isoTime } from "./times.ts";

function pair(name: string, value: string | number | null): string {
  if (value === null) return "";
  return ` ${name}=${typeof value === "number" ? value : logfmtValue(value)}`;
}

function pairs(prefix: string, headers: LogEntry["headers"]): string {
  return Object.entries(headers ?? {})
    .map(([name, value]) => pair(logfmtKey(`${prefix}.${name}`), value))
    .join("");
}

function errorPairs({ error }: LogEntry): string {
  if (error === null) return "";
  return pair("error.name", error.name) + pair("error.message", error.message) +
    pair("error.stack", error.stack ?? null);
}

/** The fields of an application as pairs, each behind a space. */
export function fieldPairs(entry: LogEntry, redaction: Redaction): string {
  let text = "";
  eachField(entry.fields, redaction, (name, value) => {
    text += pair(logfmtKey(name), plain(value, redaction));
  });
  return text;
}

function plain(value: unknown, redaction: Redaction): string | number {
  return typeof value === "string" || typeof value === "number"
    ? value
    : jsonValue(value, redaction);
}

function line(entry: LogEntry, redaction: Redaction): string {
  return `time=${isoTime(entry.time)} level=${entry.level}` +
    pair("requestId", entry.requestId) +
    pair("traceId", entry.traceId) +
    pair("spanId", entry.spanId) +
    pair("method", entry.method) +
    pair("path", entry.path) +
    pair("route", entry.route) +
    pair("protocol", entry.protocol) +
    pair("status", entry.status) +
    pair("bytes", entry.bytes) +
    pair("durationMs", entry.durationMs) +
    pair("remoteAddress", entry.remoteAddress) +
    pair("userAgent", entry.userAgent) +
    pair("referer", entry.referer) +
    (entry.isAborted ? " aborted=true" : "") +
    errorPairs(entry) +
    pairs("headers", entry.headers) +
    pairs("responseHeaders", entry.responseHeaders) +
    fieldPairs(entry, redaction);
}

/** The format `logfmt`. */
export const LOGFMT_FORMAT: LineFormat = {
  line,
  notice: (time, dropped) =>
    `time=${
      isoTime(time)
    } level=warn message="${DROPPED_MESSAGE}" dropped=${dropped}`,
};
