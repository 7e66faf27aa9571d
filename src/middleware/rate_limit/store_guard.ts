/**
 * Between a limit and a store that may fail: nothing waits for long, and an
 * outage costs the time-out a few times, not with each request.
 *
 * @module
 */

import type { ServerState } from "../../http/server_state.ts";
import { describeValue, isThenable } from "../../http/values.ts";
import type {
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "./store.ts";

/** How long a store is waited for, and when it is asked again. */
export interface GuardOptions {
  /** The most to wait for one decision, ms. */
  readonly timeoutMs: number;
  /** How long a store that fails is left alone, ms. */
  readonly retryMs: number;
  /** Milliseconds since any fixed time. */
  readonly now: () => number;
}

/** Whose log hears of an outage. */
export type Reporter = Pick<ServerState, "report">;

// One lost packet is no outage: it must not lift the limit for all.
const FAILURES_OF_OUTAGE = 3;

/** Asks a store; `null` is its answer where it gives none. */
export class StoreGuard {
  readonly #store: RateLimitStore;
  readonly #policy: RateLimitPolicy;
  readonly #options: GuardOptions;
  #failures = 0;
  #askAgainAt = 0;
  #isProbing = false;

  constructor(
    store: RateLimitStore,
    policy: RateLimitPolicy,
    options: GuardOptions,
  ) {
    this.#store = store;
    this.#policy = policy;
    this.#options = options;
  }

  /** Asks the store, unless it is known to fail. Neither throws nor rejects. */
  consume(
    key: string,
    cost: number,
    server: Reporter,
  ): RateLimitDecision | null | Promise<RateLimitDecision | null> {
    if (this.#failures >= FAILURES_OF_OUTAGE && !this.#mayProbe()) return null;
    try {
      const answer = this.#store.consume(key, cost, this.#policy);
      if (isThenable(answer)) return this.#wait(answer, server);
      return this.#succeed(answer, server);
    } catch (error) {
      return this.#fail(error, server);
    }
  }

  // One request at a time finds out whether the store is back.
  #mayProbe(): boolean {
    if (this.#isProbing || this.#options.now() < this.#askAgainAt) return false;
    return this.#isProbing = true;
  }

  #wait(
    answer: PromiseLike<RateLimitDecision>,
    server: Reporter,
  ): Promise<RateLimitDecision | null> {
    const { timeoutMs } = this.#options;
    return new Promise((resolve) => {
      let isOver = false;
      const settle = (settled: () => RateLimitDecision | null) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        resolve(settled());
      };
      const timer = setTimeout(() =>
        settle(() => {
          const message = `The store gave no answer within ${timeoutMs} ms`;
          return this.#fail(new Error(message), server);
        }), timeoutMs);
      answer.then(
        (decision) => settle(() => this.#succeedOrFail(decision, server)),
        (error) => settle(() => this.#fail(error, server)),
      );
    });
  }

  #succeedOrFail(
    decision: RateLimitDecision,
    server: Reporter,
  ): RateLimitDecision | null {
    try {
      return this.#succeed(decision, server);
    } catch (error) {
      return this.#fail(error, server);
    }
  }

  #succeed(decision: RateLimitDecision, server: Reporter): RateLimitDecision {
    if (typeof decision?.admitted !== "boolean") {
      throw new TypeError(
        `Cannot use ${
          describeValue(decision)
        } as the decision of the store of a rate limit: let consume() return { admitted, remaining, resetMs, retryMs }`,
      );
    }
    if (this.#failures === 0) return decision;
    const wasOut = this.#failures >= FAILURES_OF_OUTAGE;
    this.#failures = 0;
    this.#isProbing = false;
    if (wasOut) {
      const message = `the store of rate limit ${this.#name} works again`;
      server.report?.({ level: "info", message });
    }
    return decision;
  }

  get #name(): string {
    return JSON.stringify(this.#policy.name);
  }

  #fail(error: unknown, server: Reporter): null {
    this.#isProbing = false;
    this.#failures++;
    this.#askAgainAt = this.#options.now() + this.#options.retryMs;
    // Once an outage: with each request it would fill the log.
    if (this.#failures === 1) {
      const message = `the store of rate limit ${this.#name} fails`;
      server.report?.({ level: "warn", message, error });
    }
    return null;
  }
}
