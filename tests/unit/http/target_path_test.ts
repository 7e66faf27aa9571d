import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import {
  decodePath,
  decodeSegment,
  rawPath,
  rawQuery,
} from "../../../src/http/target_path.ts";

Deno.test("rawPath() and rawQuery() split every form of target", () => {
  const cases: [target: string, path: string, query: string][] = [
    ["/", "/", ""],
    ["/a/b?c=d", "/a/b", "c=d"],
    ["/a?", "/a", ""],
    ["/a?b?c", "/a", "b?c"],
    ["/?a=/b", "/", "a=/b"],
    ["//a//b", "//a//b", ""],
    ["*", "*", ""],
    ["http://host", "/", ""],
    ["http://host/", "/", ""],
    ["http://host/a?b=http://c/d", "/a", "b=http://c/d"],
    ["http://host?a=/b", "/", "a=/b"],
    ["http://[::1]:80/a", "/a", ""],
    ["http://user@host//a", "//a", ""],
    ["host:443", "/", ""],
    ["/a%3Fb", "/a%3Fb", ""],
    ["/http://host/a", "/http://host/a", ""],
  ];
  for (const [target, path, query] of cases) {
    assertEquals([rawPath(target), rawQuery(target)], [path, query], target);
  }
});

Deno.test("decodePath() decodes once and keeps encoded slashes", () => {
  const cases: [path: string, decoded: string][] = [
    ["/a b", "/a b"],
    ["/a%20b", "/a b"],
    ["/a%2Fb", "/a%2Fb"],
    ["/a%2fb%20c", "/a%2fb c"],
    ["/%2F%2F", "/%2F%2F"],
    ["/a%252Fb", "/a%2Fb"],
    ["/%2525", "/%25"],
    ["/%2e%2E/a", "/../a"],
    ["/%C3%A4%E2%82%AC%F0%9F%98%80", "/ä€😀"],
    ["/%5C", "/\\"],
    ["/a+b", "/a+b"],
    ["/%3Fa%23b", "/?a#b"],
  ];
  for (const [path, decoded] of cases) {
    assertEquals(decodePath(path), decoded, path);
  }
});

const BAD = [
  "%",
  "%2",
  "a%zz",
  "%G0",
  "%-1",
  "%00",
  "a%00.txt",
  "%ff",
  "%C3",
  "%C3%2F%A4", // A slash within the bytes of a character.
  "%C0%AF", // An overlong slash.
  "%E0%80%AF",
  "%ED%A0%80", // A surrogate.
  "%F4%90%80%80", // Beyond U+10FFFF.
  "%u002f",
];

Deno.test("decodePath() and decodeSegment() answer 400 to a bad escape and NUL", () => {
  for (const text of BAD) {
    for (const decode of [decodePath, decodeSegment]) {
      const error = assertThrows(() => decode(text), HttpError, "request path");
      assertEquals(error.status, 400, text);
    }
  }
});

Deno.test("decodeSegment() decodes encoded slashes too", () => {
  assertEquals(decodeSegment("a%2Fb"), "a/b");
  assertEquals(decodeSegment("a%252Fb"), "a%2Fb");
  assertEquals(decodeSegment("plain"), "plain");
});
