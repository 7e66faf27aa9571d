/**
 * What clients are told of a rate limit: `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-11), and `X-RateLimit-*`.
 *
 * @module
 */

import { quote, splitList } from "../../grammar/lists.ts";
import type { HeaderList } from "../../http/headers.ts";
import { describeValue } from "../../http/values.ts";
import type { RateLimitDecision, RateLimitPolicy } from "./store.ts";

// RFC 9651 3.3.3: a string is printable ASCII.
const PRINTABLE = /^[\x20-\x7e]{1,64}$/;

// The greatest integer of a structured field (RFC 9651 3.3.1).
const MAX_INTEGER = 999_999_999_999_999;

// 6,000.0000000001 ms are 6 seconds and the noise of a division.
const NOISE_MS = 1e-6;

/** Milliseconds as whole seconds, rounded up: whoever waits so long is not early. */
export function wholeSeconds(ms: number): number {
  const seconds = Math.ceil((ms - NOISE_MS) / 1000);
  return Math.min(MAX_INTEGER, Math.max(0, seconds));
}

/** A name that a structured field can carry; else throws. */
export function checkName(name: unknown): string {
  if (typeof name === "string" && PRINTABLE.test(name)) return name;
  throw new TypeError(
    `Cannot call a rate limit ${
      describeValue(name)
    }: take 1 to 64 printable ASCII characters`,
  );
}

/** Writes what a limit allows and what is left of it into answers. */
export class LimitFields {
  /** The member of `RateLimit-Policy`: the quota, and the seconds it is for. */
  readonly policy: string;
  readonly #name: string;
  readonly #capacity: number;
  readonly #isStandard: boolean;
  readonly #isLegacy: boolean;

  constructor(policy: RateLimitPolicy, standard: boolean, legacy: boolean) {
    const { name, capacity, periodMs } = policy;
    // A window of 0 seconds is not allowed (3.1.3).
    const seconds = Math.max(1, wholeSeconds(periodMs));
    this.#name = quote(name);
    this.#capacity = capacity;
    this.policy = `${this.#name};q=${capacity};w=${seconds}`;
    this.#isStandard = standard;
    this.#isLegacy = legacy;
  }

  /** The member of `RateLimit`: what is left, and the seconds that it must do for. */
  state({ remaining, resetMs }: RateLimitDecision): string {
    const rest = `${this.#name};r=${Math.min(remaining, MAX_INTEGER)}`;
    return resetMs > 0
      ? `${rest};t=${Math.max(1, wholeSeconds(resetMs))}`
      : rest;
  }

  /** Adds the fields to an answer, before those of limits behind this one. */
  write(headers: HeaderList, decision: RateLimitDecision): void {
    if (this.#isStandard) {
      this.#put(headers, "RateLimit-Policy", this.policy);
      this.#put(headers, "RateLimit", this.state(decision));
    }
    if (this.#isLegacy) this.#writeLegacy(headers, decision);
  }

  // A handler may give out the same answer again and again: what stands there
  // under this name is of a request before.
  #put(headers: HeaderList, name: string, member: string): void {
    const present = headers.get(name);
    if (present === null) {
      headers.append(name, member);
      return;
    }
    const others = splitList(present)
      .filter((other) => !other.startsWith(`${this.#name};`));
    headers.set(name, [member, ...others].join(", "));
  }

  // They have room for one limit: the one that is used up first.
  #writeLegacy(headers: HeaderList, decision: RateLimitDecision): void {
    const { remaining, resetMs } = decision;
    const present = headers.get("x-ratelimit-remaining");
    if (present !== null && Number(present) <= remaining) return;
    const reset = Math.ceil((Date.now() + resetMs) / 1000);
    headers.set("X-RateLimit-Limit", `${this.#capacity}`);
    headers.set("X-RateLimit-Remaining", `${remaining}`);
    headers.set("X-RateLimit-Reset", `${reset}`);
  }
}
