/**
 * {@linkcode addressMatcher}: is an IP address in a list of ranges?
 *
 * @module
 */

import { type IpBytes, parseIp, unmapIp } from "../grammar/addresses.ts";
import { describeValue } from "./values.ts";

/** The addresses whose first `bits` bits are those of `bytes`. */
interface AddressRange {
  readonly bytes: IpBytes;
  readonly bits: number;
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["private", PRIVATE],
  ["uniquelocal", PRIVATE],
]);
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;
const MAPPED_BITS = 96;

/**
 * Makes a test of whether an IP address is in one of the ranges. A range is an
 * address (`10.1.2.3`), a CIDR (`10.0.0.0/8`, `fc00::/7`; bits behind the prefix
 * do not count), or one of these names:
 *
 * - `loopback`: 127.0.0.0/8, ::1
 * - `linklocal`: 169.254.0.0/16, fe80::/10
 * - `private`, or `uniquelocal`: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7
 *
 * An IPv4-mapped IPv6 address (`::ffff:10.1.2.3`) is the IPv4 address in it, in
 * the ranges too, so no IPv6 range contains an IPv4 address. What is no address,
 * or one with a zone, is in no range.
 *
 * @throws {TypeError} If a range is malformed, its prefix is longer than the
 * address, or the prefix of an IPv4-mapped one is shorter than 97 bits: that
 * would be every IPv4 address.
 *
 * @param what What the ranges are for, for the message.
 *
 * @example Usage
 * ```ts
 * import { addressMatcher } from "@x/httpserver/proxies";
 * import { assert } from "@std/assert";
 *
 * const isOurs = addressMatcher(["loopback", "10.0.0.0/8"]);
 * assert(isOurs("10.1.2.3"));
 * assert(isOurs("::ffff:127.0.0.1"));
 * assert(!isOurs("192.0.2.1"));
 * ```
 */
export function addressMatcher(
  cidrs: readonly string[],
  what = "address ranges",
): (ip: string) => boolean {
  if (!Array.isArray(cidrs)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(cidrs)
      } as ${what}: take an array of addresses or CIDRs, such as ["10.0.0.0/8"]`,
    );
  }
  const ranges = cidrs.flatMap((cidr) => NAMED.get(cidr) ?? [cidr])
    .map(parseRange);
  return function isInRanges(ip: string): boolean {
    const address = parseIp(ip);
    if (address === null) return false;
    const bytes = unmapIp(address);
    return ranges.some((range) => isIn(bytes, range));
  };
}

function parseRange(cidr: unknown): AddressRange {
  if (typeof cidr !== "string") throw badRange(cidr);
  const slash = cidr.indexOf("/");
  const address = parseIp(slash < 0 ? cidr : cidr.slice(0, slash));
  if (address === null) throw badRange(cidr);
  const bytes = unmapIp(address);
  const most = 8 * address.length;
  if (slash < 0) return { bytes, bits: 8 * bytes.length };
  const prefix = cidr.slice(slash + 1);
  if (!PREFIX.test(prefix) || Number(prefix) > most) throw badRange(cidr);
  if (bytes === address) return { bytes, bits: Number(prefix) };
  // A /96 or shorter that stands for 10.0.0.0/8 in the mind of its writer would
  // let every IPv4 peer tell its address (CVE-2026-90711).
  if (Number(prefix) <= MAPPED_BITS) {
    throw new TypeError(
      `Cannot use ${describeValue(cidr)} as an address range: ` +
        "an IPv4-mapped one takes a prefix of 97 to 128 bits",
    );
  }
  return { bytes, bits: Number(prefix) - MAPPED_BITS };
}

function isIn(address: IpBytes, { bytes, bits }: AddressRange): boolean {
  if (address.length !== bytes.length) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) {
    if (address[at] !== bytes[at]) return false;
  }
  const rest = bits & 7;
  return rest === 0 || (address[whole] ^ bytes[whole]) >> (8 - rest) === 0;
}

function badRange(cidr: unknown): TypeError {
  return new TypeError(
    `Cannot use ${
      describeValue(cidr)
    } as an address range: take an IP address, ` +
      `a CIDR such as "10.0.0.0/8", or ${[...NAMED.keys()].join(", ")}`,
  );
}
