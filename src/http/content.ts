/**
 * The types of the contents that answers are made with, and values as JSON.
 *
 * @module
 */

import { isThenable } from "./values.ts";

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
 * @throws {TypeError} If it is no JSON: undefined, a cycle, a bigint, a function,
 * a promise.
 */
export function toJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot send a value as JSON: ${reason}`, { cause });
  }
  if (text === undefined) {
    throw new TypeError(`Cannot send a value as JSON: it is ${typeof value}`);
  }
  // It would be sent as {}, which nobody means.
  if (text === "{}" && isThenable(value)) {
    throw new TypeError("Cannot send a promise as JSON: await it first");
  }
  return text;
}
