/**
 * The format `combined` of Apache's httpd, which log analysers read:
 * `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`.
 *
 * @module
 */

import type { LogEntry } from "./entry.ts";
import { apacheEscape, apacheWord } from "./escape.ts";
import type { LineFormat } from "./formats.ts";
import type { Redaction } from "./redact.ts";
import { clfTime } from "./times.ts";

function userOf(entry: LogEntry, redaction: Redaction): string {
  const user = redaction.replace("user", entry.fields?.user);
  return typeof user === "string" ? apacheWord(user) : "-";
}

function quoted(text: string | null): string {
  return text === null ? '"-"' : `"${apacheEscape(text)}"`;
}

function line(entry: LogEntry, redaction: Redaction): string {
  const { method, path, protocol, bytes } = entry;
  // It tells when the request came, not when it ended.
  const time = clfTime(entry.time - entry.durationMs);
  return `${apacheWord(entry.remoteAddress)} - ${
    userOf(entry, redaction)
  } [${time}] ${quoted(`${method} ${path} ${protocol}`)} ${entry.status} ${
    bytes === null || bytes === 0 ? "-" : bytes
  } ${quoted(entry.referer)} ${quoted(entry.userAgent)}`;
}

/** The format `combined`. It has no lines but those of requests. */
export const COMBINED_FORMAT: LineFormat = { line, notice: () => null };
