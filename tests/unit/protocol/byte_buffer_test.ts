import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ByteBuffer } from "../../../src/protocol/mod.ts";
import { bytesOf } from "../../support/notation.ts";

function contents(buffer: ByteBuffer): Uint8Array {
  return buffer.bytes.subarray(0, buffer.length);
}

Deno.test("ByteBuffer grows when it must and keeps what it has", () => {
  const buffer = new ByteBuffer(4);
  const first = buffer.bytes;
  buffer.append(bytesOf("abcd"));
  assertStrictEquals(buffer.bytes, first);
  buffer.append(bytesOf("e"));
  assertEquals(buffer.bytes.length, 8);
  buffer.append(bytesOf("x".repeat(100)));
  assertEquals(buffer.bytes.length, 105);
  assertEquals(contents(buffer), bytesOf("abcde" + "x".repeat(100)));
});

Deno.test("ByteBuffer can begin with no room at all", () => {
  const buffer = new ByteBuffer(0);
  buffer.append(new Uint8Array(0));
  assertEquals(buffer.length, 0);
  buffer.appendLatin1("a");
  assertEquals(contents(buffer), bytesOf("a"));
});

Deno.test("ByteBuffer.reserve() makes room without appending", () => {
  const buffer = new ByteBuffer(2);
  buffer.append(bytesOf("ab"));
  buffer.reserve(100);
  assert(buffer.bytes.length >= 102);
  assertEquals(contents(buffer), bytesOf("ab"));
});

Deno.test("ByteBuffer.appendLatin1() appends a byte for each character", () => {
  const buffer = new ByteBuffer(1);
  buffer.appendLatin1("a\u00e9\u00ff");
  assertEquals([...contents(buffer)], [97, 0xe9, 0xff]);
});

Deno.test("ByteBuffer.appendUtf8() appends UTF-8 and tells the length", () => {
  const alphabets = ["a", "\u00e9", "\u20ac", "\u{1F600}", "a\u00e9", "\ud800"];
  for (const unit of alphabets) {
    for (const count of [0, 1, 2, 39, 40, 41, 1000]) {
      const text = unit.repeat(count);
      const expected = new TextEncoder().encode(text);
      const buffer = new ByteBuffer(3);
      buffer.append(bytesOf("<"));
      assertEquals(buffer.appendUtf8(text), expected.length);
      buffer.append(bytesOf(">"));
      assertEquals(contents(buffer).subarray(1, -1), expected);
      assertEquals(buffer.length, expected.length + 2);
    }
  }
});

Deno.test("ByteBuffer.appendUtf8() leaves nothing of a failed ASCII try", () => {
  const buffer = new ByteBuffer(64);
  const text = "a".repeat(39) + "\u00e9";
  assertEquals(buffer.appendUtf8(text), 41);
  assertEquals(contents(buffer), new TextEncoder().encode(text));
});

Deno.test("ByteBuffer.appendDecimal() appends digits", () => {
  for (const value of [0, 9, 10, 4096, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    const buffer = new ByteBuffer(1);
    buffer.appendDecimal(value);
    assertEquals(contents(buffer), bytesOf(String(value)));
  }
});

Deno.test("ByteBuffer.truncate() forgets the end", () => {
  const buffer = new ByteBuffer(8);
  buffer.append(bytesOf("abcdef"));
  buffer.truncate(2);
  buffer.append(bytesOf("x"));
  assertEquals(contents(buffer), bytesOf("abx"));
});
