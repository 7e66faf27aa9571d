/**
 * What a rate limit and the place that keeps its counts say to each other.
 *
 * @module
 */

/**
 * How requests are counted. `"token-bucket"`: a bucket of tokens that refills
 * all the time. `"gcra"`: the same bound kept as one time, the earliest at which
 * the next request is due. `"fixed-window"`: so many from the first request on,
 * then anew. `"sliding-window"`: so many in any stretch of that length.
 */
export type RateLimitAlgorithm =
  | "token-bucket"
  | "sliding-window"
  | "fixed-window"
  | "gcra";

/** A limit in the one form that all algorithms share. */
export interface RateLimitPolicy {
  /** What the limit is called in `RateLimit` fields. */
  readonly name: string;
  /** How requests are counted. */
  readonly algorithm: RateLimitAlgorithm;
  /** The most that is admitted at once. */
  readonly capacity: number;
  /** After how many milliseconds a limit that is used up is whole again. */
  readonly periodMs: number;
}

/** What a store says of a request. */
export interface RateLimitDecision {
  /** Whether the request may go on; one that may not has consumed nothing. */
  readonly admitted: boolean;
  /** How much is left, rounded down. */
  readonly remaining: number;
  /** Milliseconds until there is more than `remaining`; 0 if nothing is used. */
  readonly resetMs: number;
  /**
   * Milliseconds until a refused request would be admitted if no other came;
   * `Infinity` if it costs more than the limit ever has, 0 if it was admitted.
   */
  readonly retryAfterMs: number;
}

/**
 * Keeps the counts of rate limits. One store may serve several limits: the keys
 * that it is given begin with the limit's name and algorithm.
 *
 * @example Usage
 * ```ts
 * import {
 *   rateLimit,
 *   type RateLimitStore,
 * } from "@x/httpserver/middleware/rate-limit";
 * import { HttpServer, ok } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const nobody: RateLimitStore = {
 *   consume: () => ({
 *     admitted: false,
 *     remaining: 0,
 *     resetMs: 1500,
 *     retryAfterMs: 1500,
 *   }),
 * };
 * const server = new HttpServer()
 *   .use(rateLimit({ requestsPerSecond: 5, store: nobody }))
 *   .get("/", () => ok());
 * const response = await server.inject({ path: "/" });
 * assertEquals(response.status, 429);
 * assertEquals(response.header("retry-after"), "2");
 * ```
 */
export interface RateLimitStore {
  /** How long to wait for this store, unless `storeTimeoutMs` says otherwise. */
  readonly timeoutMs?: number;
  /**
   * Admits a request and counts its cost, or refuses it and counts nothing,
   * as one step that no other request can come between.
   *
   * @param key Whose request it is.
   * @param cost How much of the limit it takes, from 0.
   * @param policy The limit.
   */
  consume(
    key: string,
    cost: number,
    policy: RateLimitPolicy,
  ): RateLimitDecision | Promise<RateLimitDecision>;
}
