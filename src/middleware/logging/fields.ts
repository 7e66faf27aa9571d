/**
 * What applications add to log lines, under names that cannot be taken for the
 * line's own.
 *
 * @module
 */

import type { LogEntry } from "./entry.ts";
import { jsonString } from "./escape.ts";
import type { Redaction } from "./redact.ts";

// Two values of one name in a line: a client could choose which one is believed.
const TAKEN: ReadonlySet<string> = new Set([
  "time",
  "level",
  "message",
  "requestId",
  "traceId",
  "spanId",
  "method",
  "path",
  "protocol",
  "route",
  "status",
  "bytes",
  "durationMs",
  "remoteAddress",
  "userAgent",
  "referer",
  "aborted",
  "error",
  "headers",
  "responseHeaders",
  "dropped",
]);

/** A name for a field of an application. */
export function fieldName(name: string): string {
  return TAKEN.has(name) ? `fields.${name}` : name;
}

/** A value as JSON on one line; text for what cannot be JSON. */
export function jsonValue(value: unknown, redaction: Redaction): string {
  if (typeof value === "string") return jsonString(value);
  try {
    const json = JSON.stringify(value, redaction.replace);
    // JSON has what cannot be seen between quotes only.
    return json === undefined ? "null" : inOneLine(json);
  } catch {
    return '"[unreadable]"';
  }
}

function inOneLine(json: string): string {
  return /^[ -~]*$/.test(json)
    ? json
    : json.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (text) =>
      jsonString(text).slice(1, -1));
}

/** Visits the fields of an application that have a value, masked where asked. */
export function eachField(
  fields: LogEntry["fields"],
  redaction: Redaction,
  visit: (name: string, value: unknown) => void,
): void {
  if (fields === null) return;
  for (const name of Object.keys(fields)) {
    const value = redaction.replace(name, fields[name]);
    if (value !== undefined) visit(fieldName(name), value);
  }
}
