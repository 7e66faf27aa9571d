/**
 * The `Content-Disposition` field (RFC 6266).
 *
 * @module
 */

// attr-char of RFC 8187 3.2.1 without those that encodeURIComponent leaves.
const UNENCODED = /[!'()*]/g;
// Some clients decode escapes in the plain name, and none agree on a backslash.
const NOT_PLAIN = /[^\x20-\x7e]|["\\%]/gu;

function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    UNENCODED,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Writes a `Content-Disposition` with a file name: as UTF-8 by RFC 8187 where it
 * is more than plain text, and for old clients with `_` in place of what they do
 * not understand.
 *
 * @param type Whether to show the content or to save it.
 * @param name The name to save under.
 *
 * @example Usage
 * ```ts ignore
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   contentDisposition("attachment", "Übersicht.pdf"),
 *   "attachment; filename=\"_bersicht.pdf\"; filename*=UTF-8''%C3%9Cbersicht.pdf",
 * );
 * ```
 */
export function contentDisposition(
  type: "attachment" | "inline",
  name: string,
): string {
  const plain = name.replace(NOT_PLAIN, "_");
  const value = `${type}; filename="${plain}"`;
  return plain === name
    ? value
    : `${value}; filename*=UTF-8''${encodeName(name)}`;
}
