import { assert, assertEquals, assertThrows } from "@std/assert";
import { formatIp, parseIp } from "../../../src/grammar/addresses.ts";
import { addressMatcher } from "../../../src/http/address_matcher.ts";
import { Prng } from "../grammar/prng.ts";

Deno.test("addressMatcher() tells which addresses are in a range", () => {
  const cases: [range: string, inside: string[], outside: string[]][] = [
    ["1.2.3.4", ["1.2.3.4", "::ffff:1.2.3.4"], ["1.2.3.5", "::1.2.3.4"]],
    ["1.2.3.4/32", ["1.2.3.4"], ["1.2.3.5", "1.2.3.0"]],
    ["1.2.3.4/31", ["1.2.3.4", "1.2.3.5"], ["1.2.3.3", "1.2.3.6"]],
    ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], [
      "9.255.255.255",
      "11.0.0.0",
    ]],
    ["10.9.8.7/8", ["10.0.0.0"], ["11.9.8.7"]],
    ["172.16.0.0/12", ["172.31.255.255"], ["172.32.0.0", "172.15.255.255"]],
    ["128.0.0.0/1", ["128.0.0.0", "255.255.255.255"], ["127.255.255.255"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.1.2.3", "::ffff:9.9.9.9"], ["::", "::1"]],
    ["::/0", ["::", "ffff::", "2001:db8::1"], ["1.2.3.4", "::ffff:1.2.3.4"]],
    ["::1", ["::1", "0:0:0:0:0:0:0:1", "::0.0.0.1"], ["::2", "::", "0.0.0.1"]],
    ["2001:db8::/32", ["2001:DB8:ffff::"], ["2001:db9::", "2001:db7::"]],
    ["fc00::/7", ["fdff::1"], ["fe00::", "fbff::"]],
    ["2001:db8::/127", ["2001:db8::1"], ["2001:db8::2"]],
    ["::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], [
      "11.0.0.0",
      "::",
    ]],
    ["::ffff:128.0.0.0/97", ["129.0.0.1"], ["127.0.0.1", "::1"]],
    ["::ffff:1.2.3.4/128", ["1.2.3.4"], ["1.2.3.5"]],
    ["::ffff:1.2.3.4", ["1.2.3.4"], ["1.2.3.5", "::1.2.3.4"]],
    ["loopback", ["127.0.0.1", "127.9.9.9", "::1"], ["128.0.0.1", "::2"]],
    ["linklocal", ["169.254.9.9", "fe80::1"], ["169.255.0.0", "fec0::"]],
    [
      "private",
      ["10.0.0.1", "172.16.0.1", "192.168.9.9", "fc00::1", "fd00::1"],
      ["127.0.0.1", "172.32.0.0", "192.169.0.0", "100.64.0.1", "2001:db8::"],
    ],
    ["uniquelocal", ["10.0.0.1", "fd00::1"], ["::1", "8.8.8.8"]],
  ];
  for (const [range, inside, outside] of cases) {
    const matches = addressMatcher([range]);
    for (const ip of inside) assert(matches(ip), `${ip} in ${range}`);
    for (const ip of outside) assert(!matches(ip), `${ip} not in ${range}`);
  }
});

Deno.test("addressMatcher() tells whether an address is in any of the ranges", () => {
  const matches = addressMatcher(["loopback", "10.0.0.0/8", "2001:db8::/32"]);
  for (const ip of ["127.0.0.1", "::1", "10.0.0.1", "2001:db8::1"]) {
    assert(matches(ip), ip);
  }
  assert(!matches("192.0.2.1"));
  assert(!addressMatcher([])("127.0.0.1"));
});

Deno.test("addressMatcher() has what is no address in no range", () => {
  const matches = addressMatcher(["0.0.0.0/0", "::/0"]);
  for (
    const text of ["", "localhost", "1.2.3", "01.2.3.4", "fe80::1%1", "[::1]"]
  ) {
    assert(!matches(text), text);
  }
});

Deno.test("addressMatcher() throws for a malformed range", () => {
  const ranges: unknown[] = [
    "",
    "/",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8.0",
    "10.0.0.0/8/8",
    "10.0.0.0/ 8",
    "10.0.0.0 /8",
    "10.0.0.0/255.0.0.0",
    "10/8",
    "10.0.0/24",
    "010.0.0.0/8",
    "10.0.0.*",
    "::/129",
    "::/",
    "[::1]",
    "fe80::1%eth0",
    "localhost",
    "Loopback",
    "loopback/8",
    "constructor",
    "10.0.0.1, 10.0.0.2",
  ];
  for (const range of ranges) {
    const error = assertThrows(
      () => addressMatcher(["10.0.0.0/8", String(range)]),
      TypeError,
    );
    assert(error.message.includes(JSON.stringify(range)), error.message);
  }
  for (const wrong of [undefined, null, 10, ["::1"]]) {
    const ranges = [wrong] as unknown as string[];
    const shown = Array.isArray(wrong) ? "an array" : `${wrong}`;
    assertThrows(() => addressMatcher(ranges), TypeError, shown);
  }
  for (const wrong of ["loopback", undefined, null, {}]) {
    const ranges = wrong as unknown as string[];
    assertThrows(() => addressMatcher(ranges), TypeError, "array");
  }
});

Deno.test("addressMatcher() throws for an IPv4-mapped range of all of IPv4", () => {
  const ranges = [
    "::ffff:10.0.0.0/8",
    "::ffff:10.0.0.0/24",
    "::ffff:0:0/96",
    "::ffff:0:0/95",
    "::ffff:0:0/0",
    "0:0:0:0:0:FFFF:a00:0/96",
  ];
  for (const range of ranges) {
    const error = assertThrows(() => addressMatcher([range]), TypeError);
    assert(error.message.includes(JSON.stringify(range)), error.message);
    assert(error.message.includes("97"), error.message);
  }
});

Deno.test("addressMatcher() compares as many bits as the prefix has", () => {
  const random = new Prng(51);
  const bitsOf = (bytes: readonly number[]) =>
    bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const seen = new Set<boolean>();
  for (let run = 0; run < 3000; run++) {
    const size = random.pick([4, 16]);
    const range = Array.from({ length: size }, () => random.integer(0, 255));
    // Near the border, where it counts.
    const prefix = random.integer(0, 8 * size);
    const bit = Math.min(
      8 * size - 1,
      Math.max(0, prefix + random.integer(-2, 1)),
    );
    const ip = range.slice();
    ip[bit >> 3] ^= 128 >> (bit & 7);
    const expected =
      bitsOf(ip).slice(0, prefix) === bitsOf(range).slice(0, prefix);
    const cidr = `${formatIp(range)}/${prefix}`;
    assertEquals(addressMatcher([cidr])(formatIp(ip)), expected, cidr);
    assertEquals(parseIp(formatIp(ip)), ip);
    seen.add(expected);
  }
  assertEquals(seen.size, 2);
});
