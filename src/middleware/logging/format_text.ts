/**
 * The format `text`: columns to read by eye.
 *
 * @module
 */

import type { LogEntry, RequestLogLevel } from "./entry.ts";
import type { LoggedError } from "./error.ts";
import { escapeUnseen, jsonString, wordOrString } from "./escape.ts";
import { fieldPairs } from "./format_logfmt.ts";
import { DROPPED_MESSAGE, type LineFormat } from "./formats.ts";
import type { Redaction } from "./redact.ts";
import { isoTime } from "./times.ts";

const LEVELS: Readonly<Record<RequestLogLevel, string>> = {
  info: "INFO ",
  warn: "WARN ",
  error: "ERROR",
};

const DIM = "\x1b[2m";
const RESET = "\x1b[0m";
const COLORS: Readonly<Record<RequestLogLevel, string>> = {
  info: "\x1b[32m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};

function summary(entry: LogEntry): string {
  const method = wordOrString(entry.method);
  return `${method} ${wordOrString(entry.path)} ${entry.status}`;
}

function details(entry: LogEntry, redaction: Redaction): string {
  const { bytes, remoteAddress, userAgent, traceId } = entry;
  const size = bytes === null ? "-" : `${bytes}B`;
  const address = remoteAddress === "" ? "-" : wordOrString(remoteAddress);
  const agent = userAgent === null ? "-" : jsonString(userAgent);
  const id = wordOrString(entry.requestId);
  const trace = traceId === null ? "" : ` trace=${wordOrString(traceId)}`;
  const aborted = entry.isAborted ? " aborted" : "";
  return `${entry.durationMs}ms ${size} ${address} ${id} ${agent}${aborted}${trace}${
    fieldPairs(entry, redaction)
  }`;
}

function textError({ name, message, stack }: LoggedError): string {
  const text = ` error=${jsonString(`${name}: ${message}`)}`;
  return stack === undefined ? text : `${text} stack=${jsonString(stack)}`;
}

// A stack is read by eye here. Each line of it is indented, so that none can
// pass for an entry.
function colorError({ name, message, stack }: LoggedError): string {
  const lines = (stack ?? `${name}: ${message}`).split("\n");
  return lines.map((line) => `\n    ${escapeUnseen(line)}`).join("");
}

function plainLine(entry: LogEntry, redaction: Redaction): string {
  const error = entry.error === null ? "" : textError(entry.error);
  return `${isoTime(entry.time)} ${LEVELS[entry.level]} ${summary(entry)} ${
    details(entry, redaction)
  }${error}`;
}

function colorLine(entry: LogEntry, redaction: Redaction): string {
  const color = COLORS[entry.level];
  const error = entry.error === null ? "" : colorError(entry.error);
  return `${DIM}${isoTime(entry.time)}${RESET} ${color}${LEVELS[entry.level]} ${
    summary(entry)
  }${RESET} ${DIM}${details(entry, redaction)}${RESET}${error}`;
}

function notice(time: number, dropped: number): string {
  return `${isoTime(time)} ${LEVELS.warn} ${DROPPED_MESSAGE}: ${dropped}`;
}

/** The format `text`: time, level, what was asked, the answer, who asked. */
export const TEXT_FORMAT: LineFormat = { line: plainLine, notice };

/** The same in colours, and an error on lines of its own. */
export const COLOR_FORMAT: LineFormat = { line: colorLine, notice };
