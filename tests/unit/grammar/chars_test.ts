import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  CHARS,
  FIELD,
  HEX_VALUE,
  HOST,
  isFieldValue,
  isToken,
  QUERY,
  TARGET,
  TOKEN,
} from "../../../src/grammar/chars.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC = LETTERS + "0123456789";

/** The bytes of a class, as text. */
function members(bit: number): string {
  let text = "";
  for (let code = 0; code < 256; code++) {
    if ((CHARS[code] & bit) !== 0) text += String.fromCharCode(code);
  }
  return text;
}

function sorted(text: string): string {
  return [...text].sort().join("");
}

Deno.test("CHARS has an entry for each byte", () => {
  assertEquals(CHARS.length, 256);
  assertEquals(HEX_VALUE.length, 256);
});

Deno.test("CHARS has the classes of the RFCs", () => {
  const cases: [string, number, string][] = [
    ["tchar, RFC 9110 5.6.2", TOKEN, ALPHANUMERIC + "!#$%&'*+-.^_`|~"],
    [
      "pchar and slash, RFC 3986 3.3, and those that browsers leave in a path",
      TARGET,
      ALPHANUMERIC + "-._~%!$&'()*+,;=:@/?[]|^",
    ],
    [
      "those that browsers leave in a query too",
      QUERY,
      ALPHANUMERIC + "-._~%!$&'()*+,;=:@/?[]{}|^`\\",
    ],
    [
      "reg-name, RFC 3986 3.2.2, but the comma",
      HOST,
      ALPHANUMERIC + "-._~%!$&'()*+;=",
    ],
  ];
  for (const [name, bit, expected] of cases) {
    assertEquals(members(bit), sorted(expected), name);
  }
});

Deno.test("CHARS lets no control character but HTAB into a field value", () => {
  const refused = [];
  for (let code = 0; code < 256; code++) {
    if ((CHARS[code] & FIELD) === 0) refused.push(code);
  }
  const controls = Array.from({ length: 32 }, (_, code) => code)
    .filter((code) => code !== 9);
  assertEquals(refused, [...controls, 127]);
});

Deno.test("HEX_VALUE has the value of each digit and -1 else", () => {
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code);
    const value = /[0-9a-f]/i.test(char) ? parseInt(char, 16) : -1;
    assertEquals(HEX_VALUE[code], value, char);
  }
});

Deno.test("isToken() accepts tokens only", () => {
  for (const text of ["a", "GET", "Content-Type", "!#$%&'*+-.^_`|~09"]) {
    assert(isToken(text), text);
  }
  const refused = ["", " ", "a ", " a", "a:b", "a\r", "a\n", "a\0", "a\x7f"];
  for (const text of [...refused, "\u00e9", "\u0141", "a\u212a", "\u{1F600}"]) {
    assertFalse(isToken(text), JSON.stringify(text));
  }
});

Deno.test("isFieldValue() refuses what would split a message", () => {
  for (const text of ["", "a", "a b\tc", "\u0080\u00ff", '"a"; b=c']) {
    assert(isFieldValue(text), text);
  }
  const refused = ["a\r\nb", "\n", "\r", "\0", "\x0b", "\x1b", "\x7f"];
  // The low byte of the last three is LF, CR or a letter.
  for (const text of [...refused, "\u010a", "\u560d", "\u0141"]) {
    assertFalse(isFieldValue(text), JSON.stringify(text));
  }
});
