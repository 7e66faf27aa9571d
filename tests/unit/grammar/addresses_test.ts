import { assertEquals } from "@std/assert";
import {
  formatIp,
  parseIp,
  parseIpLiteral,
  parseIPv4,
  parseIPv6,
  parsePort,
  splitHostPort,
  unmapIp,
} from "../../../src/grammar/addresses.ts";
import { Prng } from "./prng.ts";

/** Text and its canonical form. */
const ADDRESSES: [text: string, canonical: string][] = [
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["1.20.109.0", "1.20.109.0"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:DB8::7", "2001:db8::7"],
  ["0001:0:0:0:0:0:0:0", "1::"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ["1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["fe80::aBcD:0:ffff", "fe80::abcd:0:ffff"],
  ["::1.2.3.4", "::102:304"],
  ["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
  ["::FFFF:102:304", "::ffff:1.2.3.4"],
  ["0:0:0:0:0:ffff:255.255.255.255", "::ffff:255.255.255.255"],
  ["1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
];

const NO_ADDRESSES = [
  "",
  " ",
  "a",
  "1",
  "1.2.3",
  "1.2.3.",
  ".1.2.3",
  "1.2.3.4.",
  "1.2.3.4.5",
  "1.2.3.256",
  "01.2.3.4",
  "1.2.3.04",
  "1.2.3.00",
  "0x1.2.3.4",
  "1.2.3.4 ",
  " 1.2.3.4",
  "1.2.3.-4",
  "1.2.3.+4",
  "1.2.3.4e0",
  "1..3.4",
  "2130706433",
  "١.2.3.4",
  ":",
  ":::",
  "::::",
  "1:",
  ":1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "::1:2:3:4:5:6:7:8",
  "1:2:3:4::5:6:7:8",
  "1::2::3",
  "1:::2",
  "::12345",
  "::g",
  "::1%eth0",
  "::1%25eth0",
  "[::1]",
  "::1/128",
  "::1.2.3",
  "::1.2.3.256",
  "::1.2.3.4:5",
  "1.2.3.4::",
  "1.2.3.4:1:2:3:4:5:6",
  "1:2:3:4:5:6:7:1.2.3.4",
  "1:2:3:4:5:1.2.3.4",
  "::ffff:01.2.3.4",
  "::" + "0".repeat(60),
  "1".repeat(100_000),
  ":".repeat(100_000),
];

Deno.test("formatIp() writes what parseIp() reads in canonical form", () => {
  for (const [text, canonical] of ADDRESSES) {
    const bytes = parseIp(text);
    assertEquals(bytes && formatIp(bytes), canonical, text);
    assertEquals(parseIp(canonical), bytes, canonical);
  }
});

Deno.test("parseIp() reads no short, octal or zoned address", () => {
  for (const text of NO_ADDRESSES) {
    assertEquals(parseIp(text), null, text.slice(0, 80));
    assertEquals(parseIPv4(text), null, text.slice(0, 80));
    assertEquals(parseIPv6(text), null, text.slice(0, 80));
  }
});

Deno.test("parseIPv4() and parseIPv6() read their own family only", () => {
  assertEquals(parseIPv4("1.2.3.4"), [1, 2, 3, 4]);
  assertEquals(parseIPv6("1.2.3.4"), null);
  assertEquals(parseIPv4("::1"), null);
  assertEquals(parseIPv6("::1"), [...Array(15).fill(0), 1]);
});

Deno.test("parseIp() and formatIp() agree on random addresses", () => {
  const random = new Prng(31);
  for (let run = 0; run < 3000; run++) {
    // Many zeros, for runs of them are what forms differ by.
    const bytes = Array.from(
      { length: random.pick([4, 16]) },
      () => random.next() < 0.6 ? 0 : random.integer(0, 255),
    );
    assertEquals(parseIp(formatIp(bytes)), bytes);
  }
});

Deno.test("formatIp() agrees with the URL standard on IPv6", () => {
  const random = new Prng(32);
  for (let run = 0; run < 1000; run++) {
    const groups = Array.from(
      { length: 8 },
      () => random.next() < 0.6 ? 0 : random.integer(1, 65_535),
    );
    // That standard writes IPv4-mapped ones in hexadecimal.
    if (groups.slice(0, 6).join() === "0,0,0,0,0,65535") continue;
    const text = groups.map((group) => group.toString(16)).join(":");
    const bytes = parseIp(text) ?? [];
    assertEquals(`[${formatIp(bytes)}]`, new URL(`http://[${text}]`).hostname);
  }
});

Deno.test("unmapIp() takes IPv4 out of IPv4-mapped addresses only", () => {
  const cases: [text: string, unmapped: string][] = [
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::ffff:0:0", "0.0.0.0"],
    ["::1.2.3.4", "::102:304"],
    ["::fffe:1.2.3.4", "::fffe:102:304"],
    ["::1:ffff:1.2.3.4", "::1:ffff:102:304"],
    ["1.2.3.4", "1.2.3.4"],
  ];
  for (const [text, unmapped] of cases) {
    assertEquals(formatIp(unmapIp(parseIp(text) ?? [])), unmapped, text);
  }
});

Deno.test("splitHostPort() splits at the colon of the port", () => {
  const cases: [text: string, parts: [string, string | null] | null][] = [
    ["a", ["a", null]],
    ["a:80", ["a", "80"]],
    ["a:", ["a", ""]],
    [":80", ["", "80"]],
    ["", ["", null]],
    ["[::1]", ["[::1]", null]],
    ["[::1]:80", ["[::1]", "80"]],
    ["[::1]:", ["[::1]", ""]],
    ["[]", ["[]", null]],
    ["::1", null],
    ["a:1:2", null],
    ["[::1", null],
    ["[::1]80", null],
    ["[::1]:80:90", null],
    ["[::1]]:80", null],
  ];
  for (const [text, parts] of cases) {
    const split = splitHostPort(text);
    assertEquals(split && [split.host, split.port], parts, text);
  }
});

Deno.test("parsePort() reads 0 to 65535", () => {
  const cases: [text: string, port: number][] = [
    ["0", 0],
    ["80", 80],
    ["00080", 80],
    ["65535", 65_535],
    ["65536", -1],
    ["000080", -1],
    ["", -1],
    ["-1", -1],
    ["+1", -1],
    [" 1", -1],
    ["1e3", -1],
    ["0x50", -1],
  ];
  for (const [text, port] of cases) assertEquals(parsePort(text), port, text);
});

Deno.test("parseIpLiteral() wants brackets around an IPv6 address", () => {
  assertEquals(parseIpLiteral("[::1]"), parseIPv6("::1"));
  for (const text of ["::1", "[::1", "::1]", "[1.2.3.4]", "[]", "[", ""]) {
    assertEquals(parseIpLiteral(text), null, text);
  }
});
