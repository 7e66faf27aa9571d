/**
 * An HTTP/1.1 server for Deno, made from scratch: a router that listens, the
 * messages it takes and gives, and helpers for the usual answers.
 *
 * Middleware is in `@x/httpserver/middleware`, static files and health checks are
 * in `@x/httpserver/handlers`.
 *
 * @example Usage
 * ```ts
 * import { created, HttpServer, ok } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.get("/users/:id", (request) => ok({ id: request.params.id }));
 * server.post("/users", async (request) => {
 *   const user = await request.json<{ name: string }>();
 *   return created({ id: 1, ...user }, { location: "/users/1" });
 * });
 *
 * const response = await server.inject({ path: "/users/7" });
 * assertEquals(await response.json(), { id: "7" });
 * ```
 *
 * @module
 */

export { HttpServer } from "./src/server/http_server.ts";
export type {
  HttpServerOptions,
  ListenOptions,
  ProxyProtocolOptions,
  ServerLimits,
  ServerTimeouts,
  TlsOptions,
} from "./src/server/options.ts";
export type { Clock } from "./src/server/clock.ts";
export type { InjectInit } from "./src/server/inject.ts";
export type { LogFunction, LogLevel, LogRecord } from "./src/server/log.ts";
export type { ShutdownOptions, ShutdownReport } from "./src/server/shutdown.ts";
export type { WebInfo } from "./src/server/web_entry.ts";
export type { ProtocolLimits } from "./src/protocol/limits.ts";
export { Router } from "./src/routing/router.ts";
export type { PathParams } from "./src/routing/path_params.ts";
export type {
  AddedBefore,
  AllAdded,
  Layer,
  Layers,
  OnMethod,
  PrefixFor,
  RouteInfo,
  RouteMethod,
  RouteOptions,
} from "./src/routing/types.ts";

export type {
  ErrorHandler,
  Handler,
  HandlerResult,
  Middleware,
  Next,
  RequestRewriter,
} from "./src/http/handler.ts";
export type { FormOptions } from "./src/http/form.ts";
export type {
  FormFields,
  FormTreeOptions,
  FormValue,
} from "./src/http/form_tree.ts";
export type { JsonOptions } from "./src/http/json_guard.ts";
export {
  type AnyRequest,
  type HeadMemo,
  HttpRequest,
  type HttpRequestInit,
  type RequestTransport,
} from "./src/http/request.ts";
export type { EndListener, RequestEnd } from "./src/http/request_end.ts";
export type { BodySource, RequestBody } from "./src/http/request_body.ts";
export {
  HttpResponse,
  type HttpResponseInit,
  type ResponseBody,
  type ResponseOptions,
  type Trailers,
} from "./src/http/response.ts";
export {
  type CookieOptions,
  ResponseBuilder,
} from "./src/http/response_builder.ts";
export {
  type FieldLines,
  HeaderList,
  type HeaderSection,
  type HeadersLike,
} from "./src/http/headers.ts";
export { FileBody, type ReadableFile } from "./src/http/file_body.ts";
export type { ClientInfo, ClientResolver } from "./src/http/forwarded.ts";
export { HttpError, type HttpErrorOptions } from "./src/http/errors.ts";
export { HttpStatus, reasonPhrase } from "./src/http/status.ts";
export type {
  ServerReport,
  ServerState,
  ServerStats,
  TimeoutCounts,
} from "./src/http/server_state.ts";

export {
  accepted,
  created,
  type CreatedOptions,
  html,
  json,
  noContent,
  ok,
  redirect,
  type RedirectOptions,
  stream,
  type StreamOptions,
  text,
} from "./src/http/helpers.ts";
export type { BodyWriter, WriteBody } from "./src/http/stream_body.ts";
export {
  badRequest,
  conflict,
  forbidden,
  notFound,
  unauthorized,
  type UnauthorizedOptions,
} from "./src/http/problem_helpers.ts";
export { problem, type ProblemOptions } from "./src/http/problem.ts";

export {
  type CacheOptions,
  formatCacheControl,
} from "./src/http/cache_control.ts";
export {
  type CookieScope,
  deleteCookie,
  formatSetCookie,
  parseCookies,
  type SetCookie,
} from "./src/http/cookies.ts";
export {
  type SignedCookie,
  SignedCookies,
  type SignedCookiesOptions,
} from "./src/http/signed_cookies.ts";
export {
  type EntityTag,
  fileEntityTag,
  formatEntityTag,
  matchesStrongly,
  matchesWeakly,
  parseEntityTag,
  parseEntityTagList,
} from "./src/http/etag.ts";
export {
  type ConditionFields,
  type ConditionResult,
  evaluateConditions,
  ifRangeMatches,
  type Validators,
} from "./src/http/conditional.ts";
export {
  type ByteRange,
  formatContentRange,
  formatUnsatisfiedRange,
  parseRange,
  type ParseRangeOptions,
} from "./src/http/range.ts";
export {
  formatMediaType,
  isJsonType,
  type MediaType,
  parseMediaType,
} from "./src/http/media_type.ts";
