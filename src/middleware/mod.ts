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

export {
  basicAuth,
  type BasicAuthOptions,
  type BasicAuthState,
  type PasswordVerifier,
} from "./basic_auth.ts";
export {
  bearerAuth,
  type BearerAuthState,
  type BearerCommonOptions,
  type BearerTokensOptions,
  type BearerUserState,
  type BearerVerifyOptions,
  type TokenVerdict,
  type TokenVerifier,
} from "./bearer_auth.ts";
export { bodyLimit } from "./body_limit.ts";
export {
  cacheControl,
  type CacheControlOptions,
  type CacheOptions,
} from "./cache_control.ts";
export {
  every,
  except,
  type RequestPredicate,
  type RequestSelection,
  some,
  when,
} from "./combine.ts";
export {
  compression,
  type CompressionLevels,
  type CompressionOptions,
  type ContentCoding,
  isCompressible,
} from "./compression.ts";
export { cors, type CorsOptions, type OriginPredicate } from "./cors.ts";
export { csrf, type CsrfOptions } from "./csrf.ts";
export { decompression, type DecompressionOptions } from "./decompression.ts";
export { etag, type EtagOptions } from "./etag.ts";
export { ipFilter, type IpFilterOptions } from "./ip_filter.ts";
export {
  language,
  type LanguageOptions,
  type LanguageState,
} from "./language.ts";
export {
  type FileSink,
  fileSink,
  type FileSinkOptions,
  type LogEntry,
  type LogFormat,
  type LogFormatter,
  type LoggedError,
  logging,
  type LoggingOptions,
  type LogLoss,
  type LogSink,
  type LogWriter,
  type RequestLogLevel,
  stdoutSink,
  type StdoutSinkOptions,
} from "./logging/mod.ts";
export {
  methodOverride,
  type MethodOverrideOptions,
  type OverridingMethod,
} from "./method_override.ts";
export { overload, type OverloadOptions } from "./overload.ts";
export {
  type GcraOptions,
  type MemoryStore,
  memoryStore,
  type MemoryStoreOptions,
  rateLimit,
  type RateLimitAlgorithm,
  type RateLimitCommonOptions,
  type RateLimitDecision,
  type RateLimitOptions,
  type RateLimitPolicy,
  type RateLimitStore,
  type TokenBucketOptions,
  type WindowOptions,
} from "./rate_limit/mod.ts";
export { recover, type RecoverOptions } from "./recover.ts";
export {
  requestId,
  type RequestIdOptions,
  type RequestIdState,
} from "./request_id.ts";
export {
  type ContentSecurityPolicy,
  type CspDirective,
  NONCE,
  type PermissionsPolicy,
  secureHeaders,
  type SecureHeadersOptions,
  type SecureHeadersState,
  type StrictTransportSecurity,
} from "./secure_headers.ts";
export { timeout, type TimeoutOptions } from "./timeout.ts";
export {
  type MarkOptions,
  type Timing,
  timing,
  type TimingOptions,
  type TimingState,
} from "./timing.ts";
export {
  type TraceContext,
  traceContext,
  type TraceContextOptions,
  type TraceContextState,
} from "./trace_context.ts";
export { trailingSlash, type TrailingSlashOptions } from "./trailing_slash.ts";
