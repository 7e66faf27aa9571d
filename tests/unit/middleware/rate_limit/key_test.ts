import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import type { AnyRequest } from "../../../../src/http/request.ts";
import {
  addressKey,
  boundedKey,
  keyByAddress,
  keyByFunction,
  keyByHeader,
} from "../../../../src/middleware/rate_limit/key.ts";
import { fakeRequest } from "../fakes.ts";

Deno.test("addressKey() counts IPv4 by address and IPv6 by network", () => {
  const table: [ip: string, prefix: number, key: string][] = [
    ["192.0.2.1", 64, "192.0.2.1"],
    ["::ffff:192.0.2.1", 64, "192.0.2.1"],
    ["::ffff:c000:201", 64, "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", 64, "2001:db8:1:2::/64"],
    ["2001:db8:1:2:3:4:5:6", 56, "2001:db8:1::/56"],
    ["2001:db8:1:1ff::1", 56, "2001:db8:1:100::/56"],
    ["2001:db8:1:2:3:4:5:6", 48, "2001:db8:1::/48"],
    ["2001:db8:1:2:3:4:5:6", 128, "2001:db8:1:2:3:4:5:6/128"],
    ["2001:db8::1", 1, "::/1"],
    ["a001:db8::1", 1, "8000::/1"],
    ["::1", 64, "::/64"],
    ["", 64, ""],
    ["fe80::1%eth0", 64, "fe80::1%eth0"],
  ];
  for (const [ip, prefix, key] of table) {
    assertEquals(addressKey(ip, prefix), key, ip);
  }
});

Deno.test("addressKey() gives one key to all that a /64 can write", () => {
  const keys = new Set<string>();
  for (let n = 0; n < 1000; n++) {
    const tail = [n, n * 7, n * 31, n * 101].map((one) =>
      (one & 0xffff).toString(16)
    );
    keys.add(addressKey(`2001:db8:0:1:${tail.join(":")}`, 64));
  }
  assertEquals([...keys], ["2001:db8:0:1::/64"]);
});

Deno.test("keyByAddress() throws a RangeError when the prefix is none", () => {
  for (const prefix of [0, -1, 129, 64.5, NaN]) {
    assertThrows(() => keyByAddress(prefix), RangeError, `${prefix}`);
  }
  const text: unknown = "64";
  assertThrows(() => keyByAddress(text as number), TypeError, '"64"');
});

Deno.test("boundedKey() keeps short keys and digests long ones", () => {
  assertEquals(boundedKey("a".repeat(64)), "a".repeat(64));
  const long = boundedKey("a".repeat(16_384));
  assertEquals(long.length, 44);
  assertEquals(long, boundedKey("a".repeat(16_384)));
  assertNotEquals(long, boundedKey("a".repeat(16_383)));
});

function withKey(value: string): AnyRequest {
  return fakeRequest({ headers: { "X-Api-Key": value } });
}

Deno.test("keyByHeader() never takes a value for an address", () => {
  const keyOf = keyByHeader("X-API-Key", keyByAddress(64), false);
  assertEquals(keyOf(fakeRequest()), "192.0.2.1");
  assertEquals(keyOf(withKey("192.0.2.1")), "=192.0.2.1");
  assertEquals(keyOf(withKey("")), "=");
});

Deno.test("keyByHeader() hides the value of a secret", () => {
  const keyOf = keyByHeader("x-api-key", keyByAddress(64), true);
  const key = keyOf(withKey("secret"));
  assert(key !== null && !key.includes("secret"), `${key}`);
  assertEquals(key, keyOf(withKey("secret")));
  assertNotEquals(key, keyOf(withKey("Secret")));
});

Deno.test("keyByHeader() throws a TypeError when the name is no token", () => {
  for (const name of ["", "a b", "a:", 7, null]) {
    assertThrows(
      () => keyByHeader(name as string, keyByAddress(64), false),
      TypeError,
      "Cannot count by the header",
    );
  }
});

Deno.test("keyByFunction() takes strings and null, and bounds their length", () => {
  const keyOf = (value: unknown) =>
    keyByFunction(() => value as string)(fakeRequest());
  assertEquals(keyOf("user:7"), "user:7");
  assertEquals(keyOf(""), "");
  assertEquals(keyOf(null), null);
  assertEquals(keyOf("u".repeat(100_000))?.length, 44);
  for (const value of [undefined, 7, {}, Promise.resolve("a")]) {
    assertThrows(() => keyOf(value), TypeError, 'that "key" of rateLimit gave');
  }
});
