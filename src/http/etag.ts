/**
 * Entity tags and their two comparisons (RFC 9110 8.8.3).
 *
 * @module
 */

import { trimOws } from "../grammar/lists.ts";

/** An entity tag, taken apart. */
export interface EntityTag {
  /** What stands between the quotes. */
  value: string;
  /** Whether the tag is weak, written `W/"..."`. */
  weak: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where a tag was found, and where the text goes on after it. */
interface Found {
  tag: EntityTag;
  end: number;
}

// etagc of RFC 9110 8.8.3: no space, and a backslash escapes nothing.
function isTagChar(code: number): boolean {
  return code >= 0x21 && code !== QUOTE && code !== 0x7f && code <= 0xff;
}

function scanTag(text: string, from: number): Found | null {
  const weak = text.startsWith("W/", from);
  const start = weak ? from + 3 : from + 1;
  if (text.charCodeAt(start - 1) !== QUOTE) return null;
  let end = start;
  while (end < text.length && isTagChar(text.charCodeAt(end))) end++;
  if (text.charCodeAt(end) !== QUOTE) return null;
  return { tag: { value: text.slice(start, end), weak }, end: end + 1 };
}

function isSpace(text: string, at: number): boolean {
  return text[at] === " " || text[at] === "\t";
}

/**
 * Reads one entity tag.
 *
 * @returns The tag, or `null` if `text` is not exactly one.
 *
 * @example Usage
 * ```ts
 * import { parseEntityTag } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseEntityTag('W/"v1"'), { value: "v1", weak: true });
 * assertEquals(parseEntityTag("v1"), null);
 * ```
 */
export function parseEntityTag(text: string): EntityTag | null {
  const found = scanTag(text, 0);
  return found?.end === text.length ? found.tag : null;
}

/**
 * Writes an entity tag with its quotes.
 *
 * @throws {TypeError} If the value holds a quote, a space, a control character
 * or what is not a byte.
 *
 * @example Usage
 * ```ts
 * import { formatEntityTag } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatEntityTag({ value: "v1", weak: true }), 'W/"v1"');
 * ```
 */
export function formatEntityTag(tag: EntityTag): string {
  for (let at = 0; at < tag.value.length; at++) {
    if (isTagChar(tag.value.charCodeAt(at))) continue;
    throw new TypeError(
      `Cannot write ${
        JSON.stringify(tag.value)
      } as an entity tag: take visible characters without a double quote`,
    );
  }
  return `${tag.weak ? "W/" : ""}"${tag.value}"`;
}

/**
 * Strong comparison: the values are equal and neither tag is weak (RFC 9110
 * 8.8.3.2). For `If-Match` and `If-Range`.
 *
 * @example Usage
 * ```ts
 * import { matchesStrongly } from "@x/httpserver";
 * import { assert } from "@std/assert";
 *
 * const weak = { value: "v1", weak: true };
 * assert(!matchesStrongly(weak, weak));
 * ```
 */
export function matchesStrongly(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.value === b.value;
}

/**
 * Weak comparison: the values are equal (RFC 9110 8.8.3.2). For `If-None-Match`.
 *
 * @example Usage
 * ```ts
 * import { matchesWeakly } from "@x/httpserver";
 * import { assert } from "@std/assert";
 *
 * assert(matchesWeakly({ value: "v1", weak: true }, { value: "v1", weak: false }));
 * ```
 */
export function matchesWeakly(a: EntityTag, b: EntityTag): boolean {
  return a.value === b.value;
}

function skipToMember(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === COMMA || isSpace(text, at)) at++;
  return at;
}

function endOfMember(text: string, from: number): number {
  const comma = text.indexOf(",", from);
  return comma < 0 ? text.length : comma;
}

/**
 * Reads the value of `If-Match` or `If-None-Match` (RFC 9110 13.1.1, 13.1.2).
 * What is no entity tag is skipped up to the next comma: a condition then fails
 * to match, which costs a full answer and never loses an update.
 *
 * @returns The tags in order, or `"*"`, which stands for any.
 *
 * @example Usage
 * ```ts
 * import { parseEntityTagList } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseEntityTagList("*"), "*");
 * assertEquals(parseEntityTagList('"a,b", bad, W/"c"'), [
 *   { value: "a,b", weak: false },
 *   { value: "c", weak: true },
 * ]);
 * ```
 */
export function parseEntityTagList(value: string): EntityTag[] | "*" {
  const tags: EntityTag[] = [];
  if (trimOws(value) === "*") return "*";
  for (let at = skipToMember(value, 0); at < value.length;) {
    const found = scanTag(value, at);
    let end = found === null ? at : found.end;
    while (isSpace(value, end)) end++;
    const isWhole = end === value.length || value.charCodeAt(end) === COMMA;
    if (found !== null && isWhole) tags.push(found.tag);
    at = skipToMember(value, endOfMember(value, end));
  }
  return tags;
}

/**
 * Makes the entity tag of a file from its size and time of change. It is weak:
 * a file may change twice within the resolution of its time.
 *
 * @param size Length in bytes.
 * @param mtimeMs Time of change in milliseconds since 1970; cut to whole ones.
 * @throws {RangeError} If `size` or `mtimeMs` is not a finite number.
 *
 * @example Usage
 * ```ts
 * import { fileEntityTag } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fileEntityTag(255, 4096), 'W/"ff-1000"');
 * ```
 */
export function fileEntityTag(size: number, mtimeMs: number): string {
  if (!Number.isFinite(size) || !Number.isFinite(mtimeMs)) {
    throw new RangeError(
      `Cannot make an entity tag of size "${size}" and time "${mtimeMs}": take finite numbers`,
    );
  }
  return `W/"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`;
}
