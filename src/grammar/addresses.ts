/**
 * The text of IP addresses and of `host[:port]`, read strictly: no octal, no
 * short forms, no zones, which other readers take for other addresses.
 *
 * @module
 */

/** The bytes of an address: 4 of IPv4, 16 of IPv6. */
export type IpBytes = readonly number[];

const MAX_PORT = 65_535;
const IPV4_LENGTH = 15;
const IPV6_LENGTH = 45;
const DOT = 46;
const ZERO = 48;
const IPV6_GROUP = /^[\da-f]{1,4}$/i;
const PORT = /^\d{1,5}$/;
const MAPPED_PREFIX: IpBytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/** The bytes of an IPv4 address; `null` if the text is none (RFC 3986 3.2.2). */
export function parseIPv4(text: string): IpBytes | null {
  if (text.length > IPV4_LENGTH) return null;
  const bytes: number[] = [];
  let value = -1; // No digit yet.
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit === DOT - ZERO && value >= 0) {
      bytes.push(value);
      value = -1;
      continue;
    }
    // A zero in front would be octal to others.
    if (digit < 0 || digit > 9 || value === 0) return null;
    value = value < 0 ? digit : 10 * value + digit;
    if (value > 255) return null;
  }
  bytes.push(value);
  return bytes.length === 4 && value >= 0 ? bytes : null;
}

/** The bytes of an IPv6 address without brackets; `null` if the text is none (RFC 4291 2.2). */
export function parseIPv6(text: string): IpBytes | null {
  if (text.length > IPV6_LENGTH) return null;
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = groupBytes(halves[0], halves.length === 1);
  if (halves.length === 1) return head?.length === 16 ? head : null;
  const tail = groupBytes(halves[1], true);
  if (head === null || tail === null) return null;
  // Two colons stand for at least one group.
  const missing = 16 - head.length - tail.length;
  return missing < 2 ? null : [...head, ...Array(missing).fill(0), ...tail];
}

// The last group of all may be an IPv4 address.
function groupBytes(text: string, isLast: boolean): number[] | null {
  const bytes: number[] = [];
  if (text === "") return bytes;
  const groups = text.split(":");
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at];
    if (IPV6_GROUP.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
      continue;
    }
    const ipv4 = isLast && at === groups.length - 1 ? parseIPv4(group) : null;
    if (ipv4 === null) return null;
    bytes.push(...ipv4);
  }
  return bytes;
}

/** The bytes of an address of either family; `null` if the text is none. */
export function parseIp(text: string): IpBytes | null {
  return text.includes(":") ? parseIPv6(text) : parseIPv4(text);
}

/** The IPv4 address in an IPv4-mapped one (RFC 4291 2.5.5.2); others as they are. */
export function unmapIp(bytes: IpBytes): IpBytes {
  return isMapped(bytes) ? bytes.slice(12) : bytes;
}

function isMapped(bytes: IpBytes): boolean {
  return bytes.length === 16 &&
    MAPPED_PREFIX.every((byte, at) => bytes[at] === byte);
}

/** Writes an address in its one canonical form (RFC 5952). */
export function formatIp(bytes: IpBytes): string {
  if (bytes.length === 4) return bytes.join(".");
  if (isMapped(bytes)) return `::ffff:${bytes.slice(12).join(".")}`;
  const groups = Array.from(
    { length: 8 },
    (_, at) => (bytes[2 * at] << 8 | bytes[2 * at + 1]).toString(16),
  );
  const [start, length] = longestZeros(groups);
  if (length < 2) return groups.join(":");
  const head = groups.slice(0, start).join(":");
  return `${head}::${groups.slice(start + length).join(":")}`;
}

// The first of the longest runs (RFC 5952 4.2.3).
function longestZeros(groups: string[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length;) {
    let end = start;
    while (groups[end] === "0") end++;
    if (end - start > best[1]) best = [start, end - start];
    start = end + 1;
  }
  return best;
}

/** A host and a port behind a colon. */
export interface HostPort {
  /** The host as it stands, an IPv6 address in its brackets. */
  readonly host: string;
  /** The text behind the colon; `null` if there is no colon. */
  readonly port: string | null;
}

/**
 * Splits `host[:port]`; `null` if brackets are open or anything but a colon
 * follows them, or if there are colons without brackets. Neither part is
 * checked further.
 */
export function splitHostPort(text: string): HostPort | null {
  const isLiteral = text.startsWith("[");
  const close = text.indexOf("]");
  if (isLiteral && close < 0) return null;
  const end = isLiteral ? close + 1 : text.indexOf(":");
  if (end < 0 || end === text.length) return { host: text, port: null };
  const port = text.slice(end + 1);
  if (text[end] !== ":" || port.includes(":")) return null;
  return { host: text.slice(0, end), port };
}

/** The number of a port; -1 if the text is none. */
export function parsePort(text: string): number {
  const port = PORT.test(text) ? Number(text) : -1;
  return port > MAX_PORT ? -1 : port;
}

/** The bytes of an IPv6 address in brackets, as in a URL; `null` if the text is none. */
export function parseIpLiteral(text: string): IpBytes | null {
  if (!text.startsWith("[") || !text.endsWith("]")) return null;
  return parseIPv6(text.slice(1, -1));
}
