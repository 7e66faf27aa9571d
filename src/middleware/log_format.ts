/**
 * The formats of log lines.
 *
 * @module
 */

import type { LogEntry, RequestLogLevel } from "./log_entry.ts";
import type { LoggedError } from "./log_error.ts";
import { escapeUnseen, jsonString, wordOrString } from "./log_escape.ts";

/** Makes a line, without its end, of an entry. */
export type Formatter = (entry: LogEntry) => string;

function jsonError(error: LoggedError | null): string {
  if (error === null) return "";
  const stack = error.stack === undefined
    ? ""
    : `,"stack":${jsonString(error.stack)}`;
  return `,"error":{"name":${jsonString(error.name)},"message":${
    jsonString(error.message)
  }${stack}}`;
}

/** One JSON object, fields in a fixed order. */
export function formatJson(entry: LogEntry): string {
  const { userAgent } = entry;
  return `{"time":"${entry.time}","level":"${entry.level}","requestId":${
    jsonString(entry.requestId)
  },"method":${jsonString(entry.method)},"path":${
    jsonString(entry.path)
  },"status":${entry.status},"durationMs":${entry.durationMs},"bytes":${entry.bytes},"remoteAddress":${
    jsonString(entry.remoteAddress)
  },"userAgent":${userAgent === null ? "null" : jsonString(userAgent)}${
    jsonError(entry.error)
  }}`;
}

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

function details(entry: LogEntry): string {
  const { bytes, remoteAddress, userAgent } = entry;
  const size = bytes === null ? "-" : `${bytes}B`;
  const address = remoteAddress === "" ? "-" : wordOrString(remoteAddress);
  const agent = userAgent === null ? "-" : jsonString(userAgent);
  const id = wordOrString(entry.requestId);
  return `${entry.durationMs}ms ${size} ${address} ${id} ${agent}`;
}

function textError({ name, message, stack }: LoggedError): string {
  const text = ` error=${jsonString(`${name}: ${message}`)}`;
  return stack === undefined ? text : `${text} stack=${jsonString(stack)}`;
}

/** One line of columns: time, level, what was asked, the answer, who asked. */
export function formatText(entry: LogEntry): string {
  const error = entry.error === null ? "" : textError(entry.error);
  return `${entry.time} ${LEVELS[entry.level]} ${summary(entry)} ${
    details(entry)
  }${error}`;
}

// A stack is read by eye here. Each line of it is indented, so that none can
// pass for an entry.
function colorError({ name, message, stack }: LoggedError): string {
  const lines = (stack ?? `${name}: ${message}`).split("\n");
  return lines.map((line) => `\n    ${escapeUnseen(line)}`).join("");
}

/** As {@linkcode formatText}, in colours, and an error on lines of its own. */
export function formatColorText(entry: LogEntry): string {
  const color = COLORS[entry.level];
  const error = entry.error === null ? "" : colorError(entry.error);
  return `${DIM}${entry.time}${RESET} ${color}${LEVELS[entry.level]} ${
    summary(entry)
  }${RESET} ${DIM}${details(entry)}${RESET}${error}`;
}
