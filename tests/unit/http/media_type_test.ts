import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  formatMediaType,
  isJsonType,
  parseMediaType,
} from "../../../src/http/media_type.ts";

Deno.test("parseMediaType() reads a type and its parameters", () => {
  const cases: [string, string, [string, string][]][] = [
    ["text/html", "text/html", []],
    [" Text/HTML ", "text/html", []],
    ["text/html;", "text/html", []],
    ["text/html ; charset=UTF-8", "text/html", [["charset", "UTF-8"]]],
    ['text/html;Charset="utf-8";', "text/html", [["charset", "utf-8"]]],
    ["a/b;c=1;c=2", "a/b", [["c", "1"]]],
    [
      'multipart/form-data; boundary="a b;c"',
      "multipart/form-data",
      [["boundary", "a b;c"]],
    ],
    ["application/vnd.x+json", "application/vnd.x+json", []],
    ["*/*;q=0.5", "*/*", [["q", "0.5"]]],
  ];
  for (const [value, type, parameters] of cases) {
    const expected = { type, parameters: new Map(parameters) };
    assertEquals(parseMediaType(value), expected, value);
  }
});

Deno.test("parseMediaType() gives null when a part is malformed", () => {
  const cases = [
    "",
    ";",
    ";text/html",
    "text",
    "text/",
    "/html",
    "text/html/x",
    "text /html",
    "text/ html",
    "text/html charset=utf-8",
    "text/html, text/plain",
    "text/html; charset",
    "text/html; charset=",
    "text/html; charset = utf-8",
    'text/html; charset="utf-8',
    "t\u00e9xt/html",
  ];
  for (const value of cases) assertEquals(parseMediaType(value), null, value);
});

Deno.test("formatMediaType() is read back by parseMediaType()", () => {
  const parameters = new Map([["charset", "utf-8"], ["title", 'a "b"; c']]);
  const media = { type: "text/html", parameters };
  const text = formatMediaType(media);
  assertEquals(text, 'text/html; charset=utf-8; title="a \\"b\\"; c"');
  assertEquals(parseMediaType(text), media);
});

Deno.test("formatMediaType() throws when a part cannot be written", () => {
  for (const type of ["", "text", "text/html\r\n", "text/html;a=b"]) {
    const media = { type, parameters: new Map() };
    assertThrows(() => formatMediaType(media), TypeError, JSON.stringify(type));
  }
  const parameters = new Map([["a", "\r\n"]]);
  assertThrows(() => formatMediaType({ type: "a/b", parameters }), TypeError);
});

Deno.test("isJsonType() knows JSON by name and by suffix", () => {
  const json = [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/problem+json",
    "image/x+json;a=b",
  ];
  const other = [
    null,
    "",
    "text/html",
    "application/jsonp",
    "application/json5",
    "application/x-json",
    "text/plain; a=application/json",
    "application/json, text/html",
    "json",
    "+json",
  ];
  for (const value of json) assert(isJsonType(value), value);
  for (const value of other) assert(!isJsonType(value), String(value));
});
