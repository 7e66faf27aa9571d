import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import {
  HttpStatus,
  isBodiless,
  reasonPhrase,
} from "../../../src/http/status.ts";

// Where a name does not follow from its phrase by upper case and underscores.
const ODD_NAMES: Readonly<Record<number, string>> = { 418: "IM_A_TEAPOT" };

Deno.test("HttpStatus names each code after its reason phrase", () => {
  for (const [name, code] of Object.entries(HttpStatus)) {
    const phrase = reasonPhrase(code);
    const expected = phrase.toUpperCase().replace(/[ -]/g, "_");
    assertEquals(name, ODD_NAMES[code] ?? expected);
  }
});

Deno.test("HttpStatus has each code that has a phrase", () => {
  const named = new Set<number>(Object.values(HttpStatus));
  assertEquals(named.size, Object.keys(HttpStatus).length);
  for (let code = 100; code < 600; code++) {
    assertEquals(named.has(code), reasonPhrase(code) !== "", `${code}`);
  }
});

Deno.test("reasonPhrase() is empty for an unknown code", () => {
  for (const code of [0, 99, 102, 299, 306, 419, 599, 1000, NaN]) {
    assertEquals(reasonPhrase(code), "");
  }
});

Deno.test("reasonPhrase() agrees with the RFC where names have changed", () => {
  assertEquals(reasonPhrase(413), "Content Too Large");
  assertEquals(reasonPhrase(422), "Unprocessable Content");
  assertEquals(reasonPhrase(302), "Found");
  for (const code of Object.values(HttpStatus)) {
    assertMatch(reasonPhrase(code), /^[A-Z][A-Za-z' -]+$/);
  }
});

Deno.test("isBodiless() is true for 1xx, 204 and 304 only", () => {
  for (const code of [100, 101, 103, 199, 204, 304]) assert(isBodiless(code));
  for (const code of [200, 201, 205, 206, 301, 303, 400, 404, 500, 599]) {
    assertFalse(isBodiless(code), `${code}`);
  }
});
