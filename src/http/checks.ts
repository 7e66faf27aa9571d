/**
 * Checks of what applications pass in as options. Each message quotes the value,
 * names the option and says what to take instead.
 *
 * @module
 */

import { describeValue } from "./values.ts";

/** The longest that a timer can wait, in ms; above it, it would strike at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** What a number must be. */
export interface NumberBounds {
  /** The least that it may be. @default {undefined} no bound */
  least?: number;
  /** What it must be above. @default {undefined} no bound */
  above?: number;
  /** The most that it may be. @default {undefined} no bound */
  most?: number;
  /** Whether only safe integers will do. @default {false} */
  whole?: boolean;
  /** What it counts, such as `"bytes"`. @default {undefined} nothing */
  unit?: string;
  /** Whether infinity will do. @default {false} */
  infinite?: boolean;
}

/** The start of a message about an option; what to take instead follows. */
export function cannotUse(what: string, value: unknown): string {
  return `Cannot use ${describeValue(value)} as ${what}: take `;
}

function wantNumber(bounds: NumberBounds): string {
  const { whole, unit, least, above, most } = bounds;
  return [
    whole ? "a whole number" : "a number",
    unit === undefined ? "" : ` of ${unit}`,
    least === undefined ? "" : ` from ${least}`,
    above === undefined ? "" : ` above ${above}`,
    most === undefined ? "" : ` to ${most}`,
  ].join("");
}

function isWithin(value: number, bounds: NumberBounds): boolean {
  const { whole, least, above, most, infinite } = bounds;
  if (whole ? !Number.isSafeInteger(value) : Number.isNaN(value)) return false;
  if (!infinite && !Number.isFinite(value)) return false;
  return value >= (least ?? -Infinity) && value <= (most ?? Infinity) &&
    (above === undefined || value > above);
}

/**
 * Checks a number.
 *
 * @param what The option, for the message, such as `"minSize" of compression`.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is out of bounds.
 */
export function checkNumber(
  what: string,
  value: unknown,
  bounds: NumberBounds,
): number {
  const message = cannotUse(what, value) + wantNumber(bounds);
  if (typeof value !== "number") throw new TypeError(message);
  if (!isWithin(value, bounds)) throw new RangeError(message);
  return value;
}

/**
 * Checks milliseconds that a timer is to wait.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is less than 1 or too much for a timer.
 */
export function checkTimerMs(what: string, value: unknown): number {
  const bounds = { least: 1, most: MAX_TIMER_MS, unit: "milliseconds" };
  return checkNumber(what, value, bounds);
}

/**
 * Checks a function, if there is one.
 *
 * @throws {TypeError} If it is something else.
 */
export function checkFunction(what: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(`${cannotUse(what, value)}a function`);
}

/**
 * Checks a boolean, if there is one.
 *
 * @throws {TypeError} If it is something else.
 */
export function checkBoolean(what: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(`${cannotUse(what, value)}true or false`);
}

/**
 * Checks what may be switched, or decided by a function, if there is one.
 *
 * @throws {TypeError} If it is something else.
 */
export function checkSwitch(what: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  if (typeof value === "function") return;
  throw new TypeError(`${cannotUse(what, value)}true, false or a function`);
}

/**
 * Checks a text, if there is one.
 *
 * @throws {TypeError} If it is something else.
 */
export function checkText(what: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw new TypeError(`${cannotUse(what, value)}a string`);
}

/** Lists choices for a message: `"a", "b" or 3`. */
export function listChoices(choices: readonly unknown[]): string {
  const all = choices.map(describeValue);
  const last = all[all.length - 1];
  return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} or ${last}`;
}

/**
 * Checks one of a few values.
 *
 * @throws {TypeError} If it is none of them.
 * @throws {RangeError} If they are numbers, and it is another.
 */
export function checkChoice<T>(
  what: string,
  value: T,
  choices: readonly T[],
): T {
  if (choices.includes(value)) return value;
  const message = cannotUse(what, value) + listChoices(choices);
  if (typeof choices[0] === "number") throw new RangeError(message);
  throw new TypeError(message);
}

/**
 * Checks a list, if there is one.
 *
 * @param of What it is a list of, for the message.
 * @throws {TypeError} If it is no array, or a member is refused by `isMember`.
 */
export function checkList(
  what: string,
  value: unknown,
  of: string,
  isMember: (one: unknown) => boolean,
): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    throw new TypeError(`${cannotUse(what, value)}a list of ${of}`);
  }
  const wrong = value.findIndex((one) => !isMember(one));
  if (wrong < 0) return;
  throw new TypeError(
    `Cannot use ${describeValue(value[wrong])} in ${what}: take ${of}`,
  );
}

/** Tells whether a value is a text. */
export function isText(value: unknown): boolean {
  return typeof value === "string";
}
