/** Stand-in for the names of `jsr:@std/assert` that the tests use.
 *
 * @module */
import { AssertionError, describe } from "./error.ts";

export { AssertionError } from "./error.ts";
export * from "./compare.ts";
export { equal } from "./equal.ts";
export { assertRejects, assertThrows } from "./errors.ts";

/** Values that count as false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Fails unless the value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless the value is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Fails if the value is null or undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual !== null && actual !== undefined) return;
  const sentence = `Expected a value but got ${actual}`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<
  T extends abstract new (...args: never[]) => unknown,
>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const sentence = `Expected an instance of "${expectedType.name}" but got ` +
    Deno.inspect(actual);
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless the text contains the other. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  const sentence = `Expected actual: "${actual}" to contain: "${expected}"`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails unless the text matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  const sentence = `Expected actual: "${actual}" to match: "${expected}"`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails if the text matches the pattern. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) return;
  const sentence = `Expected actual: "${actual}" to not match: "${expected}"`;
  throw new AssertionError(describe(sentence, msg));
}

/** Fails. */
export function fail(msg?: string): never {
  throw new AssertionError(describe("Failed assertion", msg));
}

/** Fails: this place was not to be reached. */
export function unreachable(msg?: string): never {
  throw new AssertionError(describe("Unreachable", msg));
}
