/**
 * How a request ended, for those who log, count or trace it.
 *
 * @module
 */

/** How a request ended. */
export interface RequestEnd {
  /** The status that was sent; `null` if no answer was begun. */
  readonly status: number | null;
  /**
   * Bytes of content that were sent, without the framing of chunks; `null` if
   * that is not known, as of a stream that `inject()` has returned.
   */
  readonly bytes: number | null;
  /** True if the answer was sent whole, as far as the operating system tells. */
  readonly isComplete: boolean;
  /** What broke the content of the answer while it was sent. */
  readonly error?: unknown;
}

/** Hears how a request ended. What it throws is reported by the server. */
export type EndListener = (end: RequestEnd) => void;
