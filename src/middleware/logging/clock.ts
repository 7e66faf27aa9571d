/**
 * {@linkcode LogClock}: how long a request took, and what time it is.
 *
 * @module
 */

// Asking for the time of day costs as much as half a line.
const TRUST_MS = 100;

/** The two clocks of a log. */
export class LogClock {
  /** Milliseconds since any fixed time, never set back. */
  readonly monotonic: () => number;

  readonly #now: () => number;
  readonly #isSystem: boolean;
  #offset = 0;
  #trustUntil = -Infinity;
  #start = 0;
  #hasStart = false;
  readonly #forgetStart = () => void (this.#hasStart = false);
  #end = 0;
  #hasEnd = false;
  readonly #forgetEnd = () => void (this.#hasEnd = false);

  /** Takes the clocks of the runtime where none is given. */
  constructor(now?: () => number, monotonicNow?: () => number) {
    this.monotonic = monotonicNow ?? (() => performance.now());
    this.#now = now ?? Date.now;
    this.#isSystem = now === undefined && monotonicNow === undefined;
  }

  /**
   * The {@linkcode LogClock.monotonic} time at which a request is there. What has
   * arrived at once and is taken up one after the other has been there since the
   * first of it was: one reading of the clock, 90 ns, for all of them.
   */
  start(): number {
    if (!this.#isSystem) return this.monotonic();
    // A handler that computes may end its request in this very step.
    this.#hasEnd = false;
    if (!this.#hasStart) {
      this.#start = this.monotonic();
      this.#hasStart = true;
      // It runs behind all that is to be taken up already.
      queueMicrotask(this.#forgetStart);
    }
    return this.#start;
  }

  /**
   * The {@linkcode LogClock.monotonic} time at which a request has ended. Those
   * that end in a row share one reading: their answers have left already.
   */
  end(): number {
    if (!this.#isSystem) return this.monotonic();
    if (!this.#hasEnd) {
      this.#end = this.monotonic();
      this.#hasEnd = true;
      queueMicrotask(this.#forgetEnd);
    }
    return this.#end;
  }

  /**
   * The time of day, in milliseconds since 1970, at a reading of
   * {@linkcode LogClock.monotonic} that was just made.
   */
  timeAt(monotonic: number): number {
    if (!this.#isSystem) return this.#now();
    if (monotonic >= this.#trustUntil) {
      this.#offset = this.#now() - monotonic;
      this.#trustUntil = monotonic + TRUST_MS;
    }
    return Math.floor(monotonic + this.#offset);
  }
}
