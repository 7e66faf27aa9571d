/** `HeadCopy`: equal bytes are equal, and no other ones, wherever they lie. */
import { assertEquals } from "@std/assert";
import { HeadCopy } from "../../../src/protocol/repeats.ts";
import { bytesOf } from "../../support/notation.ts";

const HEAD =
  "GET /a/b?c=d HTTP/1.1\r\nHost: example.com\r\nCookie: e=f\r\n\r\n";

/** `text` in a buffer that has other things around it. */
function placed(text: string, at: number): Uint8Array {
  return bytesOf("#".repeat(at) + text + "#".repeat(9));
}

Deno.test("HeadCopy equals the same bytes at any place", () => {
  for (let length = 8; length <= HEAD.length; length++) {
    const text = HEAD.slice(0, length);
    const copy = new HeadCopy(placed(text, 3), 3, length);
    for (let at = 0; at < 17; at++) {
      assertEquals(copy.equals(placed(text, at), at), true, text);
      // A buffer may be a part of a larger memory.
      const part = placed(text, at + 5).subarray(5);
      assertEquals(copy.equals(part, at), true, text);
    }
  }
});

Deno.test("HeadCopy differs by a single byte", () => {
  for (let length = 8; length <= HEAD.length; length++) {
    const bytes = placed(HEAD.slice(0, length), 2);
    const copy = new HeadCopy(bytes, 2, length);
    for (let at = 0; at < length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const other = bytes.slice();
        other[2 + at] ^= bit;
        assertEquals(copy.equals(other, 2), false);
      }
      for (const value of [0, 255]) {
        const other = bytes.slice();
        other[2 + at] = value;
        assertEquals(copy.equals(other, 2), false);
      }
    }
    assertEquals(copy.equals(bytes, 2), true);
  }
});

Deno.test("HeadCopy holds what it copied, whatever becomes of the buffer", () => {
  const bytes = placed(HEAD, 0);
  const copy = new HeadCopy(bytes, 0, HEAD.length);
  const before = bytes.slice();
  bytes.fill(0x61);
  assertEquals(copy.equals(bytes, 0), false);
  assertEquals(copy.equals(before, 0), true);
});

Deno.test("HeadCopy never takes what is no number for the same", () => {
  // Eight bytes that are a NaN as a double: text of a field value may be so.
  const head = HEAD.replace("e=f", "\u00ff".repeat(16));
  const bytes = placed(head, 1);
  const copy = new HeadCopy(bytes, 1, head.length);
  assertEquals(copy.equals(bytes, 1), false);
});
