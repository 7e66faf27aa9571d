/**
 * Interim answers, ahead of the final one (RFC 9110 15.2).
 *
 * @module
 */

import type { ByteBuffer } from "./byte_buffer.ts";
import { appendField } from "./message_parts.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const EARLY_HINTS = "HTTP/1.1 103 Early Hints\r\n";

/**
 * Appends the interim answer that invites the body (RFC 9110 15.2.1).
 *
 * @example Usage
 * ```ts
 * import { appendContinue, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendContinue(out);
 * const text = new TextDecoder().decode(out.appended);
 * assertEquals(text, "HTTP/1.1 100 Continue\r\n\r\n");
 * ```
 */
export function appendContinue(out: ByteBuffer): void {
  out.appendLatin1(CONTINUE);
}

/**
 * Appends the interim answer `103 Early Hints` (RFC 8297).
 *
 * @throws {TypeError} If a link has a control character; then nothing is
 * appended.
 *
 * @example Usage
 * ```ts
 * import { appendEarlyHints, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendEarlyHints(out, ["</a.css>; rel=preload"]);
 * assertEquals(new TextDecoder().decode(out.appended).split("\r\n"), [
 *   "HTTP/1.1 103 Early Hints",
 *   "Link: </a.css>; rel=preload",
 *   "",
 *   "",
 * ]);
 * ```
 */
export function appendEarlyHints(
  out: ByteBuffer,
  links: readonly string[],
): void {
  const start = out.length;
  try {
    out.appendLatin1(EARLY_HINTS);
    for (const link of links) appendField(out, "Link", link);
    out.appendLatin1("\r\n");
  } catch (error) {
    out.truncate(start);
    throw error;
  }
}
