/**
 * Values of options as people write them: `"30s"`, `"1MiB"`, `"8080"`.
 *
 * @module
 */

import { type OptionKind, UNLIMITED } from "../../server/option_table.ts";

/** Kinds of options whose values are one text or one number. */
export type UnitKind = Extract<
  OptionKind,
  "text" | "port" | "bytes" | "ms" | "seconds" | "count"
>;

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

const MILLISECONDS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const SECONDS: Readonly<Record<string, number>> = {
  "": 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

const PLAIN: Readonly<Record<string, number>> = { "": 1 };
const UNBOUNDED = "unlimited";
const MAX_PORT = 65_535;

const ACCEPTED: Readonly<Record<UnitKind, string>> = {
  text: "a text that is not empty",
  port: `an integer from 0 to ${MAX_PORT}`,
  count: 'an integer from 0, or "unlimited"',
  bytes: 'bytes like "65536", "64KiB" or "1MB"',
  seconds: 'seconds like "60", or "5m", "1h", "7d"',
  ms: 'milliseconds like "1500", or "500ms", "30s", "2m", "1h"',
};

/** Says which values an option of this kind takes. */
export function acceptedValues(kind: UnitKind): string {
  return ACCEPTED[kind];
}

function parseNumber(
  text: string,
  units: Readonly<Record<string, number>>,
): number | null {
  const match = /^(\d+)([a-z]*)$/.exec(text.toLowerCase());
  if (match === null || !Object.hasOwn(units, match[2])) return null;
  const value = Number(match[1]) * units[match[2]];
  return Number.isSafeInteger(value) ? value : null;
}

/**
 * The value that a text stands for: a string for the kind `text`, else a
 * number, in bytes or milliseconds. `null` if an option of this kind cannot
 * have it.
 */
export function parseValue(
  kind: UnitKind,
  text: string,
): string | number | null {
  switch (kind) {
    case "text":
      return text === "" ? null : text;
    case "port": {
      const port = parseNumber(text, PLAIN);
      return port !== null && port <= MAX_PORT ? port : null;
    }
    case "count":
      return text === UNBOUNDED ? UNLIMITED : parseNumber(text, PLAIN);
    case "bytes":
      return parseNumber(text, BYTES);
    case "ms":
      return parseNumber(text, MILLISECONDS);
    case "seconds":
      return parseNumber(text, SECONDS);
  }
}

function inLargestUnit(
  value: number,
  units: readonly (readonly [string, number])[],
): string {
  for (const [unit, size] of units) {
    if (value >= size && value % size === 0) return `${value / size}${unit}`;
  }
  return `${value}`;
}

/** Writes a value the way {@linkcode parseValue} reads it, in its largest unit. */
export function formatValue(kind: UnitKind, value: string | number): string {
  if (typeof value === "string") return value;
  if (kind === "count" && value === UNLIMITED) return UNBOUNDED;
  if (kind === "bytes") {
    return inLargestUnit(value, [
      ["GiB", BYTES.gib],
      ["MiB", BYTES.mib],
      ["KiB", BYTES.kib],
    ]);
  }
  if (kind === "ms") {
    return inLargestUnit(value, [
      ["h", MILLISECONDS.h],
      ["m", MILLISECONDS.m],
      ["s", MILLISECONDS.s],
      ["ms", 1],
    ]);
  }
  if (kind === "seconds") {
    return inLargestUnit(value, [
      ["d", SECONDS.d],
      ["h", SECONDS.h],
      ["m", SECONDS.m],
      ["s", 1],
    ]);
  }
  return `${value}`;
}
