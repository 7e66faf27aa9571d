/**
 * The fields of W3C Trace Context, level 2: `traceparent` and `tracestate`.
 *
 * @module
 */

/** What a `traceparent` tells. */
export interface TraceParent {
  /** The trace: 32 digits of lower-case hexadecimal, not all 0. */
  readonly traceId: string;
  /** The span of whoever asks: 16 such digits. */
  readonly parentId: string;
  /** Whether the caller may have recorded the trace. */
  readonly sampled: boolean;
  /** Whether the last 7 bytes of the trace's id are random. */
  readonly random: boolean;
}

const TRACEPARENT =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ONLY_ZEROS = /^0+$/;
const SAMPLED = 1;
const RANDOM = 2;

/**
 * Reads a `traceparent` (3.2). A version to come is read as far as it is known.
 *
 * @returns `null` if it is malformed, in whatever way.
 */
export function parseTraceParent(value: string): TraceParent | null {
  const match = TRACEPARENT.exec(value);
  if (match === null) return null;
  const [, version, traceId, parentId, flags, rest] = match;
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (ONLY_ZEROS.test(traceId) || ONLY_ZEROS.test(parentId)) return null;
  const bits = parseInt(flags, 16);
  return {
    traceId,
    parentId,
    sampled: (bits & SAMPLED) !== 0,
    random: (bits & RANDOM) !== 0,
  };
}

/** Writes a `traceparent`, or a `traceresponse`, of version 00. */
export function formatTraceParent(
  traceId: string,
  spanId: string,
  sampled: boolean,
  random: boolean,
): string {
  const flags = (sampled ? SAMPLED : 0) | (random ? RANDOM : 0);
  return `00-${traceId}-${spanId}-0${flags}`;
}

const MOST_MEMBERS = 32;
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
// Visible characters and spaces but "," and "=", the last one no space.
const VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

function isMember(member: string): boolean {
  const equals = member.indexOf("=");
  return equals > 0 && KEY.test(member.slice(0, equals)) &&
    VALUE.test(member.slice(equals + 1));
}

/**
 * Reads a `tracestate` (3.3), its lines joined by commas. The vendors' members
 * stay as they are, in their order.
 *
 * @returns The members without spaces around them; empty if one of them is
 * malformed or twice there, or there are more than 32: it is dropped then.
 */
export function parseTraceState(value: string): string {
  const members = value.split(",")
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const keys = new Set(members.map((member) => member.split("=", 1)[0]));
  const isValid = members.length <= MOST_MEMBERS &&
    keys.size === members.length && members.every(isMember);
  return isValid ? members.join(",") : "";
}
