/**
 * {@linkcode ReadPace}: whether the disk is fast enough to wait for it.
 *
 * @module
 */

// A read that takes longer was not served out of the page cache, unless another
// process has only just taken the processor: that seldom happens twice running.
const SLOW_MS = 5;
const SLOW_READS = 2;
const SLOW_FOR_MS = 1000;

/** Notes how long reads take. */
export class ReadPace {
  readonly #time: () => number;
  #slowUntil = -Infinity;
  #slowReads = 0;

  /** `time` tells milliseconds from any point on. */
  constructor(time: () => number = () => performance.now()) {
    this.#time = time;
  }

  /** When a read begins; `null` if reads were slow within the last second. */
  begin(): number | null {
    const now = this.#time();
    return now < this.#slowUntil ? null : now;
  }

  /** Notes that a read which began at a time is done. */
  end(began: number): void {
    const now = this.#time();
    this.#slowReads = now - began > SLOW_MS ? this.#slowReads + 1 : 0;
    if (this.#slowReads < SLOW_READS) return;
    this.#slowReads = 0;
    this.#slowUntil = now + SLOW_FOR_MS;
  }
}
