/**
 * Options of `logging`, and what they come to.
 *
 * @module
 */

import {
  checkChoice,
  checkFunction,
  checkList,
  isText,
  listChoices,
} from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import type { AnyRequest } from "../../http/request.ts";
import type { HttpResponse } from "../../http/response.ts";
import { describeValue } from "../../http/values.ts";
import {
  type EntryOptions,
  escapeEntry,
  type LogEntry,
  type RequestLogLevel,
} from "./entry.ts";
import { COMBINED_FORMAT } from "./format_combined.ts";
import { JSON_FORMAT } from "./format_json.ts";
import { LOGFMT_FORMAT } from "./format_logfmt.ts";
import { COLOR_FORMAT, TEXT_FORMAT } from "./format_text.ts";
import type { LineFormat } from "./formats.ts";
import { Redaction } from "./redact.ts";
import { FunctionSink, type LogSink, type LogWriter } from "./sink.ts";
import { hasColor, stdoutSink } from "./stdout_sink.ts";

/** The form of log lines. */
export type LogFormat = "text" | "json" | "combined" | "logfmt";

/**
 * Makes a line, without its end, of what there is to tell; `null` for none. What
 * cannot be seen is escaped already in all that clients send, so that they can
 * neither end a line nor command a terminal; quotes and spaces are as they came.
 */
export type LogFormatter = (entry: LogEntry) => string | null;

/** Options of `logging`. */
export interface LoggingOptions {
  /**
   * `"text"` for columns to read, `"json"` for one object a line, `"logfmt"` for
   * `name=value` pairs, `"combined"` for the form of Apache's httpd, or a function
   * that makes a line.
   *
   * @default {"text"}
   */
  format?: LogFormat | LogFormatter;
  /**
   * Whether text has colours, and errors on lines of their own.
   *
   * @default {undefined} if the lines go to a terminal by the default sink and
   * `NO_COLOR` is not set
   */
  color?: boolean;
  /**
   * The least that is logged: `"warn"` for answers from status 400 and those that
   * were cut, `"error"` for those from 500.
   *
   * @default {"info"}
   */
  level?: RequestLogLevel;
  /**
   * Takes the lines: a sink, or a function, which may be async. What it throws is
   * told in the log of the server: a log that fails must not cost the client its
   * answer.
   *
   * @default {stdoutSink()}
   */
  sink?: LogSink | LogWriter;
  /**
   * Tells which requests to leave out, such as health checks. The response has
   * status 499 if the client left before there was one.
   *
   * @default {undefined} none
   */
  skip?: (request: AnyRequest, response: HttpResponse) => boolean;
  /**
   * Whether the query is logged with the path and with the `Referer`. Queries
   * often carry tokens and personal data; parameters that do so by custom, such
   * as `token` and `password`, are masked.
   *
   * @default {false}
   */
  includeQuery?: boolean;
  /**
   * Names, compared without case, whose values are masked: of headers, of query
   * parameters, of `fields` at any depth, and of the line's own fields that come
   * from the client, such as `"remoteAddress"`.
   *
   * @default {[]}
   */
  redact?: readonly string[];
  /**
   * Fields of requests to log, in the formats `json` and `logfmt`.
   * `Authorization`, `Cookie` and `Proxy-Authorization` are masked.
   *
   * @default {[]}
   */
  headers?: readonly string[];
  /**
   * Fields of answers to log, in the formats `json` and `logfmt`. `Set-Cookie` is
   * masked.
   *
   * @default {[]}
   */
  responseHeaders?: readonly string[];
  /**
   * More to tell of a request. A name that the line has itself is prefixed by
   * `fields.`. The format `combined` takes `user` only.
   *
   * @default {undefined}
   */
  fields?: (
    request: AnyRequest,
    response: HttpResponse,
  ) => Readonly<Record<string, unknown>> | null;
  /**
   * The time of day, in milliseconds since 1970.
   *
   * @default {Date.now}
   */
  now?: () => number;
  /**
   * What durations are measured by, in milliseconds since any fixed time.
   *
   * @default {performance.now}
   */
  monotonicNow?: () => number;
}

const NAMES: readonly (keyof LoggingOptions)[] = [
  "format",
  "color",
  "level",
  "sink",
  "skip",
  "includeQuery",
  "redact",
  "headers",
  "responseHeaders",
  "fields",
  "now",
  "monotonicNow",
];

/** The levels, from the one that matters least. */
export const LEVELS: readonly RequestLogLevel[] = ["info", "warn", "error"];

const FORMATS: Readonly<Record<LogFormat, LineFormat>> = {
  text: TEXT_FORMAT,
  json: JSON_FORMAT,
  combined: COMBINED_FORMAT,
  logfmt: LOGFMT_FORMAT,
};

/**
 * Checks the shape of options.
 *
 * @throws {TypeError} If a name is unknown or a value is of the wrong type.
 */
export function checkLoggingOptions(options: LoggingOptions): void {
  checkOptionNames("logging", options, NAMES);
  const { level } = options;
  if (level !== undefined) checkChoice('"level" of logging', level, LEVELS);
  for (const name of ["skip", "fields", "now", "monotonicNow"] as const) {
    checkFunction(`"${name}" of logging`, options[name]);
  }
  for (const name of ["redact", "headers", "responseHeaders"] as const) {
    checkList(`"${name}" of logging`, options[name], "names", isText);
  }
}

/**
 * The format that options ask for.
 *
 * @throws {TypeError} If it is unknown.
 */
export function resolveFormat(options: LoggingOptions): LineFormat {
  const { format = "text", sink, color = sink === undefined && hasColor() } =
    options;
  if (typeof format === "function") return ownFormat(format);
  if (!Object.hasOwn(FORMATS, format)) {
    throw new TypeError(
      `Cannot log in format ${describeValue(format)}: take ${
        listChoices(Object.keys(FORMATS))
      } or a function`,
    );
  }
  return format === "text" && color ? COLOR_FORMAT : FORMATS[format];
}

function ownFormat(format: LogFormatter): LineFormat {
  return {
    line: (entry) => format(escapeEntry(entry)),
    notice: () => null,
  };
}

/**
 * The sink that options ask for.
 *
 * @throws {TypeError} If it is none.
 */
export function resolveSink(options: LoggingOptions): LogSink {
  const { sink } = options;
  if (sink === undefined) return stdoutSink();
  if (typeof sink === "function") return new FunctionSink(sink);
  if (typeof sink?.write === "function") return sink;
  throw new TypeError(
    `Cannot log to ${
      describeValue(sink)
    }: take a function, or a sink such as fileSink({ path: "access.log" })`,
  );
}

function lowerCase(names: readonly string[] = []): string[] {
  return names.map((name) => name.toLowerCase());
}

/** What entries are made by. */
export function resolveEntry(options: LoggingOptions): EntryOptions {
  return {
    withQuery: options.includeQuery ?? false,
    redaction: new Redaction(options.redact ?? []),
    headers: lowerCase(options.headers),
    responseHeaders: lowerCase(options.responseHeaders),
    fields: options.fields ?? null,
  };
}
