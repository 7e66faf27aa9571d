/**
 * What is printed when the server has ended.
 *
 * @module
 */

/** What a server has done. */
export interface ServedCounts {
  /** Requests that came. */
  readonly requests: number;
  /** Those whose answer was a 5xx, or the messages refused and not served. */
  readonly errors: number;
  /** From the start to the end, ms. */
  readonly durationMs: number;
}

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** A time in its two largest units, such as `2h 5m`. */
export function durationText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [[unit, size], [nextUnit, nextSize]] = UNITS.slice(first, first + 2);
  const rest = Math.floor(ms % size / nextSize);
  return `${Math.floor(ms / size)}${unit} ${rest}${nextUnit}`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** The line to print once the server has ended. */
export function summaryText(counts: ServedCounts): string {
  const { requests, errors, durationMs } = counts;
  return `Served ${counted(requests, "request")} with ${
    counted(errors, "error")
  } in ${durationText(durationMs)}`;
}
