/**
 * The arithmetic of rate limits: a state of three numbers, a time and a cost
 * give a decision. Whoever keeps the states makes one step of it.
 *
 * @module
 */

import type {
  RateLimitAlgorithm,
  RateLimitDecision,
  RateLimitPolicy,
} from "./store.ts";

/** What is kept of one key; no use and no time for one that is not known. */
export interface LimitState {
  /**
   * When `used` was right (token bucket), the window began (fixed), or the next
   * request is due (GCRA).
   */
  at: number;
  /** What is used of the capacity; of the newest group (sliding). */
  used: number;
  /** The time of the last request of each group, the oldest first (sliding). */
  times: number[];
  /** When nothing of the state counts any more. */
  freeAt: number;
}

/** Takes `cost` at the time `now` (ms), if the policy lets it; changes the state. */
export type Consume = (
  state: LimitState,
  now: number,
  cost: number,
  policy: RateLimitPolicy,
) => RateLimitDecision;

// Shared by all states that have none: replaced, never changed.
const NO_TIMES: number[] = [];

/** A state of which nothing is used. */
export function freshState(): LimitState {
  return { at: 0, used: 0, times: NO_TIMES, freeAt: 0 };
}

/** The most groups of requests that a sliding window keeps apart. */
export const GROUPS = 100;

/** How many requests make a group of a sliding window. */
export function groupSize(capacity: number): number {
  return Math.ceil(capacity / GROUPS);
}

// Who comes back when told to must get in, although sums of floating-point
// numbers are not exact.
const SLACK = 1e-9;

function admit(remaining: number, resetMs: number): RateLimitDecision {
  return { admitted: true, remaining, resetMs, retryAfterMs: 0 };
}

function refuse(
  remaining: number,
  resetMs: number,
  retryAfterMs: number,
): RateLimitDecision {
  return { admitted: false, remaining, resetMs, retryAfterMs };
}

function wholeUnits(left: number): number {
  return Math.max(0, Math.floor(left + SLACK * Math.max(1, left)));
}

/** How much has to come back before one more whole unit is left. */
function missing(left: number, capacity: number): number {
  return Math.max(0, Math.min(wholeUnits(left) + 1, capacity) - left);
}

function fits(left: number, cost: number, capacity: number): boolean {
  return cost <= left + SLACK * capacity;
}

function isOver(since: number, now: number, periodMs: number): boolean {
  return now - since >= periodMs * (1 - SLACK);
}

/** A clock that went back by more than a period has forgotten what was used. */
function isFromFuture(at: number, now: number, periodMs: number): boolean {
  return at - now > periodMs;
}

function tokenBucket(
  state: LimitState,
  now: number,
  cost: number,
  { capacity, periodMs }: RateLimitPolicy,
): RateLimitDecision {
  const unitMs = periodMs / capacity;
  if (isFromFuture(state.at, now, periodMs)) state.used = 0;
  const elapsed = now - state.at;
  const used = Math.max(0, state.used - Math.max(0, elapsed) / unitMs);
  const left = capacity - used;
  if (!fits(left, cost, capacity)) {
    // Nothing refills until the clock is where it was.
    const lagMs = Math.max(0, -elapsed);
    return refuseUntilRefilled(left, cost, capacity, unitMs, lagMs);
  }
  state.at = now;
  state.used = used + cost;
  state.freeAt = now + state.used * unitMs;
  const rest = left - cost;
  return admit(wholeUnits(rest), missing(rest, capacity) * unitMs);
}

function refuseUntilRefilled(
  left: number,
  cost: number,
  capacity: number,
  unitMs: number,
  lagMs: number,
): RateLimitDecision {
  const resetMs = missing(left, capacity) * unitMs;
  return refuse(
    wholeUnits(left),
    resetMs > 0 ? resetMs + lagMs : 0,
    cost > capacity ? Infinity : (cost - left) * unitMs + lagMs,
  );
}

// The virtual scheduling form (ITU-T I.371): a request is due `unitMs` after
// the one before, and may come early by what the capacity tolerates.
function gcra(
  state: LimitState,
  now: number,
  cost: number,
  { capacity, periodMs }: RateLimitPolicy,
): RateLimitDecision {
  const unitMs = periodMs / capacity;
  const isStale = isFromFuture(state.at, now, 2 * periodMs);
  const due = isStale ? now : Math.max(now, state.at);
  const left = (periodMs - (due - now)) / unitMs;
  if (!fits(left, cost, capacity)) {
    return refuseUntilRefilled(left, cost, capacity, unitMs, 0);
  }
  state.at = due + cost * unitMs;
  state.freeAt = state.at;
  const rest = left - cost;
  return admit(wholeUnits(rest), missing(rest, capacity) * unitMs);
}

function fixedWindow(
  state: LimitState,
  now: number,
  cost: number,
  { capacity, periodMs }: RateLimitPolicy,
): RateLimitDecision {
  // From the first request of a key: windows by the clock would bring all
  // clients back in the same moment.
  const isNew = state.freeAt === 0 || isOver(state.at, now, periodMs) ||
    isFromFuture(state.at, now, periodMs);
  const at = isNew ? now : state.at;
  const used = isNew ? 0 : state.used;
  const left = capacity - used;
  const endMs = at + periodMs - now;
  if (!fits(left, cost, capacity)) {
    const retryAfterMs = cost > capacity ? Infinity : endMs;
    return refuse(wholeUnits(left), used > 0 ? endMs : 0, retryAfterMs);
  }
  state.at = at;
  state.used = used + cost;
  state.freeAt = at + periodMs;
  return admit(wholeUnits(left - cost), state.used > 0 ? endMs : 0);
}

function forgetOver(state: LimitState, now: number, periodMs: number): void {
  const { times } = state;
  let over = 0;
  while (over < times.length && isOver(times[over], now, periodMs)) over++;
  if (over > 0) times.splice(0, over);
  const last = times.length - 1;
  if (last >= 0 && isFromFuture(times[last], now, periodMs)) times.length = 0;
  if (times.length === 0) state.used = 0;
}

/** Adds a cost to the newest group, and to new ones as it is full. */
function join(
  state: LimitState,
  now: number,
  cost: number,
  size: number,
): void {
  let rest = cost;
  if (state.times.length === 0 && cost > 0) {
    // Made with its first element it has room for no more: most keys have one.
    state.times = [now];
    state.used = 0;
  }
  const { times } = state;
  const room = Math.min(rest, size - state.used);
  if (room > 0) {
    times[times.length - 1] = now;
    state.used += room;
    rest -= room;
  }
  for (; rest > 0; rest -= state.used) {
    times.push(now);
    state.used = Math.min(rest, size);
  }
}

// A log of the requests, exact up to GROUPS of them; of more, so many in a row
// share the time of the last that there are never more groups. All but the
// newest group are full. A group leaves as a whole, late rather than early.
function slidingWindow(
  state: LimitState,
  now: number,
  cost: number,
  { capacity, periodMs }: RateLimitPolicy,
): RateLimitDecision {
  forgetOver(state, now, periodMs);
  const size = groupSize(capacity);
  const count = state.times.length;
  const left = capacity - Math.max(0, count - 1) * size - state.used;
  const leavesMs = (group: number) => state.times[group] + periodMs - now;
  if (!fits(left, cost, capacity)) {
    if (cost > capacity) {
      return refuse(wholeUnits(left), count === 0 ? 0 : leavesMs(0), Infinity);
    }
    const groups = Math.ceil((cost - left) / size - SLACK);
    const retryAfterMs = leavesMs(Math.min(count, Math.max(1, groups)) - 1);
    return refuse(wholeUnits(left), leavesMs(0), retryAfterMs);
  }
  join(state, now, cost, size);
  const last = state.times.length - 1;
  if (last < 0) return admit(wholeUnits(left), 0);
  state.freeAt = leavesMs(last) + now;
  return admit(wholeUnits(left - cost), leavesMs(0));
}

/** The step of each algorithm. */
export const CONSUME: Readonly<Record<RateLimitAlgorithm, Consume>> = {
  "token-bucket": tokenBucket,
  "sliding-window": slidingWindow,
  "fixed-window": fixedWindow,
  gcra,
};
