/**
 * The formats of log lines.
 *
 * @module
 */

import type { LogEntry } from "./entry.ts";
import type { Redaction } from "./redact.ts";

/** How lines are written. */
export interface LineFormat {
  /** Makes a line, without its end, of an entry; `null` for none. */
  line(entry: LogEntry, redaction: Redaction): string | null;
  /** A line that tells of lines that were lost; `null` if the format has none. */
  notice(time: number, dropped: number): string | null;
}

/** What such a line tells in words. */
export const DROPPED_MESSAGE = "log lines were dropped";
