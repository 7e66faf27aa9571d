/**
 * {@linkcode rateLimit}: bounds how often clients may ask.
 *
 * @example Once a minute
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { assertEquals } from "@std/assert";
 *
 * const limit = rateLimit({
 *   algorithm: "fixed-window",
 *   limit: 1,
 *   windowMs: 60_000,
 * });
 * const server = new HttpServer();
 * server.post("/login", limit, () => ok("welcome"));
 * const login = { method: "POST", path: "/login" };
 * assertEquals((await server.inject(login)).status, 200);
 * assertEquals((await server.inject(login)).status, 429);
 * ```
 *
 * @module
 */

import type { Middleware } from "../../http/handler.ts";
import { Limiter } from "./limiter.ts";
import type { RateLimitOptions } from "./options.ts";

export {
  type MemoryStore,
  memoryStore,
  type MemoryStoreOptions,
} from "./memory_store.ts";
export type {
  GcraOptions,
  RateLimitCommonOptions,
  RateLimitOptions,
  TokenBucketOptions,
  WindowOptions,
} from "./options.ts";
export type {
  RateLimitAlgorithm,
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "./store.ts";

/**
 * Makes a middleware that bounds how often each client may ask. A request over
 * the limit is answered 429 with problem details (RFC 6585 4) and consumes
 * nothing; `Retry-After` says, in seconds rounded up, when it would be admitted.
 * Every answer of a limited request tells its limit in `RateLimit-Policy` and
 * what is left of it in `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11);
 * those of several limits on one route are joined.
 *
 * | `algorithm` | options | admits |
 * | --- | --- | --- |
 * | `token-bucket` | `requestsPerSecond`, `burstSize` | in any t seconds at most `burstSize` + t x `requestsPerSecond` |
 * | `gcra` | `limit`, `windowMs`, `burstSize` | the same, with a rate of `limit` in each `windowMs` |
 * | `sliding-window` | `limit`, `windowMs` | in any `windowMs` at most `limit`; of a limit above 100 up to 1 % may come back late |
 * | `fixed-window` | `limit`, `windowMs` | `limit` from a client's first request on, then anew: up to twice `limit` around the end of a window |
 *
 * It reads the client's address, `request.ip`, which is that of the connection
 * unless the server trusts a proxy; sets `RateLimit`, `RateLimit-Policy`,
 * `Retry-After` and, on demand, `X-RateLimit-*`. Its place: after `requestId`,
 * `logging` and `cors`, so that refusals are logged and pages can read them;
 * after authentication if it counts by user, else before all that is expensive.
 *
 * A store on another machine is waited for `storeTimeoutMs` at most. Once it has
 * failed three times in a row it is left alone for `storeRetryMs` at a time, and
 * requests follow `onStoreError` at once. The log of the server has one warning
 * for an outage.
 *
 * @throws {TypeError} If an option is unknown, of the wrong kind or not one of
 * the algorithm.
 * @throws {RangeError} If a number is out of bounds, or for a request if its cost
 * is no number from 0.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use("/api", rateLimit({ requestsPerSecond: 100 / 60, burstSize: 2 }))
 *   .get("/api/time", () => ok({ now: Date.now() }));
 * const first = await server.inject({ path: "/api/time" });
 * assertEquals(first.header("ratelimit-policy"), '"default";q=2;w=2');
 * assertEquals(first.header("ratelimit"), '"default";r=1;t=1');
 * await server.inject({ path: "/api/time" });
 * const third = await server.inject({ path: "/api/time" });
 * assertEquals(third.status, 429);
 * assertEquals(third.header("retry-after"), "1");
 * ```
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const limiter = new Limiter(options);
  return function rateLimit(request, next) {
    return limiter.handle(request, next);
  };
}
