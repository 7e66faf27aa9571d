/**
 * {@linkcode memoryStore}: counts of rate limits in this process, of bounded
 * size.
 *
 * @module
 */

import { checkFunction, checkNumber } from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import { CONSUME, freshState, type LimitState } from "./algorithms.ts";
import type {
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "./store.ts";

/** Options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most keys that are remembered: some 300 bytes each, of a sliding window
   * up to 1 KiB.
   *
   * @default {100_000}
   */
  maxKeys?: number;
  /**
   * What is counted by, in milliseconds since any fixed time.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** A store in memory: what it decides, it decides at once. */
export interface MemoryStore extends RateLimitStore {
  /** How many keys are remembered. */
  readonly size: number;
  /** Decides at once. */
  consume(
    key: string,
    cost: number,
    policy: RateLimitPolicy,
  ): RateLimitDecision;
  /** Forgets a key, or all of them. */
  reset(key?: string): void;
}

interface Entry {
  readonly key: string;
  readonly state: LimitState;
  /** Where it stands among the entries. */
  at: number;
}

const OPTION_NAMES: readonly (keyof MemoryStoreOptions)[] = ["maxKeys", "now"];
const MAX_KEYS = 100_000;

// How many entries are looked at for one to give up: more choose better and
// take longer.
const CANDIDATES = 16;

// Each new key looks at two old ones, so what is over goes faster than it comes.
const SWEPT = 2;

class BoundedStore implements MemoryStore {
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #byKey = new Map<string, Entry>();
  readonly #entries: Entry[] = [];
  #hand = 0;

  constructor(maxKeys: number, now: () => number) {
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.length;
  }

  consume(
    key: string,
    cost: number,
    policy: RateLimitPolicy,
  ): RateLimitDecision {
    const now = this.#now();
    const entry = this.#byKey.get(key) ?? this.#add(key, now);
    return CONSUME[policy.algorithm](entry.state, now, cost, policy);
  }

  reset(key?: string): void {
    if (key === undefined) {
      this.#byKey.clear();
      this.#entries.length = 0;
      return;
    }
    const entry = this.#byKey.get(key);
    if (entry !== undefined) this.#remove(entry);
  }

  #add(key: string, now: number): Entry {
    for (let n = 0; n < SWEPT; n++) {
      const candidate = this.#next();
      if (candidate !== null && candidate.state.freeAt <= now) {
        this.#remove(candidate);
      }
    }
    if (this.#entries.length >= this.#maxKeys) this.#evict(now);
    const entry = { key, state: freshState(), at: this.#entries.length };
    this.#entries.push(entry);
    this.#byKey.set(key, entry);
    return entry;
  }

  #next(): Entry | null {
    if (this.#entries.length === 0) return null;
    if (this.#hand >= this.#entries.length) this.#hand = 0;
    return this.#entries[this.#hand++];
  }

  // Gives up the one that is free again first. One that is deep in debt stays:
  // else a client could make itself forgotten by a flood of other keys, each of
  // which has used little.
  #evict(now: number): void {
    let victim = this.#next();
    for (let n = 1; n < CANDIDATES && victim !== null; n++) {
      if (victim.state.freeAt <= now) break;
      const other = this.#next();
      if (other !== null && other.state.freeAt < victim.state.freeAt) {
        victim = other;
      }
    }
    if (victim !== null) this.#remove(victim);
  }

  #remove(entry: Entry): void {
    this.#byKey.delete(entry.key);
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#entries[entry.at] = last;
    last.at = entry.at;
  }
}

/**
 * Makes a store for one process. It holds a state of a few numbers for each key;
 * what is whole again goes as new keys come. Once it is full, a new key takes
 * the place of the one, out of a few, that is free again soonest: a client deep
 * in debt is forgotten last, however many keys somebody makes up.
 *
 * @throws {TypeError} If an option is unknown or of the wrong kind.
 * @throws {RangeError} If `maxKeys` is not an integer from 1.
 *
 * @example Usage
 * ```ts
 * import { memoryStore, rateLimit } from "@x/httpserver/middleware/rate-limit";
 * import { HttpServer, ok } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const store = memoryStore({ maxKeys: 10_000 });
 * const server = new HttpServer()
 *   .use(rateLimit({ requestsPerSecond: 5, store }))
 *   .get("/", () => ok());
 * await server.inject({ path: "/" });
 * assertEquals(store.size, 1);
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkOptionNames("memoryStore", options, OPTION_NAMES);
  const { maxKeys = MAX_KEYS, now = () => performance.now() } = options;
  checkFunction('"now" of memoryStore', now);
  const bounds = { least: 1, whole: true };
  checkNumber('"maxKeys" of memoryStore', maxKeys, bounds);
  return new BoundedStore(maxKeys, now);
}
