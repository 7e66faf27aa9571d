/**
 * {@linkcode logging}: one line for each request, and the sinks that take them.
 *
 * @example A line for each request
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { logging } from "@x/httpserver/middleware/logging";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const server = new HttpServer();
 * server.use(logging({ format: "logfmt", sink: (line) => lines.push(line) }));
 * server.get("/", () => ok("hello"));
 * await server.inject({});
 * assertEquals(lines[0].includes("status=200"), true);
 * ```
 *
 * @module
 */

import type { Middleware } from "../../http/handler.ts";
import { HttpResponse } from "../../http/response.ts";
import type { ServerState } from "../../http/server_state.ts";
import { atShutdown } from "../../http/shutdown_tasks.ts";
import type { LoggingOptions } from "./options.ts";
import { RequestLog } from "./request_log.ts";

export type { LogEntry, RequestLogLevel } from "./entry.ts";
export type { LoggedError } from "./error.ts";
export { type FileSink, fileSink, type FileSinkOptions } from "./file_sink.ts";
export type { LogFormat, LogFormatter, LoggingOptions } from "./options.ts";
export type { LogLoss, LogSink, LogWriter } from "./sink.ts";
export { stdoutSink, type StdoutSinkOptions } from "./stdout_sink.ts";

/**
 * Makes a middleware that logs each request when it has ended: when the last
 * byte of its answer was handed to the operating system, or the connection has
 * ended without. So status, bytes and duration are those of what was sent, also
 * where a time-out or a broken content has put another answer in place of the
 * handler's; an answer that was cut is flagged (`aborted`), and a client that
 * left before any is told as status 499. Under `server.fetch` the last byte is
 * the one that the runtime has taken.
 *
 * A line has the time, a level (`info`; `warn` from status 400 and for what was
 * cut; `error` from 500), the request's id, that of its trace (see
 * `traceContext`), method, path as sent, route, protocol, status, bytes of
 * content, duration in milliseconds, the client's address, `User-Agent` and
 * `Referer`, and the error behind the answer, from status 500 with its stack and
 * causes.
 *
 * Whatever a client sends stays within its field: control characters and others
 * that cannot be seen are escaped, so that no line can be forged and no terminal
 * commanded. In colour a stack takes further lines, each indented. The format
 * `combined` escapes as Apache's httpd does.
 *
 * No line is lost when a server is shut down: it waits until the sink has written
 * all. Lines that a sink could not take are counted, and the log tells how many
 * as soon as it can.
 *
 * It reads `User-Agent`, `Referer`, `request.id`, `request.state.trace` and
 * `response.error`; sets nothing. Its place: right after `requestId`, before all
 * that may answer.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
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
  const log = new RequestLog(options);
  let known: ServerState | null = null;

  function keepLines(server: ServerState): void {
    if (server === known) return;
    known = server;
    atShutdown(server, log.close);
  }

  return function logging(request, next) {
    const startMs = log.clock.start();
    let response: HttpResponse | null = null;
    keepLines(request.server);
    request.onEnd((end) => log.ended(request, response, end, startMs));
    const answer = next();
    if (!(answer instanceof HttpResponse)) {
      return answer.then((later) => response = later);
    }
    return response = answer;
  };
}
