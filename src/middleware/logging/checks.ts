/**
 * Checks of options.
 *
 * @module
 */

import { describeValue } from "../../http/values.ts";

/**
 * Checks one of a few texts.
 *
 * @throws {TypeError} If it is none of them.
 */
export function checkChoice(
  name: string,
  value: unknown,
  choices: readonly string[],
): void {
  if (choices.includes(value as string)) return;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as ${name}: take ${
      choices.map((one) => `"${one}"`).join(" or ")
    }`,
  );
}

/**
 * Checks a whole number.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no safe integer from `least`.
 */
export function checkCount(name: string, value: unknown, least: number): void {
  const problem = `Cannot use ${describeValue(value)} as ${name}: take `;
  if (typeof value !== "number") throw new TypeError(`${problem}a number`);
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${problem}a whole number from ${least}`);
}

/**
 * Checks a function, if there is one.
 *
 * @throws {TypeError} If it is something else.
 */
export function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as ${name}: take a function`,
  );
}

/**
 * Checks a list of names.
 *
 * @throws {TypeError} If it is no array of strings.
 */
export function checkNames(name: string, value: unknown): void {
  const isList = Array.isArray(value) &&
    value.every((one) => typeof one === "string");
  if (value === undefined || isList) return;
  throw new TypeError(
    `Cannot use ${describeValue(value)} as ${name}: take an array of names`,
  );
}
