import { assertEquals } from "@std/assert";
import { latin1, latin1Fallback } from "../../../src/grammar/latin1.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const EVERY_CHAR = Array.from(EVERY_BYTE, (byte) => String.fromCharCode(byte))
  .join("");

for (const [name, read] of Object.entries({ latin1, latin1Fallback })) {
  Deno.test(`${name}() gives a char for each byte`, () => {
    // TextDecoder would read 0x80 to 0x9F as windows-1252.
    assertEquals(read(EVERY_BYTE, 0, 256), EVERY_CHAR);
  });

  Deno.test(`${name}() reads the range given`, () => {
    assertEquals(read(EVERY_BYTE, 65, 68), "ABC");
    assertEquals(read(EVERY_BYTE, 65, 65), "");
    assertEquals(read(EVERY_BYTE.subarray(60), 5, 8), "ABC");
  });

  Deno.test(`${name}() reads ranges longer than one call can take`, () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 256);
    const text = read(bytes, 1, bytes.length);
    assertEquals(text.length, bytes.length - 1);
    assertEquals(text.charCodeAt(4095), 4096 % 256);
    assertEquals(text.slice(255, 511), EVERY_CHAR);
  });
}
