/**
 * Middleware: functions that wrap every answer of a server or a router, in the
 * order of the `use` calls.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { cors, logging, requestId } from "@x/httpserver/middleware";
 * import { assertEquals, assertExists } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(requestId(), logging({ sink: () => {} }), cors())
 *   .get("/", () => text("hello"));
 * const response = await server.inject({ path: "/" });
 * assertExists(response.header("x-request-id"));
 * assertEquals(response.header("access-control-allow-origin"), "*");
 * ```
 *
 * @module
 */

export { cors, type CorsOptions, type OriginPredicate } from "./cors.ts";
export {
  type LogFormat,
  logging,
  type LoggingOptions,
  type LogSink,
  stdoutSink,
} from "./logging.ts";
export {
  requestId,
  type RequestIdOptions,
  type RequestIdState,
} from "./request_id.ts";
