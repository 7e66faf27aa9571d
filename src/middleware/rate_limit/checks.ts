/**
 * Checks of what rate limits are made with.
 *
 * @module
 */

import { describeValue } from "../../http/values.ts";

function checkNumber(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as "${name}": take a number`,
  );
}

/** An integer from 1; else throws. */
export function positiveInteger(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(
    `Cannot use ${number} as "${name}": take an integer from 1`,
  );
}

// The longest that setTimeout can wait; a year of milliseconds is far beyond.
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Milliseconds that a timer can wait, from 1; else throws. */
export function timeoutMs(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (number >= 1 && number <= MAX_TIMEOUT_MS) return number;
  throw new RangeError(
    `Cannot use ${number} as "${name}": take milliseconds from 1 to ${MAX_TIMEOUT_MS}`,
  );
}

/** A number above 0, not infinite; else throws. */
export function positiveNumber(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new RangeError(
    `Cannot use ${number} as "${name}": take a number above 0`,
  );
}

/** A function, or undefined; else throws. */
export function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as "${name}": take a function`,
  );
}

/** One of a few texts; else throws. */
export function oneOf<T extends string>(
  name: string,
  value: T,
  known: readonly T[],
): T {
  if (known.includes(value)) return value;
  const names = known.map((one) => `"${one}"`).join(", ");
  throw new TypeError(
    `Cannot use ${describeValue(value)} as "${name}": take one of ${names}`,
  );
}

/** A boolean; else throws. */
export function checkBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as "${name}": take true or false`,
  );
}

/** A text, or undefined; else throws. */
export function checkString(name: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as "${name}": take a string`,
  );
}
