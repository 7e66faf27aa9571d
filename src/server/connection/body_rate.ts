/**
 * {@linkcode BodyRate}: how long the next piece of a body may take.
 *
 * @module
 */

import type { ServerLimits, ServerTimeouts } from "../options.ts";

/**
 * The deadline of each wait for a piece of a body: the stall time-out, or
 * earlier if the body as a whole is slower than its least rate. A healthy slow
 * upload is never cut, a byte now and then does not keep a connection. Only the
 * time in which the peer is waited for counts.
 */
export class BodyRate {
  readonly #idleMs: number;
  readonly #graceMs: number;
  readonly #msPerByte: number;
  #bytes = 0;
  #waitedMs = 0;
  #since = 0;

  /** Takes the bounds of a server. */
  constructor(limits: ServerLimits, timeouts: ServerTimeouts) {
    this.#idleMs = timeouts.bodyIdleMs || Infinity;
    this.#graceMs = timeouts.bodyGraceMs;
    const isOff = limits.bodyBytesPerSecond === 0 ||
      timeouts.bodyGraceMs === 0;
    this.#msPerByte = isOff ? Infinity : 1000 / limits.bodyBytesPerSecond;
  }

  /** Makes ready for another body. */
  begin(): void {
    this.#bytes = this.#waitedMs = 0;
  }

  /** The deadline of a wait that begins `now`, ms. */
  deadline(now: number): number {
    this.#since = now;
    if (this.#msPerByte === Infinity) return now + this.#idleMs;
    const budget = this.#graceMs + this.#bytes * this.#msPerByte -
      this.#waitedMs;
    return now + Math.min(this.#idleMs, Math.max(budget, 0));
  }

  /** Notes the end of the wait. */
  arrived(now: number, bytes: number): void {
    this.#waitedMs += now - this.#since;
    this.#bytes += bytes;
  }
}
