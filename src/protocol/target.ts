/**
 * Forms of the request target (RFC 9112 3.2) and the grammar of a host
 * (RFC 3986 3.2.2), both on the undecoded bytes.
 *
 * @module
 */

import { CHARS, HEX_VALUE, HOST } from "../grammar/chars.ts";

/** The target is malformed. */
export const MALFORMED = 0;
/** `/path?query`. */
export const ORIGIN_FORM = 1;
/** `http://host/path?query`. */
export const ABSOLUTE_FORM = 2;
/** `*`, for OPTIONS. */
export const ASTERISK_FORM = 3;

const ASTERISK = 42;
const DOT = 46;
const SLASH = 47;
const COLON = 58;
const QUESTION_MARK = 63;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const PERCENT = 37;
const MAX_PORT = 65535;
const SCHEMES = ["http://", "https://"].map((scheme) =>
  new TextEncoder().encode(scheme)
);

/**
 * The form of the target in `bytes` from `start` to before `end`. A CONNECT
 * target is told apart by its method, so it is no form here.
 */
export function targetForm(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (bytes[start] === SLASH) return ORIGIN_FORM;
  if (bytes[start] === ASTERISK) {
    return end - start === 1 ? ASTERISK_FORM : MALFORMED;
  }
  const authority = authorityStart(bytes, start, end);
  return authority < 0 ? MALFORMED : ABSOLUTE_FORM;
}

/** Where the authority of an absolute-form target starts, or -1 for a scheme other than http and https. */
export function authorityStart(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  for (const scheme of SCHEMES) {
    if (
      end - start > scheme.length &&
      scheme.every((byte, at) => lower(bytes[start + at]) === byte)
    ) {
      return start + scheme.length;
    }
  }
  return -1;
}

/** Where the authority that starts at `start` ends: at the path, the query or the end. */
export function authorityEnd(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let at = start;
  while (at < end && bytes[at] !== SLASH && bytes[at] !== QUESTION_MARK) at++;
  return at;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/**
 * Tells whether the bytes are `uri-host [":" port]`, as in a Host field
 * (RFC 9110 7.2): not empty, no userinfo, no list, no path.
 */
export function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  const hostEnd = bytes[start] === OPEN_BRACKET
    ? literalEnd(bytes, start, end)
    : nameEnd(bytes, start, end);
  return hostEnd > start && isPortPart(bytes, hostEnd, end);
}

/** Tells whether the bytes are `uri-host ":" port`, the target of CONNECT. */
export function isAuthorityForm(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return isHost(bytes, start, end) && HEX_VALUE[bytes[end - 1]] >= 0 &&
    bytes.subarray(start, end).includes(COLON) &&
    bytes[end - 1] !== COLON;
}

// Index behind a registered name or an IPv4 address, or -1.
function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (CHARS[bytes[at]] & HOST) !== 0) {
    if (bytes[at] === PERCENT) {
      const digits = end - at > 2 && HEX_VALUE[bytes[at + 1]] >= 0 &&
        HEX_VALUE[bytes[at + 2]] >= 0;
      if (!digits) return -1;
      at += 2;
    }
    at++;
  }
  return at;
}

// Index behind a bracketed IPv6 address, or -1.
function literalEnd(bytes: Uint8Array, start: number, end: number): number {
  let close = start + 1;
  while (close < end && bytes[close] !== CLOSE_BRACKET) close++;
  return close < end && isIPv6(bytes, start + 1, close) ? close + 1 : -1;
}

function isPortPart(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end) return true;
  if (bytes[at] !== COLON) return false;
  let port = 0;
  for (at++; at < end; at++) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > MAX_PORT) return false;
  }
  return true;
}

function isIPv6(bytes: Uint8Array, start: number, end: number): boolean {
  let groups = 0;
  let compressed = false;
  let at = start;
  if (bytes[at] === COLON && bytes[at + 1] !== COLON) return false;
  while (at < end) {
    if (bytes[at] === COLON && bytes[at + 1] === COLON && at + 1 < end) {
      if (compressed || bytes[at + 2] === COLON) return false;
      compressed = true;
      at += 2;
      continue;
    }
    if (bytes[at] === COLON && (groups === 0 || ++at === end)) return false;
    const next = groupEnd(bytes, at, end);
    if (next < end && bytes[next] === DOT) {
      groups += 2;
      return isIPv4(bytes, at, end) && isFull(groups, compressed);
    }
    if (next === at || next - at > 4) return false;
    groups++;
    at = next;
  }
  return isFull(groups, compressed);
}

function isFull(groups: number, compressed: boolean): boolean {
  return compressed ? groups < 8 : groups === 8;
}

function groupEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && HEX_VALUE[bytes[at]] >= 0) at++;
  return at;
}

function isIPv4(bytes: Uint8Array, start: number, end: number): boolean {
  let parts = 0;
  let value = -1;
  for (let at = start; at <= end; at++) {
    if (at === end || bytes[at] === DOT) {
      if (value < 0 || value > 255) return false;
      parts++;
      value = -1;
      continue;
    }
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9 || value === 0) return false;
    value = Math.max(value, 0) * 10 + digit;
  }
  return parts === 4;
}
