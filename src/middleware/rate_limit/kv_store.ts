/**
 * {@linkcode denoKvStore}: counts of rate limits in Deno KV, shared by all
 * processes that open the same database.
 *
 * @example Several servers
 * ```ts
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { denoKvStore } from "@x/httpserver/middleware/rate-limit/deno-kv";
 *
 * if ("openKv" in Deno) { // with --unstable-kv
 *   using kv = await Deno.openKv(":memory:");
 *   rateLimit({ requestsPerSecond: 10, store: denoKvStore(kv) });
 * }
 * ```
 *
 * @module
 */

import {
  checkFunction,
  checkList,
  checkTimerMs,
  isText,
} from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import { describeValue } from "../../http/values.ts";
import { CONSUME, freshState, type LimitState } from "./algorithms.ts";
import type {
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "./store.ts";

/** What is needed of a transaction of Deno KV. */
export interface KvAtomicLike {
  /** Lets the transaction fail if an entry has changed. */
  check(
    ...checks: { key: readonly string[]; versionstamp: string | null }[]
  ): KvAtomicLike;
  /** Writes an entry that expires. */
  set(
    key: readonly string[],
    value: unknown,
    options?: { expireIn?: number },
  ): KvAtomicLike;
  /** Carries it out, or tells that a check has failed. */
  commit(): Promise<{ ok: boolean }>;
}

/** What is needed of a database of Deno KV. */
export interface KvLike {
  /** Reads an entry. */
  get(
    key: readonly string[],
  ): Promise<{ value: unknown; versionstamp: string | null }>;
  /** Begins a transaction. */
  atomic(): KvAtomicLike;
}

/** Options of {@linkcode denoKvStore}. */
export interface DenoKvStoreOptions {
  /**
   * What all keys begin with.
   *
   * @default {["ratelimit"]}
   */
  prefix?: readonly string[];
  /**
   * The most to wait for the database, in milliseconds, unless the limit's
   * `storeTimeoutMs` says otherwise.
   *
   * @default {1_000}
   */
  timeoutMs?: number;
  /**
   * Milliseconds since 1970. Processes that share a limit must agree on it.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

interface Waiting {
  readonly cost: number;
  readonly policy: RateLimitPolicy;
  readonly resolve: (decision: RateLimitDecision) => void;
  readonly reject: (error: unknown) => void;
}

const OPTION_NAMES: readonly (keyof DenoKvStoreOptions)[] = [
  "prefix",
  "timeoutMs",
  "now",
];
const TIMEOUT_MS = 1_000;

// Another process may be quicker each time, but hardly so often in a row.
const MAX_ATTEMPTS = 50;
const MAX_PAUSE_MS = 20;

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function readState(value: unknown): LimitState {
  if (typeof value !== "object" || value === null) return freshState();
  const stored = value as Partial<Record<keyof LimitState, unknown>>;
  const { at, used, freeAt, times } = stored;
  return isNumber(at) && isNumber(used) && isNumber(freeAt) &&
      Array.isArray(times) && times.every(isNumber)
    ? { at, used, freeAt, times }
    : freshState();
}

// What SQLite says below Deno KV while another process writes its file.
function isLocked(error: unknown): boolean {
  return error instanceof Error && /\b(?:locked|busy)\b/.test(error.message);
}

/** Waits a random while, longer after each attempt: two processes part ways. */
function pause(attempt: number): Promise<void> {
  const ms = Math.random() * Math.min(MAX_PAUSE_MS, attempt);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class DenoKvStore implements RateLimitStore {
  readonly timeoutMs: number;
  readonly #kv: KvLike;
  readonly #prefix: readonly string[];
  readonly #now: () => number;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(
    kv: KvLike,
    prefix: readonly string[],
    timeoutMs: number,
    now: () => number,
  ) {
    this.#kv = kv;
    this.#prefix = prefix;
    this.timeoutMs = timeoutMs;
    this.#now = now;
  }

  // Requests of this process for one key do not compete: those that come during
  // a transaction go together into the next.
  consume(
    key: string,
    cost: number,
    policy: RateLimitPolicy,
  ): Promise<RateLimitDecision> {
    return new Promise((resolve, reject) => {
      const one = { cost, policy, resolve, reject };
      const queue = this.#waiting.get(key);
      if (queue !== undefined) {
        queue.push(one);
        return;
      }
      this.#waiting.set(key, [one]);
      this.#work(key);
    });
  }

  async #work(key: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(key) ?? [];
      if (batch.length === 0) break;
      this.#waiting.set(key, []);
      try {
        const decisions = await this.#transact([...this.#prefix, key], batch);
        batch.forEach((one, at) => one.resolve(decisions[at]));
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    this.#waiting.delete(key);
  }

  async #transact(
    key: readonly string[],
    batch: readonly Waiting[],
  ): Promise<RateLimitDecision[]> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const decisions = await this.#attempt(key, batch);
      if (decisions !== null) return decisions;
      await pause(attempt);
    }
    throw new Error(
      `Deno KV refused ${MAX_ATTEMPTS} transactions in a row: too many processes count by one key`,
    );
  }

  /** One transaction; `null` if another process was quicker. */
  async #attempt(
    key: readonly string[],
    batch: readonly Waiting[],
  ): Promise<RateLimitDecision[] | null> {
    try {
      const { value, versionstamp } = await this.#kv.get(key);
      const state = readState(value);
      const now = this.#now();
      const decisions = batch.map(({ cost, policy }) =>
        CONSUME[policy.algorithm](state, now, cost, policy)
      );
      if (!decisions.some(({ admitted }) => admitted)) return decisions;
      const expireIn = Math.max(1, Math.ceil(state.freeAt - now));
      const { ok } = await this.#kv.atomic().check({ key, versionstamp })
        .set(key, { ...state }, { expireIn }).commit();
      return ok ? decisions : null;
    } catch (error) {
      if (isLocked(error)) return null;
      throw error;
    }
  }
}

/**
 * Makes a store in Deno KV, for processes that share their limits. A decision is
 * a read and a transaction that is tried again if another process was quicker;
 * requests of one process for one key share them. It suits limits that are
 * seldom hit by many processes at once; for more, take Redis. Entries expire by
 * themselves.
 *
 * Deno KV needs `--unstable-kv`. The time is that of each process.
 *
 * @throws {TypeError} If the database lacks a function, or an option is unknown
 * or of the wrong kind.
 * @throws {RangeError} If the time-out is out of bounds.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { denoKvStore } from "@x/httpserver/middleware/rate-limit/deno-kv";
 * import { assertEquals } from "@std/assert";
 *
 * if ("openKv" in Deno) {
 *   const kv = await Deno.openKv(":memory:");
 *   const store = denoKvStore(kv);
 *   const server = new HttpServer()
 *     .use(rateLimit({ requestsPerSecond: 0.01, burstSize: 2, store }))
 *     .get("/", () => ok());
 *   const response = await server.inject({ path: "/" });
 *   assertEquals(response.header("ratelimit"), '"default";r=1;t=100');
 *   kv.close();
 * }
 * ```
 */
export function denoKvStore(
  kv: KvLike,
  options: DenoKvStoreOptions = {},
): RateLimitStore {
  checkOptionNames("denoKvStore", options, OPTION_NAMES);
  if (typeof kv?.get !== "function" || typeof kv.atomic !== "function") {
    throw new TypeError(
      `Cannot use ${
        describeValue(kv)
      } as Deno KV, as it lacks get() or atomic(): take what Deno.openKv() gives`,
    );
  }
  const { prefix = ["ratelimit"], now = Date.now } = options;
  checkList('"prefix" of denoKvStore', prefix, "strings", isText);
  checkFunction('"now" of denoKvStore', now);
  const { timeoutMs = TIMEOUT_MS } = options;
  const patience = checkTimerMs('"timeoutMs" of denoKvStore', timeoutMs);
  return new DenoKvStore(kv, prefix, patience, now);
}
