/**
 * The format `json`: one object a line.
 *
 * @module
 */

import { isMadeId } from "../../http/made_id.ts";
import type { LogEntry } from "./entry.ts";
import type { LoggedError } from "./error.ts";
import { jsonString, jsonText } from "./escape.ts";
import { eachField, jsonValue } from "./fields.ts";
import {
  DROPPED_MESSAGE,
  type LineFormat,
  type LinePlace,
  type LineTexts,
} from "./formats.ts";
import type { Redaction } from "./redact.ts";
import { isoTime } from "./times.ts";

function jsonError(error: LoggedError): string {
  const stack = error.stack === undefined
    ? ""
    : `,"stack":${jsonString(error.stack)}`;
  return `,"error":{"name":${jsonString(error.name)},"message":${
    jsonString(error.message)
  }${stack}}`;
}

function jsonHeaders(name: string, headers: LogEntry["headers"]): string {
  if (headers === null) return "";
  const members = Object.entries(headers).map(([name, value]) =>
    `${jsonString(name)}:${jsonString(value)}`
  );
  return `,"${name}":{${members.join(",")}}`;
}

function jsonFields(entry: LogEntry, redaction: Redaction): string {
  let members = "";
  eachField(entry.fields, redaction, (name, value) => {
    members += `,${jsonString(name)}:${jsonValue(value, redaction)}`;
  });
  return members;
}

// What few requests have.
function rest(entry: LogEntry, redaction: Redaction): string {
  const aborted = entry.isAborted ? ',"aborted":true' : "";
  const error = entry.error === null ? "" : jsonError(entry.error);
  return aborted + error + jsonHeaders("headers", entry.headers) +
    jsonHeaders("responseHeaders", entry.responseHeaders) +
    jsonFields(entry, redaction);
}

function hasRest(entry: LogEntry): boolean {
  return entry.isAborted || entry.error !== null || entry.headers !== null ||
    entry.responseHeaders !== null || entry.fields !== null;
}

// V8 keeps a joined text as a tree of its pieces and copies all of them each time
// it is used; to look at a character makes it one piece.
function flat(text: string): string {
  return text.charCodeAt(0) === 0 ? "" : text;
}

let time = NaN;
let level = "";
let headText = "";

function headPart(entry: LogEntry): string {
  if (entry.time !== time || entry.level !== level) {
    ({ time, level } = entry);
    headText = flat(
      `{"time":"${isoTime(time)}","level":"${level}","requestId":"`,
    );
  }
  return headText;
}

function beforeDuration(entry: LogEntry): string {
  const { method, path, route, protocol, status, bytes } = entry;
  const pattern = route === null ? "" : `,"route":${jsonString(route)}`;
  return `","method":"${jsonText(method)}","path":"${
    jsonText(path)
  }"${pattern},"protocol":"${protocol}","status":${status},"bytes":${bytes},"durationMs":`;
}

function afterDuration(
  { remoteAddress, userAgent, referer }: LogEntry,
): string {
  const agent = userAgent === null ? "null" : jsonString(userAgent);
  const from = referer === null ? "" : `,"referer":${jsonString(referer)}`;
  return `,"remoteAddress":${
    jsonString(remoteAddress)
  },"userAgent":${agent}${from}}`;
}

function textsOf(entry: LogEntry, place: LinePlace): LineTexts {
  const { texts } = place;
  const { route, status, bytes } = entry;
  if (
    texts !== null && texts.status === status && texts.bytes === bytes &&
    texts.route === route
  ) return texts;
  const before = flat(beforeDuration(entry));
  const after = texts === null ? flat(afterDuration(entry)) : texts.after;
  return place.texts = { before, after, route, status, bytes };
}

function tracePart({ traceId, spanId }: LogEntry): string {
  return `","traceId":"${jsonText(traceId ?? "")}","spanId":"${
    jsonText(spanId ?? "")
  }`;
}

// ".000" to ".999".
const THOUSANDTHS = Array.from(
  { length: 1000 },
  (_, at) => `.${`${at}`.padStart(3, "0")}`,
);

// A whole number of microseconds has its digits at hand; a double takes 60 ns.
function milliseconds(ms: number): string {
  const micros = Math.round(ms * 1000);
  if (!(micros >= 0 && micros < 2 ** 31)) return `${ms}`;
  const whole = (micros / 1000) | 0;
  const rest = micros - whole * 1000;
  return rest === 0 ? `${whole}` : whole + THOUSANDTHS[rest];
}

function line(
  entry: LogEntry,
  redaction: Redaction,
  place: LinePlace,
): string {
  const { before, after } = textsOf(entry, place);
  const { requestId } = entry;
  const id = isMadeId(requestId) ? requestId : jsonText(requestId);
  const text = headPart(entry) + id +
    (entry.traceId === null ? "" : tracePart(entry)) + before +
    milliseconds(entry.durationMs) + after;
  return hasRest(entry)
    ? `${text.slice(0, -1)}${rest(entry, redaction)}}`
    : text;
}

/** The format `json`. */
export const JSON_FORMAT: LineFormat = {
  line,
  notice: (time, dropped) =>
    `{"time":"${
      isoTime(time)
    }","level":"warn","message":"${DROPPED_MESSAGE}","dropped":${dropped}}`,
};
