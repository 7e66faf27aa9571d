/**
 * What a value is: for checks of what applications pass in, and for the messages
 * of the errors that these end in.
 *
 * @module
 */

const LONGEST_TEXT = 40;

/** Names a value in a message: a text quoted, an object by its class. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.slice(0, LONGEST_TEXT));
  }
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    return value.length === 0 ? "an empty array" : "an array";
  }
  const name: unknown = value.constructor?.name;
  if (typeof name !== "string" || name === "" || name === "Object") {
    return "a plain object";
  }
  return /^(?:[AEIO]|U(?!RL)|Http)/.test(name) ? `an ${name}` : `a ${name}`;
}

/** Tells whether a value is to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
