/**
 * {@linkcode ReadPace}: whether the disk is fast enough to wait for it.
 *
 * @module
 */

// A read that takes longer was not served out of the page cache.
const SLOW_MS = 5;
const SLOW_FOR_MS = 1000;

/** Notes how long reads take. */
export class ReadPace {
  readonly #time: () => number;
  #slowUntil = -Infinity;

  /** `time` tells milliseconds from any point on. */
  constructor(time: () => number = () => performance.now()) {
    this.#time = time;
  }

  /** When a read begins; `null` if one was slow within the last second. */
  begin(): number | null {
    const now = this.#time();
    return now < this.#slowUntil ? null : now;
  }

  /** Notes that a read which began at a time is done. */
  end(began: number): void {
    const now = this.#time();
    if (now - began > SLOW_MS) this.#slowUntil = now + SLOW_FOR_MS;
  }
}
