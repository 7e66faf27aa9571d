/**
 * The `Location` field (RFC 9110 10.2.2).
 *
 * @module
 */

import { describeValue } from "./values.ts";

// Whatever RFC 3986 does not allow, and a percent sign that starts no escape. A
// backslash is among it: browsers read "/\host" as "//host", another site.
const UNSAFE = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/g;

function isControl(code: number): boolean {
  return code < 32 || code === 127;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (isControl(text.charCodeAt(at))) return true;
  }
  return false;
}

/**
 * Writes a URL or a relative reference as the value of `Location`. What it
 * cannot hold is percent-encoded as UTF-8; escapes stay as they are.
 *
 * @throws {TypeError} If it is empty or holds a control character, such as a line
 * break that would split the answer.
 */
export function formatLocation(to: string | URL): string {
  const isLocation = typeof to === "string" || to instanceof URL;
  const text = isLocation ? `${to}` : "";
  if (text === "" || hasControl(text)) {
    throw new TypeError(
      `Cannot use ${describeValue(isLocation ? text : to)} as a location: ` +
        "take a URL or a path without control characters",
    );
  }
  return text.toWellFormed().replace(UNSAFE, encodeURIComponent);
}
