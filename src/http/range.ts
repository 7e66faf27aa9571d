/**
 * Byte ranges: `Range` and `Content-Range` (RFC 9110 14).
 *
 * @module
 */

import { trimOws } from "../grammar/lists.ts";

/** A range of bytes; both ends belong to it, the first byte is 0. */
export interface ByteRange {
  /** Offset of the first byte. */
  start: number;
  /** Offset of the last byte. */
  end: number;
}

/** Options of {@linkcode parseRange}. */
export interface ParseRangeOptions {
  /**
   * How many ranges a request may name; more are ignored altogether, as RFC 9110
   * 14.2 allows against abuse.
   *
   * @default {8}
   */
  maxRanges?: number;
}

/** A range as written: from `first` to `last`, or `last` bytes at the end. */
interface RangeSpec {
  first: number | null;
  last: number;
}

const UNIT = "bytes=";
const SPEC = /^(\d*)-(\d*)$/;

function readNumber(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

function parseSpec(text: string): RangeSpec | null {
  const match = SPEC.exec(text);
  if (match === null || text === "-") return null;
  const last = match[2] === "" ? Number.MAX_SAFE_INTEGER : readNumber(match[2]);
  if (match[1] === "") return { first: null, last };
  const first = readNumber(match[1]);
  // RFC 9110 14.1.1: an int-range that ends before it starts is invalid.
  return last < first ? null : { first, last };
}

function parseSpecs(header: string, maxRanges: number): RangeSpec[] | null {
  const specs: RangeSpec[] = [];
  for (let from = UNIT.length; from <= header.length;) {
    const comma = header.indexOf(",", from);
    const to = comma < 0 ? header.length : comma;
    const text = trimOws(header.slice(from, to));
    from = to + 1;
    if (text === "") continue;
    const spec = parseSpec(text);
    // Stops at the first too many: a thousand ranges cost as much as nine.
    if (spec === null || specs.length === maxRanges) return null;
    specs.push(spec);
  }
  return specs;
}

function resolve(spec: RangeSpec, size: number): ByteRange | null {
  const { first, last } = spec;
  if (first === null) {
    return last === 0
      ? null
      : { start: Math.max(size - last, 0), end: size - 1 };
  }
  return first >= size ? null : { start: first, end: Math.min(last, size - 1) };
}

/** Joins what overlaps or adjoins, at the place of the earliest of the request. */
function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const placed = ranges.map(({ start, end }, place) => ({ start, end, place }));
  const joined: typeof placed = [];
  for (const range of placed.sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || range.start > last.end + 1) {
      joined.push(range);
    } else {
      last.end = Math.max(last.end, range.end);
      last.place = Math.min(last.place, range.place);
    }
  }
  return joined.sort((a, b) => a.place - b.place)
    .map(({ start, end }) => ({ start, end }));
}

function checkBounds(size: number, maxRanges: number): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new RangeError(
      `Cannot take ranges of size "${size}": take a whole number of bytes`,
    );
  }
  if (!Number.isSafeInteger(maxRanges) || maxRanges < 1) {
    throw new RangeError(
      `Cannot allow "${maxRanges}" ranges: take an integer from 1`,
    );
  }
}

/**
 * Reads a `Range` field for a representation of `size` bytes (RFC 9110 14.1.2,
 * 14.2). Ranges that overlap or adjoin are joined, the others keep the order of
 * the request. Only for GET: with other methods the field has no meaning.
 *
 * @param header The field value.
 * @param size Length of the representation in bytes.
 * @param options How many ranges to allow.
 * @returns The ranges to send, at least one; `"ignore"`, to send everything with
 * 200, for another unit, a malformed value, too many ranges, or the last bytes
 * of nothing; `"unsatisfiable"`, to answer 416, if no range holds a byte.
 * @throws {RangeError} If `size` or `maxRanges` is out of bounds.
 *
 * @example Usage
 * ```ts
 * import { parseRange } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseRange("bytes=0-4,-2", 10), [
 *   { start: 0, end: 4 },
 *   { start: 8, end: 9 },
 * ]);
 * assertEquals(parseRange("bytes=10-", 10), "unsatisfiable");
 * assertEquals(parseRange("lines=1-2", 10), "ignore");
 * ```
 */
export function parseRange(
  header: string,
  size: number,
  options: ParseRangeOptions = {},
): ByteRange[] | "ignore" | "unsatisfiable" {
  const { maxRanges = 8 } = options;
  checkBounds(size, maxRanges);
  if (header.slice(0, UNIT.length).toLowerCase() !== UNIT) return "ignore";
  const specs = parseSpecs(header, maxRanges);
  if (specs === null || specs.length === 0) return "ignore";
  const ranges = specs.map((spec) => resolve(spec, size))
    .filter((range) => range !== null);
  if (ranges.length === 0) return "unsatisfiable";
  // "-5" of nothing is satisfiable, but no Content-Range can say it.
  return size === 0 ? "ignore" : joinRanges(ranges);
}

/**
 * Writes the `Content-Range` of a part (RFC 9110 14.4).
 *
 * @param range The part.
 * @param size Length of the whole in bytes.
 * @throws {RangeError} If the range is not within the whole.
 *
 * @example Usage
 * ```ts
 * import { formatContentRange } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatContentRange({ start: 0, end: 4 }, 10), "bytes 0-4/10");
 * ```
 */
export function formatContentRange(range: ByteRange, size: number): string {
  const { start, end } = range;
  if (!(start >= 0 && start <= end && end < size)) {
    throw new RangeError(
      `Cannot write the range "${start}-${end}": take one within the ${size} bytes there are`,
    );
  }
  return `bytes ${start}-${end}/${size}`;
}

/**
 * Writes the `Content-Range` of a 416 answer (RFC 9110 15.5.17).
 *
 * @param size Length of the whole in bytes.
 *
 * @example Usage
 * ```ts
 * import { formatUnsatisfiedRange } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatUnsatisfiedRange(10), "bytes *\/10");
 * ```
 */
export function formatUnsatisfiedRange(size: number): string {
  return `bytes */${size}`;
}
