/**
 * {@linkcode redisStore}: counts of rate limits in Redis, shared by all servers
 * that use it.
 *
 * @example Several servers
 * ```ts
 * import { Redis } from "ioredis";
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
 *
 * const client = new Redis({ enableOfflineQueue: false, lazyConnect: true });
 * rateLimit({ requestsPerSecond: 10, store: redisStore(client) });
 * client.disconnect();
 * ```
 *
 * @module
 */

import { checkText, checkTimerMs } from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import { describeValue } from "../../http/values.ts";
import { GROUPS } from "./algorithms.ts";
import { SCRIPT } from "./redis_script.ts";
import type {
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "./store.ts";

/** What is needed of a client such as `ioredis`, or a cluster of it. */
export interface IoRedisLike {
  /** Runs a script that the server knows by its digest. */
  evalsha(
    sha1: string,
    numberOfKeys: number,
    ...keysAndArguments: string[]
  ): Promise<unknown>;
  /** Runs a script. */
  eval(
    script: string,
    numberOfKeys: number,
    ...keysAndArguments: string[]
  ): Promise<unknown>;
}

/** What is needed of a client such as node-redis, or a cluster of it. */
export interface NodeRedisLike {
  /** Runs a script that the server knows by its digest. */
  evalSha(
    sha1: string,
    options: { keys: string[]; arguments: string[] },
  ): Promise<unknown>;
  /** Runs a script. */
  eval(
    script: string,
    options: { keys: string[]; arguments: string[] },
  ): Promise<unknown>;
}

/** A client for Redis. */
export type RedisLike = IoRedisLike | NodeRedisLike;

/** Options of {@linkcode redisStore}. */
export interface RedisStoreOptions {
  /**
   * What all keys begin with.
   *
   * @default {"ratelimit:"}
   */
  prefix?: string;
  /**
   * The most to wait for Redis, in milliseconds, unless the limit's
   * `storeTimeoutMs` says otherwise.
   *
   * @default {250}
   */
  timeoutMs?: number;
}

const OPTION_NAMES: readonly (keyof RedisStoreOptions)[] = [
  "prefix",
  "timeoutMs",
];

/** Runs a text of the script, or the script known by a digest. */
interface Runner {
  bySha(sha1: string, key: string, args: string[]): Promise<unknown>;
  byText(key: string, args: string[]): Promise<unknown>;
}

function isNodeRedis(client: RedisLike): client is NodeRedisLike {
  return "evalSha" in client && typeof client.evalSha === "function";
}

function isIoRedis(client: RedisLike): client is IoRedisLike {
  return "evalsha" in client && typeof client.evalsha === "function";
}

function runnerOf(client: RedisLike): Runner {
  if (typeof client === "object" && client !== null) {
    if (isNodeRedis(client)) {
      return {
        bySha: (sha1, key, args) =>
          client.evalSha(sha1, { keys: [key], arguments: args }),
        byText: (key, args) =>
          client.eval(SCRIPT, { keys: [key], arguments: args }),
      };
    }
    if (isIoRedis(client)) {
      return {
        bySha: (sha1, key, args) => client.evalsha(sha1, 1, key, ...args),
        byText: (key, args) => client.eval(SCRIPT, 1, key, ...args),
      };
    }
  }
  throw new TypeError(
    `Cannot use ${
      describeValue(client)
    } as a client for Redis, with neither evalsha() nor evalSha(): take one of npm:ioredis or npm:redis`,
  );
}

async function sha1Of(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

function readReply(reply: unknown): RateLimitDecision {
  const numbers = Array.isArray(reply) ? reply.map(Number) : [];
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) {
    throw new TypeError(
      `Cannot read the reply of Redis: ${describeValue(reply)}`,
    );
  }
  const [admitted, remaining, resetMs, retryMs] = numbers;
  const retryAfterMs = retryMs < 0 ? Infinity : retryMs;
  return { admitted: admitted === 1, remaining, resetMs, retryAfterMs };
}

class RedisStore implements RateLimitStore {
  readonly timeoutMs: number;
  readonly #runner: Runner;
  readonly #prefix: string;
  #sha1: string | null = null;

  constructor(runner: Runner, prefix: string, timeoutMs: number) {
    this.#runner = runner;
    this.#prefix = prefix;
    this.timeoutMs = timeoutMs;
  }

  async consume(
    key: string,
    cost: number,
    { algorithm, capacity, periodMs }: RateLimitPolicy,
  ): Promise<RateLimitDecision> {
    const name = this.#prefix + key;
    const numbers = [capacity, periodMs, cost, GROUPS].map(String);
    const args = [algorithm, ...numbers];
    this.#sha1 ??= await sha1Of(SCRIPT);
    try {
      return readReply(await this.#runner.bySha(this.#sha1, name, args));
    } catch (error) {
      // A server that has been started anew, or one that has never seen it.
      if (!isNoScript(error)) throw error;
      return readReply(await this.#runner.byText(name, args));
    }
  }
}

/**
 * Makes a store in Redis (from version 5, or what speaks its language), for
 * servers that share their limits. A decision is one round trip: a script that
 * the server runs as one step and by its own clock. Keys expire by themselves.
 *
 * The client is one of `npm:ioredis` or `npm:redis` (node-redis), or anything
 * with the same two functions. Let it fail at once while it has no connection
 * (`enableOfflineQueue: false` of ioredis, `disableOfflineQueue: true` of
 * node-redis), else it counts later what nobody waits for any more.
 *
 * @throws {TypeError} If the client has not the functions, or an option is
 * unknown or of the wrong kind.
 * @throws {RangeError} If the time-out is out of bounds.
 *
 * @example Usage
 * ```ts ignore
 * import { Redis } from "npm:ioredis";
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
 *
 * const client = new Redis({ enableOfflineQueue: false });
 * const limit = rateLimit({
 *   requestsPerSecond: 10,
 *   burstSize: 50,
 *   store: redisStore(client, { prefix: "shop:" }),
 *   onStoreError: "closed",
 * });
 * ```
 *
 * @example Any client with `eval` and `evalsha`
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
 * import { assertEquals } from "@std/assert";
 *
 * // Says that a request is admitted and 4 remain.
 * const client = {
 *   evalsha: () => Promise.resolve([1, 4, 200, 0]),
 *   eval: () => Promise.resolve([1, 4, 200, 0]),
 * };
 * const server = new HttpServer()
 *   .use(rateLimit({ requestsPerSecond: 5, store: redisStore(client) }))
 *   .get("/", () => ok());
 * const response = await server.inject({ path: "/" });
 * assertEquals(response.header("ratelimit"), '"default";r=4;t=1');
 * ```
 */
export function redisStore(
  client: RedisLike,
  options: RedisStoreOptions = {},
): RateLimitStore {
  checkOptionNames("redisStore", options, OPTION_NAMES);
  const { prefix = "ratelimit:" } = options;
  checkText('"prefix" of redisStore', prefix);
  const { timeoutMs = 250 } = options;
  const patience = checkTimerMs('"timeoutMs" of redisStore', timeoutMs);
  return new RedisStore(runnerOf(client), prefix, patience);
}
