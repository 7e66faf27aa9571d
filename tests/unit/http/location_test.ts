import { assertEquals, assertThrows } from "@std/assert";
import { formatLocation } from "../../../src/http/location.ts";

Deno.test("formatLocation() encodes what a URL cannot hold and nothing else", () => {
  const reserved = "/a-._~:/?#[]@!$&'()*+,;=z09";
  const cases: [to: string, location: string][] = [
    [reserved, reserved],
    ["https://a.example/b?c=d#e", "https://a.example/b?c=d#e"],
    ["//a.example/b", "//a.example/b"],
    ["../b", "../b"],
    ["?page=2", "?page=2"],
    ["/a b", "/a%20b"],
    ["/ä€😀", "/%C3%A4%E2%82%AC%F0%9F%98%80"],
    ["/%C3%A4%2F", "/%C3%A4%2F"],
    ["/100%", "/100%25"],
    ["/%zz%4", "/%25zz%254"],
    ['/<a>"b"^`{|}', "/%3Ca%3E%22b%22%5E%60%7B%7C%7D"],
    ["/\ud800", "/%EF%BF%BD"],
    ["/a\u0085\u2028b", "/a%C2%85%E2%80%A8b"],
    ["/a\u560d\u560ab", "/a%E5%98%8D%E5%98%8Ab"],
  ];
  for (const [to, location] of cases) {
    assertEquals(formatLocation(to), location);
  }
});

Deno.test("formatLocation() keeps a backslash from naming another host", () => {
  for (const path of ["/\\evil.test", "\\\\evil.test", "/\\/evil.test"]) {
    const url = new URL(formatLocation(path), "http://good.test/");
    assertEquals(url.host, "good.test", path);
  }
});

Deno.test("formatLocation() takes a URL", () => {
  assertEquals(
    formatLocation(new URL("http://münchen.test/ä?b=c d")),
    "http://xn--mnchen-3ya.test/%C3%A4?b=c%20d",
  );
});

Deno.test("formatLocation() keeps the host of a URL with other letters", () => {
  const location = formatLocation("http://münchen.test/");
  assertEquals(new URL(location).host, "xn--mnchen-3ya.test");
});

Deno.test("formatLocation() refuses control characters and nothing at all", () => {
  for (let code = 0; code < 32; code++) {
    const to = `/a${String.fromCharCode(code)}b`;
    assertThrows(() => formatLocation(to), TypeError, JSON.stringify(to));
  }
  for (const to of ["", "/a\x7f", "\r\n\r\n<html>"]) {
    assertThrows(() => formatLocation(to), TypeError, "location");
  }
});
