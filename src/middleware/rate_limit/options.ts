/**
 * What a rate limit can be made with, and what it is resolved to.
 *
 * @module
 */

import type { HandlerResult } from "../../http/handler.ts";
import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkText,
  checkTimerMs,
} from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import type { AnyRequest } from "../../http/request.ts";
import { describeValue } from "../../http/values.ts";
import { checkName } from "./fields.ts";
import { keyByAddress, keyByFunction, keyByHeader, type KeyOf } from "./key.ts";
import { memoryStore } from "./memory_store.ts";
import type {
  RateLimitAlgorithm,
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "./store.ts";

/** Options of every rate limit, whatever its algorithm. */
export interface RateLimitCommonOptions {
  /**
   * What the limit is called in the `RateLimit` fields, and in a store that it
   * shares: limits of one name and algorithm share their counts there. Give each
   * of several limits on one route a name of its own.
   *
   * @default {"default"}
   */
  name?: string;
  /**
   * Whose requests are counted together: those of a client's address, of a field
   * with the same value (and without the field, of an address), or of what a
   * function returns; `null` leaves a request unlimited.
   *
   * A field that nobody has checked is no bound: a client can make up a new
   * value for each request. Behind a proxy the server must trust it (option
   * `clientAddress`), else all of its clients are one; so are those of a Unix
   * socket.
   *
   * @default {undefined} the client's address, `request.ip`
   */
  key?: ((request: AnyRequest) => string | null) | { readonly header: string };
  /**
   * How many bits of an IPv6 address are one client: its provider gives a home
   * all addresses of a /64, of a /56 or even of a /48.
   *
   * @default {64}
   */
  ipv6Prefix?: number;
  /**
   * Tells which requests are not limited, by returning `true`.
   *
   * @default {undefined} none
   */
  skip?: (request: AnyRequest) => boolean;
  /**
   * How much of the limit a request takes, from 0.
   *
   * @default {() => 1}
   */
  cost?: (request: AnyRequest) => number;
  /**
   * What a client that is refused is told, as the detail of the problem.
   *
   * @default {undefined} nothing but the status
   */
  message?: string;
  /**
   * Answers a request that is refused, in place of problem details with status
   * 429. `Retry-After` and the `RateLimit` fields are added to its answer.
   *
   * @default {undefined} problem details
   */
  onLimit?: (request: AnyRequest, decision: RateLimitDecision) => HandlerResult;
  /**
   * Whether answers have `RateLimit` and `RateLimit-Policy`.
   *
   * @default {true}
   */
  standardHeaders?: boolean;
  /**
   * Whether answers have `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the
   * last in seconds since 1970.
   *
   * @default {false}
   */
  legacyHeaders?: boolean;
  /**
   * Where the counts are kept.
   *
   * @default {memoryStore()}
   */
  store?: RateLimitStore;
  /**
   * What becomes of requests while the store fails: `"open"` lets them through
   * without a limit, `"closed"` answers 503 with `Retry-After`.
   *
   * @default {"open"}
   */
  onStoreError?: "open" | "closed";
  /**
   * The most to wait for the store, in milliseconds.
   *
   * @default {undefined} the store's own, else 250
   */
  storeTimeoutMs?: number;
  /**
   * How long a store is left alone once it has failed three times in a row, in
   * milliseconds. After that one request at a time asks it again.
   *
   * @default {1_000}
   */
  storeRetryMs?: number;
  /**
   * What the default store counts by, in milliseconds since any fixed time.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** Options of a limit that refills all the time. */
export interface TokenBucketOptions extends RateLimitCommonOptions {
  /** How requests are counted. @default {"token-bucket"} */
  algorithm?: "token-bucket";
  /** How many requests a second are admitted in the long run; may be a fraction. */
  requestsPerSecond: number;
  /**
   * How many requests are admitted at once after a pause.
   *
   * @default {undefined} `requestsPerSecond`, rounded up
   */
  burstSize?: number;
  /** Not with this algorithm. */
  limit?: never;
  /** Not with this algorithm. */
  windowMs?: never;
}

/** Options of a limit by windows of time. */
export interface WindowOptions extends RateLimitCommonOptions {
  /** How requests are counted. */
  algorithm: "sliding-window" | "fixed-window";
  /** How many requests are admitted in a window. */
  limit: number;
  /** The length of a window, in milliseconds. */
  windowMs: number;
  /** Not with these algorithms. */
  requestsPerSecond?: never;
  /** Not with these algorithms. */
  burstSize?: never;
}

/** Options of a limit that spaces requests. */
export interface GcraOptions extends RateLimitCommonOptions {
  /** How requests are counted. */
  algorithm: "gcra";
  /** How many requests are admitted in the long run in each `windowMs`. */
  limit: number;
  /** What `limit` is for, in milliseconds. */
  windowMs: number;
  /**
   * How many requests are admitted at once after a pause; with 1 they must come
   * `windowMs / limit` apart.
   *
   * @default {undefined} `limit`
   */
  burstSize?: number;
  /** Not with this algorithm. */
  requestsPerSecond?: never;
}

/** Options of {@linkcode rateLimit}, by the algorithm. */
export type RateLimitOptions = TokenBucketOptions | WindowOptions | GcraOptions;

const COMMON_NAMES: readonly (keyof RateLimitCommonOptions | "algorithm")[] = [
  "algorithm",
  "name",
  "key",
  "ipv6Prefix",
  "skip",
  "cost",
  "message",
  "onLimit",
  "standardHeaders",
  "legacyHeaders",
  "store",
  "onStoreError",
  "storeTimeoutMs",
  "storeRetryMs",
  "now",
];
const BUCKET_NAMES = ["requestsPerSecond", "burstSize"];
const WINDOW_NAMES = ["limit", "windowMs"];
const NAMES: Readonly<Record<RateLimitAlgorithm, readonly string[]>> = {
  "token-bucket": BUCKET_NAMES,
  "sliding-window": WINDOW_NAMES,
  "fixed-window": WINDOW_NAMES,
  gcra: [...WINDOW_NAMES, "burstSize"],
};
const ALGORITHMS = Object.keys(NAMES) as RateLimitAlgorithm[];
const FUNCTIONS = ["skip", "cost", "onLimit", "now"] as const;
const STORE_TIMEOUT_MS = 250;
const STORE_RETRY_MS = 1_000;

/** What a rate limit runs on. */
export interface ResolvedOptions {
  readonly policy: RateLimitPolicy;
  readonly keyOf: KeyOf;
  readonly store: RateLimitStore;
  /** What keys begin with; empty where no other limit can have them. */
  readonly scope: string;
  readonly isOpen: boolean;
  readonly storeTimeoutMs: number;
  readonly storeRetryMs: number;
  readonly now: () => number;
}

function named(name: string): string {
  return `"${name}" of rateLimit`;
}

function positive(name: string, value: unknown): number {
  return checkNumber(named(name), value, { above: 0 });
}

function positiveWhole(name: string, value: unknown): number {
  return checkNumber(named(name), value, { least: 1, whole: true });
}

function resolveAlgorithm(options: RateLimitOptions): RateLimitAlgorithm {
  const { algorithm = "token-bucket" } = options;
  checkChoice(named("algorithm"), algorithm, ALGORITHMS);
  const names = [...NAMES[algorithm], ...COMMON_NAMES];
  checkOptionNames(`rateLimit with algorithm "${algorithm}"`, options, names);
  return algorithm;
}

function tokenBucketPolicy(
  name: string,
  options: TokenBucketOptions,
): RateLimitPolicy {
  const rate = positive("requestsPerSecond", options.requestsPerSecond);
  const { burstSize = Math.max(1, Math.ceil(rate)) } = options;
  const capacity = positiveWhole("burstSize", burstSize);
  const periodMs = capacity / rate * 1000;
  return { name, algorithm: "token-bucket", capacity, periodMs };
}

function windowPolicy(
  name: string,
  options: WindowOptions | GcraOptions,
): RateLimitPolicy {
  const { algorithm } = options;
  const limit = positiveWhole("limit", options.limit);
  const windowMs = positive("windowMs", options.windowMs);
  if (algorithm !== "gcra") {
    return { name, algorithm, capacity: limit, periodMs: windowMs };
  }
  const capacity = positiveWhole("burstSize", options.burstSize ?? limit);
  return { name, algorithm, capacity, periodMs: capacity * windowMs / limit };
}

function resolvePolicy(options: RateLimitOptions): RateLimitPolicy {
  const algorithm = resolveAlgorithm(options);
  const name = checkName(options.name ?? "default");
  return algorithm === "token-bucket"
    ? tokenBucketPolicy(name, options as TokenBucketOptions)
    : windowPolicy(name, options as WindowOptions | GcraOptions);
}

function resolveKey(options: RateLimitOptions): KeyOf {
  const { key } = options;
  const byAddress = keyByAddress(options.ipv6Prefix ?? 64);
  if (key === undefined) return byAddress;
  if (typeof key === "function") return keyByFunction(key);
  if (typeof key === "object" && key !== null && "header" in key) {
    const isShared = options.store !== undefined;
    return keyByHeader(key.header, byAddress, isShared);
  }
  throw new TypeError(
    `Cannot use ${
      describeValue(key)
    } as "key" of rateLimit: take a function or { header: name }`,
  );
}

function resolveStore(options: RateLimitOptions): RateLimitStore {
  const { store, now } = options;
  if (store === undefined) return memoryStore({ now });
  if (typeof store?.consume === "function") return store;
  throw new TypeError(
    `Cannot use ${
      describeValue(store)
    } as "store" of rateLimit: take an object with consume(), such as memoryStore()`,
  );
}

/**
 * Checks options and fills in defaults.
 *
 * @throws {TypeError} For an unknown option or one of the wrong kind.
 * @throws {RangeError} For a number out of bounds.
 */
export function resolveOptions(options: RateLimitOptions): ResolvedOptions {
  const names = [...NAMES["token-bucket"], ...COMMON_NAMES];
  checkOptionNames("rateLimit", options, [
    ...names,
    ...Object.keys(options ?? {}),
  ]);
  const policy = resolvePolicy(options);
  for (const name of FUNCTIONS) checkFunction(named(name), options[name]);
  checkText(named("message"), options.message);
  checkBoolean(named("standardHeaders"), options.standardHeaders);
  checkBoolean(named("legacyHeaders"), options.legacyHeaders);
  const { onStoreError = "open" } = options;
  checkChoice(named("onStoreError"), onStoreError, ["open", "closed"]);
  const store = resolveStore(options);
  return {
    policy,
    keyOf: resolveKey(options),
    store,
    scope: options.store === undefined
      ? ""
      : `${policy.name}:${policy.algorithm}:`,
    isOpen: onStoreError === "open",
    storeTimeoutMs: checkTimerMs(
      named("storeTimeoutMs"),
      options.storeTimeoutMs ?? store.timeoutMs ?? STORE_TIMEOUT_MS,
    ),
    storeRetryMs: checkTimerMs(
      named("storeRetryMs"),
      options.storeRetryMs ?? STORE_RETRY_MS,
    ),
    now: options.now ?? (() => performance.now()),
  };
}
