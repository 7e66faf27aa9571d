/**
 * Character classes of HTTP/1.1 as 256-entry tables, so that a parser decides
 * on each byte by one look-up (RFC 9110 5.6.2, 5.5; RFC 9112 3.2).
 *
 * @module
 */

/** Bit of {@linkcode CHARS}: a `tchar` of RFC 9110 5.6.2. */
export const TOKEN = 1;
/** Bit of {@linkcode CHARS}: a byte of a field value, RFC 9110 5.5, with inner SP and HTAB. */
export const FIELD = 2;
/**
 * Bit of {@linkcode CHARS}: a byte that may stand in a request target ahead of
 * the question mark: what RFC 3986 allows, no fragment, and `[`, `]`, `|` and
 * `^`, which browsers leave as they are (the path percent-encode set of the URL
 * standard, which had no `^` for long). No browser sends others, of
 * which some are read in more than one way, such as the backslash.
 */
export const TARGET = 4;
/**
 * Bit of {@linkcode CHARS}: a byte that may stand behind the question mark of a
 * target, by the same rule: browsers leave a few more there as they are (the
 * query percent-encode set of the URL standard).
 */
export const QUERY = 16;
/** Bit of {@linkcode CHARS}: a byte of a `reg-name` (RFC 3986 3.2.2). */
export const HOST = 8;

const TARGET_EXTRA = "-._~:/?[]@!$&'()*+,;=%|^";
const QUERY_EXTRA = "{}`\\";
const TOKEN_EXTRA = "!#$%&'*+-.^_`|~";
// No comma, though RFC 3986 allows it: "a,b" would be one host or a list of two.
const HOST_EXTRA = "-._~!$&'()*+;=%";

function isAlphaNumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122);
}

function buildTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code);
    const plain = isAlphaNumeric(code);
    let bits = 0;
    if (plain || TOKEN_EXTRA.includes(char)) bits |= TOKEN;
    if (code === 9 || (code >= 32 && code !== 127)) bits |= FIELD;
    if (plain || TARGET_EXTRA.includes(char)) bits |= TARGET | QUERY;
    if (QUERY_EXTRA.includes(char)) bits |= QUERY;
    if (plain || HOST_EXTRA.includes(char)) bits |= HOST;
    table[code] = bits;
  }
  return table;
}

/** For each byte the classes it belongs to, as bits. */
export const CHARS: Uint8Array = buildTable();

/** For each byte its value as a hexadecimal digit, or -1. */
export const HEX_VALUE: Int8Array = Int8Array.from(
  { length: 256 },
  (_, code) => {
    const digit = "0123456789abcdef".indexOf(
      String.fromCharCode(code).toLowerCase(),
    );
    return digit;
  },
);

function isAll(text: string, bit: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255 || (CHARS[code] & bit) === 0) return false;
  }
  return true;
}

/**
 * Tells whether `text` is a token: a method, a field name, a coding
 * (RFC 9110 5.6.2).
 *
 * @example Usage
 * ```ts
 * import { isToken } from "@x/httpserver/protocol";
 * import { assert } from "@std/assert";
 *
 * assert(isToken("Content-Type"));
 * assert(!isToken("Content Type"));
 * ```
 */
export function isToken(text: string): boolean {
  return text.length > 0 && isAll(text, TOKEN);
}

/**
 * Tells whether `text` may be sent as a field value: bytes only, no control
 * character but HTAB, so no CR or LF that would split a message
 * (RFC 9110 5.5).
 *
 * @example Usage
 * ```ts
 * import { isFieldValue } from "@x/httpserver/protocol";
 * import { assert } from "@std/assert";
 *
 * assert(isFieldValue("text/plain"));
 * assert(!isFieldValue("a\r\nSet-Cookie: b"));
 * ```
 */
export function isFieldValue(text: string): boolean {
  return isAll(text, FIELD);
}
