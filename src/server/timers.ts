/**
 * {@linkcode DeadlineSweeper}: all deadlines of a server behind one timer.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Something with deadlines. */
export interface Timed {
  /** Acts on each deadline that is not after `now` (ms). */
  checkDeadlines(now: number): void;
}

const MAX_TICK_MS = 250;
const MIN_TICK_MS = 5;
const TICKS_PER_TIMEOUT = 10;
// A sweep that is later than this many ticks tells of a process that stood still.
const MOST_TICKS = 8;
const LAG_WINDOW_MS = 10_000;

/** The time between two sweeps: 250 ms, or finer if a time-out is short. */
export function tickFor(timeoutsMs: readonly number[]): number {
  const shortest = Math.min(...timeoutsMs.filter((ms) => ms > 0));
  const tick = Math.floor(shortest / TICKS_PER_TIMEOUT);
  return Math.max(MIN_TICK_MS, Math.min(MAX_TICK_MS, tick));
}

/**
 * Looks through everything that has deadlines once a tick. Arming a deadline is
 * storing a number; a `setTimeout` for each request would cost 2 us.
 */
export class DeadlineSweeper {
  /** The time of the last sweep, ms; at most a tick old while it runs. */
  now: number;
  /** Milliseconds between two sweeps. */
  readonly tickMs: number;

  readonly #clock: Clock;
  readonly #members = new Set<Timed>();
  readonly #onTick: (date: number) => void;
  #lostMs = 0;
  // The longest delay of this window and of the one before.
  #lagMs = 0;
  #lagBeforeMs = 0;
  #lagUntil = -Infinity;
  #stop: (() => void) | null = null;

  /** Sweeps each `tickMs` by `clock`, and calls `onTick` first. */
  constructor(clock: Clock, tickMs: number, onTick: (date: number) => void) {
    this.#clock = clock;
    this.tickMs = tickMs;
    this.#onTick = onTick;
    this.now = clock.now();
  }

  /** The exact time, ms, without the time that the process has lost. */
  exactNow(): number {
    const now = this.#clock.now() - this.#lostMs;
    const gap = now - this.now;
    if (gap <= MOST_TICKS * this.tickMs || this.#stop === null) return now;
    // The process was stopped, or its event loop blocked: its peers may have
    // sent meanwhile what could not be read, so that time does not count.
    this.#noteLag(gap - this.tickMs);
    this.#lostMs += gap - this.tickMs;
    return this.now + this.tickMs;
  }

  /** The longest, ms, that a sweep came late in the last 10 to 20 seconds. */
  get lagMs(): number {
    return Math.max(this.#lagMs, this.#lagBeforeMs);
  }

  /** A deadline `ms` from now that costs no look at the clock: up to a tick late, never early. */
  coarseDeadline(ms: number): number {
    return ms === 0 ? Infinity : this.now + this.tickMs + ms;
  }

  /** A deadline `ms` from now; 0 means none. */
  exactDeadline(ms: number): number {
    return ms === 0 ? Infinity : this.exactNow() + ms;
  }

  /** Begins to sweep. */
  start(): void {
    this.now = this.exactNow();
    this.#sweep();
    this.#stop ??= this.#clock.every(this.tickMs, () => this.#sweep());
  }

  /** Ends it. */
  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** Includes a member in the sweeps. */
  add(member: Timed): void {
    this.#members.add(member);
  }

  /** Leaves it out again. */
  delete(member: Timed): void {
    this.#members.delete(member);
  }

  #noteLag(ms: number): void {
    if (this.now >= this.#lagUntil) {
      this.#lagBeforeMs = this.#lagMs;
      this.#lagMs = 0;
      this.#lagUntil = this.now + LAG_WINDOW_MS;
    }
    this.#lagMs = Math.max(this.#lagMs, ms);
  }

  #sweep(): void {
    const now = this.exactNow();
    this.#noteLag(now - this.now - this.tickMs);
    this.now = now;
    this.#onTick(this.#clock.date());
    for (const member of this.#members) member.checkDeadlines(this.now);
  }
}
