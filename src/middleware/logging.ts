/**
 * {@linkcode logging}: one line for each request.
 *
 * @module
 */

import type { Middleware } from "../http/handler.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { type LogClock, logEntry } from "./log_entry.ts";
import {
  formatColorText,
  formatJson,
  type Formatter,
  formatText,
} from "./log_format.ts";
import { hasColor, type LogSink, stdoutSink } from "./log_sink.ts";

export { type LogSink, stdoutSink };

/** The form of log lines. */
export type LogFormat = "text" | "json";

/** Options of {@linkcode logging}. */
export interface LoggingOptions {
  /**
   * `"text"` for columns to read, `"json"` for one object a line.
   *
   * @default {"text"}
   */
  format?: LogFormat;
  /**
   * Whether text has colours, and errors on lines of their own.
   *
   * @default {undefined} if the lines go to a terminal by the default sink and
   * `NO_COLOR` is not set
   */
  color?: boolean;
  /**
   * Takes the lines. What it throws is ignored: a log that fails must not cost
   * the client its answer.
   *
   * @default {stdoutSink()}
   */
  sink?: LogSink;
  /**
   * Tells which requests to leave out, such as health checks.
   *
   * @default {undefined} none
   */
  skip?: (request: AnyRequest, response: HttpResponse) => boolean;
  /**
   * Whether the query is logged with the path. Queries often carry tokens and
   * personal data.
   *
   * @default {false}
   */
  includeQuery?: boolean;
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

function resolveFormatter(options: LoggingOptions): Formatter {
  const { format = "text", sink, color = sink === undefined && hasColor() } =
    options;
  if (format === "json") return formatJson;
  if (format === "text") return color ? formatColorText : formatText;
  throw new TypeError(
    `Cannot log in format ${JSON.stringify(format)}: take "text" or "json"`,
  );
}

function resolveClock(options: LoggingOptions): LogClock {
  return {
    now: options.now ?? Date.now,
    monotonicNow: options.monotonicNow ?? (() => performance.now()),
  };
}

type LogRequest = (
  request: AnyRequest,
  response: HttpResponse,
  startMs: number,
) => void;

function makeLog(options: LoggingOptions, clock: LogClock): LogRequest {
  const formatter = resolveFormatter(options);
  const { sink = stdoutSink(), skip, includeQuery = false } = options;
  return (request, response, startMs) => {
    if (skip?.(request, response)) return;
    const entry = logEntry(request, response, startMs, clock, includeQuery);
    try {
      sink(formatter(entry));
    } catch {
      return;
    }
  };
}

/**
 * Makes a middleware that logs each request when its answer is there: the time,
 * a level (`info`, from status 400 `warn`, from 500 `error`), the request's id,
 * method, path as sent, status, duration in milliseconds, bytes of content as
 * far as known in advance, the client's address, its `User-Agent`, and
 * the error behind the answer, from status 500 with its stack and causes.
 *
 * Whatever a client sends stays within its field: control characters and others
 * that cannot be seen are escaped, so that no line can be forged and no terminal
 * commanded. In colour a stack takes further lines, each indented.
 *
 * It reads the request's `User-Agent` and `request.id`, and `response.error`;
 * sets nothing. Its place: right after `requestId`, before all that may answer.
 *
 * @throws {TypeError} If the format is unknown.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { logging } from "@x/httpserver/middleware/logging";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const server = new HttpServer()
 *   .use(logging({ format: "json", sink: (line) => lines.push(line) }))
 *   .get("/", () => text("hello"));
 * await server.inject({ path: "/" });
 * const { level, method, path, status, bytes } = JSON.parse(lines[0]);
 * assertEquals({ level, method, path, status, bytes }, {
 *   level: "info",
 *   method: "GET",
 *   path: "/",
 *   status: 200,
 *   bytes: 5,
 * });
 * ```
 */
export function logging(options: LoggingOptions = {}): Middleware {
  const clock = resolveClock(options);
  const log = makeLog(options, clock);

  return function logging(request, next) {
    const startMs = clock.monotonicNow();
    const answer = next();
    if (!(answer instanceof HttpResponse)) {
      return answer.then((response) => {
        log(request, response, startMs);
        return response;
      });
    }
    log(request, answer, startMs);
    return answer;
  };
}
