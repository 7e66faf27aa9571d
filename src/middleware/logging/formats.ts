/**
 * The formats of log lines.
 *
 * @module
 */

import type { LogEntry } from "./entry.ts";
import type { Redaction } from "./redact.ts";

/**
 * The texts of a line that come again when a client repeats its request. Each
 * piece that a line is joined from costs some 20 ns.
 */
export interface LineTexts {
  /** From the method to the name before the duration. */
  readonly before: string;
  /** What follows the duration. */
  readonly after: string;
  /** What `before` tells of the answer. */
  readonly route: string | null;
  /** Likewise. */
  readonly status: number;
  /** Likewise. */
  readonly bytes: number | null;
}

/** Where a format keeps what it has made of a request. */
export interface LinePlace {
  /** The texts; `null` before the first line. */
  texts: LineTexts | null;
}

/** How lines are written. */
export interface LineFormat {
  /**
   * Makes a line, without its end, of an entry; `null` for none. What the entry
   * tells of the request itself is always the same for one `place`.
   */
  line(
    entry: LogEntry,
    redaction: Redaction,
    place: LinePlace,
  ): string | null;
  /** A line that tells of lines that were lost; `null` if the format has none. */
  notice(time: number, dropped: number): string | null;
}

/** What such a line tells in words. */
export const DROPPED_MESSAGE = "log lines were dropped";
