import { assertEquals } from "@std/assert";
import {
  ABSOLUTE_FORM,
  ASTERISK_FORM,
  authorityEnd,
  authorityStart,
  isAuthorityForm,
  isHost,
  MALFORMED,
  ORIGIN_FORM,
  targetForm,
} from "../../../src/protocol/target.ts";
import { bytesOf } from "../../support/notation.ts";

/** Calls with the text amid bytes that would change the result if read. */
function amid<Result>(
  text: string,
  call: (bytes: Uint8Array, start: number, end: number) => Result,
): Result[] {
  return ["", ":", "8", "]", "a", "/"].map((around) => {
    const bytes = bytesOf(around + text + around.repeat(3));
    return call(bytes, around.length, around.length + text.length);
  });
}

function assertAmid<Result>(
  text: string,
  call: (bytes: Uint8Array, start: number, end: number) => Result,
  expected: Result,
): void {
  const results = amid(text, call);
  assertEquals(results, results.map(() => expected), JSON.stringify(text));
}

const HOSTS = [
  "a",
  "A.b-c_d~e",
  "1.2.3.4",
  "a.",
  "%41",
  "%0f",
  "%f0",
  "a%2Fb",
  "!$&'()*+;=",
];
const LITERALS = [
  "[::]",
  "[::1]",
  "[1::]",
  "[fe80::1]",
  "[ABCD:EF01:2345:6789:abcd:ef01:2345:6789]",
  "[1:2:3:4:5:6:7::]",
  "[::2:3:4:5:6:7:8]",
  "[1::3:4:5:6:7:8]",
  "[1:2:3:4:5:6:7:8]",
  "[::1.2.3.4]",
  "[::255.255.255.255]",
  "[::0.0.0.0]",
  "[1:2:3:4:5:6:1.2.3.4]",
  "[1:2:3:4:5::1.2.3.4]",
  "[::ffff:1.2.3.4]",
];
const BAD_LITERALS = [
  "[",
  "[]",
  "[:]",
  "[:::]",
  "[1]",
  "[1:]",
  "[:1]",
  "[1:::2]",
  "[:::1]",
  "[1:::]",
  "[::1::]",
  "[1::2::3]",
  "[::1:]",
  "[:1::]",
  "[1:2:3:4:5:6:7]",
  "[1:2:3:4:5:6:7:8:9]",
  "[1:2:3:4:5:6:7:8::]",
  "[::1:2:3:4:5:6:7:8]",
  "[1:2:3:4::5:6:7:8]",
  "[12345::]",
  "[g::]",
  "[1.2.3.4]",
  "[::1.2.3]",
  "[::1.2.3.4.5]",
  "[::1.2.3.256]",
  "[::1.2.3.1000]",
  "[::1.2.3.00]",
  "[::1.02.3.4]",
  "[::1..3.4]",
  "[::.1.2.3]",
  "[::1.2.3.]",
  "[::1.2.3.a]",
  "[::a.2.3.4]",
  "[1.2.3.4::1]",
  "[1:2:3:4:5:6:7:1.2.3.4]",
  "[1:2:3:4:5:6:7::1.2.3.4]",
  "[::1%25eth0]",
  "[::1%eth0]",
  "[v1.a]",
  "[::1 ]",
  "[ ::1]",
  "[::1",
  "::1]",
  "[[::1]]",
  "[::1]]",
  "[::1]a",
  "[::1]80",
  "a[::1]",
];
const PORTS = ["", ":", ":0", ":9", ":80", ":00080", ":65535"];
const BAD_PORTS = [
  "::",
  ":a",
  ":-1",
  ":+1",
  ": 1",
  ":1 ",
  ":65536",
  ":99999",
  ":18446744073709551696",
  ":80:80",
  ":0x50",
  ":8_0",
  ":80/",
];

Deno.test("isHost() accepts names, addresses and ports", () => {
  for (const host of [...HOSTS, ...LITERALS]) {
    for (const port of PORTS) assertAmid(host + port, isHost, true);
  }
});

Deno.test("isHost() refuses bad ports", () => {
  for (const host of [...HOSTS, ...LITERALS]) {
    for (const port of BAD_PORTS) assertAmid(host + port, isHost, false);
  }
});

Deno.test("isHost() refuses what is no host", () => {
  const names = ["", " ", "a b", "a,b", "u@a", "a/b", "a?b", "a#b", "a\\b"];
  const escapes = ["%", "%4", "a%", "a%4", "%zz", "%4z", "%%41"];
  const bytes = ["\0", "a\t", "\x7f", "\u00e9", '"a"', "<a>", "a|b", "{a}"];
  for (const text of [...names, ...escapes, ...bytes, ...BAD_LITERALS]) {
    assertAmid(text, isHost, false);
  }
});

Deno.test("isHost() agrees with the URL parser on IPv6 addresses", () => {
  // Every text of up to 7 of these, so that no combination is forgotten.
  const alphabet = [":", "1", "."];
  let texts = [""];
  for (let length = 0; length < 7; length++) {
    texts = texts.flatMap((text) => alphabet.map((char) => text + char));
    for (const text of texts) {
      const literal = `[${text}]`;
      const bytes = bytesOf(literal);
      const found = isHost(bytes, 0, bytes.length);
      assertEquals(found, URL.canParse(`http://${literal}/`), literal);
    }
  }
});

Deno.test("isAuthorityForm() wants a host and a port", () => {
  for (const host of [...HOSTS, ...LITERALS]) {
    assertAmid(`${host}:443`, isAuthorityForm, true);
    assertAmid(`${host}:0`, isAuthorityForm, true);
    assertAmid(host, isAuthorityForm, false);
    assertAmid(`${host}:`, isAuthorityForm, false);
    assertAmid(`${host}:x`, isAuthorityForm, false);
  }
  for (const text of ["", ":", ":80", "/", "*", "http://a:80", "u@a:80"]) {
    assertAmid(text, isAuthorityForm, false);
  }
});

Deno.test("targetForm() tells the forms apart", () => {
  const cases: [string, number][] = [
    ["/", ORIGIN_FORM],
    ["//a", ORIGIN_FORM],
    ["/*", ORIGIN_FORM],
    ["*", ASTERISK_FORM],
    ["**", MALFORMED],
    ["*/", MALFORMED],
    ["http://a", ABSOLUTE_FORM],
    ["HtTpS://a/b", ABSOLUTE_FORM],
    ["http://", MALFORMED],
    ["https://", MALFORMED],
    ["http:/a", MALFORMED],
    ["http", MALFORMED],
    ["ws://a", MALFORMED],
    ["a:80", MALFORMED],
    ["?", MALFORMED],
  ];
  for (const [target, form] of cases) assertAmid(target, targetForm, form);
});

Deno.test("authorityStart() and authorityEnd() enclose the authority", () => {
  const cases: [string, string][] = [
    ["http://a", "a"],
    ["https://a:1/b", "a:1"],
    ["http://a?b/c", "a"],
    ["http:///", ""],
    ["http://u@a//b", "u@a"],
  ];
  for (const [target, authority] of cases) {
    const bytes = bytesOf(target);
    const start = authorityStart(bytes, 0, bytes.length);
    const end = authorityEnd(bytes, start, bytes.length);
    assertEquals(target.slice(start, end), authority);
  }
  assertEquals(authorityStart(bytesOf("ftp://a"), 0, 7), -1);
});
