import { difference, format } from "./diff.ts";
import { equal } from "./equal.ts";
import { AssertionError, describe } from "./error.ts";

/** Fails unless both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const sentence = describe("Values are not equal", msg);
  throw new AssertionError(sentence + "\n" + difference(actual, expected));
}

/** Fails if both values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  const sentence = `Values are equal but should not be: ${format(actual)}`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless both are the same value or object (`Object.is`). */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const sentence = describe("Values are not strictly equal", msg);
  throw new AssertionError(sentence + "\n" + difference(actual, expected));
}

/** Fails if both are the same value or object (`Object.is`). */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  const sentence = `Values are the same but should not be: ${format(actual)}`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless `actual` has what `expected` has, at any depth. */
export function assertObjectMatch(
  actual: object,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals<unknown>(common(actual, expected), expected, msg);
}

/** The part of `actual` that `expected` names. */
function common(actual: unknown, expected: unknown): unknown {
  if (!isPlain(expected) || !isObject(actual)) return actual;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return actual;
    return expected.map((item, i) => common(actual[i], item));
  }
  const part: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(expected)) {
    if (!(key in actual)) continue;
    part[key] = common(Reflect.get(actual, key), Reflect.get(expected, key));
  }
  return part;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPlain(value: unknown): value is object {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null ||
    prototype === Object.prototype;
}

/** Fails unless both numbers differ by at most `tolerance`, by default a
 * ten-millionth of the expected one. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected)
    ? Math.abs(expected * 1e-7)
    : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(actual - expected);
  if (delta <= tolerance) return;
  const sentence =
    `${actual} is not close to ${expected}: ${delta} apart, ${tolerance} allowed`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless every item of `expected` is in `actual`. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T> & object,
  expected: ArrayLike<T> & object,
  msg?: string,
): void {
  const items = Array.from(actual);
  const missing = Array.from(expected)
    .filter((item) => !items.some((other) => equal(item, other)));
  if (missing.length === 0) return;
  const sentence = `${format(actual)} does not include ${format(missing)}`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) throw order(actual, ">", expected, msg);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) throw order(actual, ">=", expected, msg);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) throw order(actual, "<", expected, msg);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) throw order(actual, "<=", expected, msg);
}

function order(
  actual: unknown,
  relation: string,
  expected: unknown,
  msg?: string,
): AssertionError {
  const sentence = `Expect ${format(actual)} ${relation} ${format(expected)}`;
  return new AssertionError(msg ?? sentence);
}
