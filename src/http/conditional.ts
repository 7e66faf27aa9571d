/**
 * Conditional requests: whether to go on, to answer 304 or to answer 412
 * (RFC 9110 13).
 *
 * @module
 */

import { parseHttpDate } from "../grammar/dates.ts";
import {
  type EntityTag,
  matchesStrongly,
  matchesWeakly,
  parseEntityTag,
  parseEntityTagList,
} from "./etag.ts";

/** What is known of the selected representation. */
export interface Validators {
  /** Its entity tag as sent, with quotes; leave out what has none. */
  etag?: string;
  /** When it last changed, in milliseconds since 1970; leave out if unknown. */
  lastModified?: number;
  /**
   * Whether there is a current representation, which decides what `*` means.
   *
   * @default {true}
   */
  exists?: boolean;
}

/** The part of a header list that conditions are read from. */
export interface ConditionFields {
  /** Gives the value of a field by its lower-case name, or `null`. */
  get(name: string): string | null;
}

/**
 * What the conditions of a request come to: `"proceed"` with the method,
 * `"not-modified"` for 304, `"precondition-failed"` for 412.
 */
export type ConditionResult =
  | "proceed"
  | "not-modified"
  | "precondition-failed";

type Compare = (a: EntityTag, b: EntityTag) => boolean;

// RFC 9110 13.2.1: methods that select no representation ignore conditions.
const UNCONDITIONAL: ReadonlySet<string> = new Set([
  "CONNECT",
  "OPTIONS",
  "TRACE",
]);

function readTag(validators: Validators): EntityTag | null {
  const { etag } = validators;
  if (etag === undefined) return null;
  const tag = parseEntityTag(etag);
  if (tag === null) {
    throw new TypeError(
      `Cannot compare with the entity tag ${
        JSON.stringify(etag)
      }: write it with its quotes, as formatEntityTag() does`,
    );
  }
  return tag;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function matchesAny(
  field: string,
  tag: EntityTag | null,
  exists: boolean,
  compare: Compare,
): boolean {
  const list = parseEntityTagList(field);
  if (list === "*") return exists;
  return exists && tag !== null && list.some((other) => compare(other, tag));
}

/** Whether the representation changed after the field's date; null: ignore it. */
function changedSince(field: string | null, changed?: number): boolean | null {
  if (field === null || changed === undefined) return null;
  const date = parseHttpDate(field);
  // Dates of fields have whole seconds: compared finer, a file would always
  // be newer than its own Last-Modified.
  return date === null ? null : wholeSeconds(changed) > wholeSeconds(date);
}

function isRefused(
  fields: ConditionFields,
  tag: EntityTag | null,
  validators: Validators,
): boolean {
  const ifMatch = fields.get("if-match");
  if (ifMatch !== null) {
    const exists = validators.exists ?? true;
    return !matchesAny(ifMatch, tag, exists, matchesStrongly);
  }
  const since = fields.get("if-unmodified-since");
  return changedSince(since, validators.lastModified) === true;
}

function isUnchanged(
  fields: ConditionFields,
  tag: EntityTag | null,
  validators: Validators,
  isRead: boolean,
): boolean {
  const ifNoneMatch = fields.get("if-none-match");
  if (ifNoneMatch !== null) {
    const exists = validators.exists ?? true;
    return matchesAny(ifNoneMatch, tag, exists, matchesWeakly);
  }
  if (!isRead) return false;
  const since = fields.get("if-modified-since");
  return changedSince(since, validators.lastModified) === false;
}

/**
 * Evaluates the conditions of a request in the order of RFC 9110 13.2.2:
 * `If-Match`, else `If-Unmodified-Since`; then `If-None-Match`, else, for GET and
 * HEAD, `If-Modified-Since`. Dates that are not valid are ignored. To be called
 * where the answer would otherwise be a 2xx (13.2.1); `If-Range` comes after it,
 * see {@linkcode ifRangeMatches}.
 *
 * @param method The request method.
 * @param fields The request's fields.
 * @param validators What is known of the representation.
 * @throws {TypeError} If `validators.etag` is not an entity tag.
 *
 * @example Usage
 * ```ts
 * import { evaluateConditions } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = new Headers({ "if-none-match": '"v1"' });
 * assertEquals(evaluateConditions("GET", fields, { etag: '"v1"' }), "not-modified");
 * assertEquals(evaluateConditions("GET", fields, { etag: '"v2"' }), "proceed");
 * ```
 */
export function evaluateConditions(
  method: string,
  fields: ConditionFields,
  validators: Validators,
): ConditionResult {
  const tag = readTag(validators);
  if (UNCONDITIONAL.has(method)) return "proceed";
  if (isRefused(fields, tag, validators)) return "precondition-failed";
  const isRead = method === "GET" || method === "HEAD";
  if (!isUnchanged(fields, tag, validators, isRead)) return "proceed";
  return isRead ? "not-modified" : "precondition-failed";
}

function matchesDate(field: string, changed: number, now: number): boolean {
  const date = parseHttpDate(field, now);
  const second = wholeSeconds(changed);
  // RFC 9110 8.8.2.2: within its own second a date is weak, for the file may
  // change again and keep it.
  return date !== null && wholeSeconds(date) === second &&
    second < wholeSeconds(now);
}

/**
 * Tells whether `If-Range` lets the `Range` of a request count (RFC 9110
 * 13.1.5). A weak tag never does, nor a date that is not exactly that of the
 * last change, or is of the running second. Where it says no, the whole
 * representation is sent.
 *
 * @param field The value of `If-Range`; `null`, for no such field, lets it count.
 * @param validators What is known of the representation.
 * @param now The time by which to judge dates, in milliseconds since 1970.
 * @throws {TypeError} If `validators.etag` is not an entity tag.
 *
 * @example Usage
 * ```ts
 * import { ifRangeMatches } from "@x/httpserver";
 * import { assert } from "@std/assert";
 *
 * assert(ifRangeMatches('"v1"', { etag: '"v1"' }));
 * assert(!ifRangeMatches('W/"v1"', { etag: 'W/"v1"' }));
 * ```
 */
export function ifRangeMatches(
  field: string | null,
  validators: Validators,
  now: number = Date.now(),
): boolean {
  const tag = readTag(validators);
  if (field === null) return true;
  const wanted = parseEntityTag(field);
  if (wanted !== null) return tag !== null && matchesStrongly(wanted, tag);
  const { lastModified } = validators;
  return lastModified !== undefined && matchesDate(field, lastModified, now);
}
