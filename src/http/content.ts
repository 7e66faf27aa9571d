/**
 * The types of the contents that answers are made with, and values as JSON.
 *
 * @module
 */

import { describeValue, isThenable } from "./values.ts";

/** The type of plain text. */
export const TEXT_TYPE = "text/plain; charset=utf-8";
/** The type of HTML. */
export const HTML_TYPE = "text/html; charset=utf-8";
/** The type of JSON, which is always UTF-8 (RFC 8259 8.1). */
export const JSON_TYPE = "application/json";
/** The type of bytes of which nothing is known. */
export const BYTES_TYPE = "application/octet-stream";

/**
 * Writes a value as JSON.
 *
 * @throws {TypeError} If it is no JSON: undefined, a cycle, a bigint, a function;
 * or has what JSON would show as `{}`, such as a promise, a `Map` or an `Error`.
 */
export function toJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw cannotSend(value, mendJson(cause), cause);
  }
  if (text === undefined) {
    throw cannotSend(value, "pass a value that JSON has, such as null or {}");
  }
  // What else begins so is looked at in vain.
  if (text.includes("{}") || text.startsWith('{"body":')) refuseEmptied(value);
  return text;
}

function cannotSend(value: unknown, mend: string, cause?: unknown): TypeError {
  const message = `Cannot send ${describeValue(value)} as JSON: ${mend}`;
  return new TypeError(message, { cause });
}

function mendJson(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : `${cause}`;
  if (/BigInt/i.test(reason)) return "write a BigInt as a string or a number";
  if (/circular|cyclic/i.test(reason)) {
    const [, ...path] = reason.split("\n").map((line) => line.trim());
    return `pick the members to send, as it is circular: ${
      path.join(" ").replaceAll("-->", "").replaceAll("---", "").trim()
    }`.replace(/\s+/g, " ");
  }
  return reason;
}

// What JSON shows as {}, which nobody means, and what to send in its place.
function mendEmptied(value: object): string | null {
  if (isThenable(value)) {
    // It is told of here: its own failure must not end the process as well.
    value.then(undefined, () => {});
    return "await it first";
  }
  if (value instanceof Map) return "send Object.fromEntries(map) or [...map]";
  if (value instanceof Set) return "send [...set]";
  if (value instanceof Error) return "throw it, or send its message";
  if (value instanceof RegExp) return "send its source";
  if (value instanceof Headers || value instanceof URLSearchParams) {
    return "send Object.fromEntries(it)";
  }
  if (value instanceof Response) return "return it as it is";
  if (value instanceof Blob) return "send its bytes(), or its stream()";
  return value instanceof FormData ? "send Object.fromEntries(it)" : null;
}

function refuseEmptied(value: unknown): void {
  if (describeValue(value) === "an HttpResponse") {
    throw cannotSend(value, "return it as it is");
  }
  JSON.stringify(value, (_, member) => {
    if (typeof member !== "object" || member === null) return member;
    if (Object.keys(member).length > 0) return member;
    const mend = mendEmptied(member);
    if (mend !== null) throw cannotSend(member, mend);
    return member;
  });
}
