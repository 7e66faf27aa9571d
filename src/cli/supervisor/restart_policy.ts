/**
 * {@linkcode RestartPolicy}: when a worker that has ended by itself is started
 * again.
 *
 * @module
 */

const FIRST_PAUSE_MS = 100;
/** How often a worker may end in a row before the supervisor gives up. */
export const MOST_FAILURES = 5;
// Who has served for so long does not end in a loop.
const STABLE_MS = 10_000;

/** Counts the failures of one worker and its successors. */
export class RestartPolicy {
  #failures = 0;

  /**
   * The pause before the next start, ms, of a worker that has lived for
   * `livedMs`; `null` if it has ended too often.
   */
  pauseAfter(livedMs: number): number | null {
    if (livedMs >= STABLE_MS) this.#failures = 0;
    if (++this.#failures >= MOST_FAILURES) return null;
    return FIRST_PAUSE_MS * 2 ** (this.#failures - 1);
  }
}
