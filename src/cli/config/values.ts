/**
 * Values of options: read from a text or from a file, and written for people.
 *
 * @module
 */

import type { OptionSpec, OptionValue } from "../../server/option_table.ts";
import { TEXT_CHECKS } from "./checks.ts";
import { acceptedValues, formatValue, parseValue } from "./units.ts";

const RATE = /^[1-9]\d{0,8}\/[smh]$/;
const ON = ["true", "on", "yes", "1"];
const OFF = ["false", "off", "no", "0"];

// Only where there is something to turn off: "off" may be a file.
function canBeOff({ bare, others, choices }: OptionSpec): boolean {
  const isTurnedOff = Object.values(others ?? {}).includes("off");
  return choices?.includes("off") !== true &&
    (bare !== undefined || isTurnedOff);
}

function isOff(spec: OptionSpec, text: string): boolean {
  return canBeOff(spec) && (text === "off" || text === "false");
}

function isOn(spec: OptionSpec, text: string): boolean {
  return spec.bare !== undefined && (text === "on" || text === "true") &&
    spec.bare !== text;
}

function quotedList(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(", ");
}

function acceptedByKind(spec: OptionSpec): string {
  const { kind, choices = [], least } = spec;
  switch (kind) {
    case "switch":
      return '"true" or "false"';
    case "choice":
      return `one of ${quotedList(choices)}`;
    case "rate":
      return 'requests for a time, like "10/s", "100/m" or "1000/h"';
    case "list":
      return choices.length > 0
        ? `some of ${quotedList(choices)}`
        : "texts that are not empty";
    case "count":
      return acceptedValues(kind).replace("from 0", `from ${least}`);
    default:
      return acceptedValues(kind);
  }
}

/** Says which values an option takes. */
export function accepted(spec: OptionSpec): string {
  const values = TEXT_CHECKS.get(spec.name)?.accepted ?? acceptedByKind(spec);
  return canBeOff(spec) ? `${values}, or "off"` : values;
}

function isGoodText(spec: OptionSpec, text: string): boolean {
  return text !== "" && (TEXT_CHECKS.get(spec.name)?.test(text) ?? true);
}

function readEntries(
  spec: OptionSpec,
  entries: readonly string[],
): readonly string[] | undefined {
  const { choices } = spec;
  const isGood = entries.every((entry) =>
    isGoodText(spec, entry) && (choices?.includes(entry) ?? true)
  );
  return isGood ? entries : undefined;
}

function splitList(spec: OptionSpec, text: string): string[] {
  if (text === "") return [];
  // A password may begin or end with a space.
  if (spec.separator !== undefined) return text.split(spec.separator);
  return text.split(",").map((entry) => entry.trim());
}

/**
 * The value that a text stands for; `undefined` if the option cannot have it.
 */
export function readText(
  spec: OptionSpec,
  text: string,
): OptionValue | undefined {
  if (isOff(spec, text)) return spec.kind === "list" ? [] : null;
  if (isOn(spec, text)) return readText(spec, spec.bare ?? "");
  switch (spec.kind) {
    case "switch":
      if (ON.includes(text)) return true;
      return OFF.includes(text) ? false : undefined;
    case "choice":
      return spec.choices?.includes(text) ? text : undefined;
    case "rate":
      return RATE.test(text) ? text : undefined;
    case "list":
      return readEntries(spec, splitList(spec, text));
    case "text":
      return isGoodText(spec, text) ? text : undefined;
    default: {
      const value = parseValue(spec.kind, text);
      const isTooSmall = typeof value === "number" && value < spec.least;
      return value === null || isTooSmall ? undefined : value;
    }
  }
}

/**
 * The value that a value of a file stands for: a text with a unit, a number, a
 * boolean or an array of texts; `undefined` if the option cannot have it.
 */
export function readJson(
  spec: OptionSpec,
  value: unknown,
): OptionValue | undefined {
  if (Array.isArray(value)) {
    const texts = value.filter((entry) => typeof entry === "string");
    const isList = spec.kind === "list" && texts.length === value.length;
    return isList ? readEntries(spec, texts) : undefined;
  }
  switch (typeof value) {
    case "string":
      return readText(spec, value);
    case "number":
      // Not one that a text would be: a host name is no number.
      return isNumeric(spec) ? readText(spec, `${value}`) : undefined;
    case "boolean":
      return readSwitch(spec, value);
    default:
      return undefined;
  }
}

// Of a choice with "off" that is what `false` means.
function readSwitch(
  spec: OptionSpec,
  value: boolean,
): OptionValue | undefined {
  const isOff = !value && spec.choices?.includes("off") === true;
  const hasSwitch = spec.kind === "switch" || canBeOff(spec) || isOff;
  if (!hasSwitch) return undefined;
  return readText(spec, isOff ? "off" : `${value}`);
}

function isNumeric({ kind }: OptionSpec): boolean {
  return ["port", "count", "bytes", "ms", "seconds"].includes(kind);
}

/** Writes a value the way it can be given in a text. */
export function showValue(spec: OptionSpec, value: OptionValue): string {
  if (value === null || Array.isArray(value) && value.length === 0) {
    return spec.unset ?? (canBeOff(spec) ? "off" : "none");
  }
  if (spec.secret) return "(secret)";
  if (Array.isArray(value)) return value.join(spec.separator ?? ",");
  if (typeof value === "boolean") return `${value}`;
  const text = value as string | number;
  if (spec.kind === "choice" || spec.kind === "rate") return `${text}`;
  return spec.kind === "switch" || spec.kind === "list"
    ? `${text}`
    : formatValue(spec.kind, text);
}
