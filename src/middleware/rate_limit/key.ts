/**
 * Whose request it is: what a rate limit counts by.
 *
 * @module
 */

import { formatIp, parseIp, unmapIp } from "../../grammar/addresses.ts";
import { isToken } from "../../grammar/chars.ts";
import { checkNumber } from "../../http/checks.ts";
import type { AnyRequest } from "../../http/request.ts";
import { describeValue } from "../../http/values.ts";

/** Gives the key of a request; `null` for one that is not limited. */
export type KeyOf = (request: AnyRequest) => string | null;

interface Crypto {
  hash(algorithm: string, data: string, encoding: "base64url"): string;
}

interface BuiltinLoader {
  process?: { getBuiltinModule?(name: string): Crypto };
}

const MAX_PREFIX = 128;

// A digest in base64 is about as long.
const LONGEST_KEY = 64;

let loaded: Crypto | null = null;

// Loaded when first needed: it takes some 10 ms, and most limits never need it.
function loadCrypto(): Crypto {
  const { process } = globalThis as BuiltinLoader;
  const found = loaded ?? process?.getBuiltinModule?.("node:crypto");
  if (found !== undefined) return loaded = found;
  throw new TypeError(
    `Cannot digest a long key, as this runtime has no node:crypto: let "key" give at most ${LONGEST_KEY} characters`,
  );
}

/** A text of fixed length in place of one that is long or a secret. */
export function digestKey(text: string): string {
  return loadCrypto().hash("sha256", text, "base64url");
}

/** A key of bounded length: 100,000 keys of 16 KiB would take 1.6 GB. */
export function boundedKey(key: string): string {
  return key.length <= LONGEST_KEY ? key : `#${digestKey(key)}`;
}

/**
 * The text that an address is counted as: an IPv4 address as it is, also one
 * that is mapped into IPv6 (RFC 4291 2.5.5.2); of an IPv6 address only the
 * prefix, since whoever has one address has all of its network.
 */
export function addressKey(ip: string, ipv6Prefix: number): string {
  if (!ip.includes(":")) return ip;
  const bytes = parseIp(ip);
  // With a zone, as of link-local peers.
  if (bytes === null) return boundedKey(ip);
  const own = unmapIp(bytes);
  if (own.length === 4) return formatIp(own);
  const network = own.map((byte, at) => {
    const bits = Math.min(8, Math.max(0, ipv6Prefix - 8 * at));
    return byte & (0xff00 >> bits);
  });
  return `${formatIp(network)}/${ipv6Prefix}`;
}

function checkPrefix(ipv6Prefix: number): number {
  const bounds = { least: 1, most: MAX_PREFIX, whole: true, unit: "bits" };
  return checkNumber('"ipv6Prefix" of rateLimit', ipv6Prefix, bounds);
}

/** Counts by the client's address. */
export function keyByAddress(ipv6Prefix: number): KeyOf {
  const prefix = checkPrefix(ipv6Prefix);
  return (request) => addressKey(request.ip, prefix);
}

/**
 * Counts by the value of a field, and by the address of a client that does not
 * send it: else leaving it out would be the way around the limit.
 */
export function keyByHeader(
  name: string,
  byAddress: KeyOf,
  isSecret: boolean,
): KeyOf {
  if (typeof name !== "string" || !isToken(name)) {
    throw new TypeError(
      `Cannot count by the header ${
        describeValue(name)
      }: take the name of a field, such as "x-api-key"`,
    );
  }
  const key = name.toLowerCase();
  return (request) => {
    const value = request.header(key);
    if (value === null) return byAddress(request);
    // Marked, so that nobody can name another client's address as a value.
    return isSecret ? `=#${digestKey(value)}` : `=${boundedKey(value)}`;
  };
}

/** Counts by what a function says. */
export function keyByFunction(key: KeyOf): KeyOf {
  return (request) => {
    const value = key(request);
    if (value === null) return null;
    if (typeof value === "string") return boundedKey(value);
    throw new TypeError(
      `Cannot count by ${
        describeValue(value)
      } that "key" of rateLimit gave: return a string, or null not to limit the request`,
    );
  };
}
