/**
 * {@linkcode hostMatcher}: is a request for one of our hosts? A browser that DNS
 * rebinding has led here names the attacker's.
 *
 * @module
 */

import { cannotUse } from "../http/checks.ts";
import { describeValue } from "../http/values.ts";
import {
  formatIp,
  parseIpLiteral,
  parseIPv6,
  parsePort,
  splitHostPort,
} from "../grammar/addresses.ts";

/** Ports of a host; `null` stands for all. */
type Ports = Set<number> | null;

const MAX_NAME = 253;
const NAME = /^[\w-]{1,63}(?:\.[\w-]{1,63})*$/;
const NUMERIC_END = /(?:^|\.)\d+$/;

/**
 * Makes a test of whether an authority, as in a Host field, is one of the
 * allowed. An entry is one of
 *
 * - `example.com`, `127.0.0.1` or `[::1]`: the host on any port;
 * - `example.com:8080`: the host on just this port, which the authority must
 *   name, so it is of no use for 80 and 443, which clients leave out;
 * - `.example.com`: the host and whatever is below it;
 * - `*.example.com`: whatever is below it, at any depth, not the host itself.
 *
 * Case and one dot at the end do not count. Nothing is decoded. An empty list
 * allows nothing.
 *
 * @throws {TypeError} If an entry is none of these.
 */
export function hostMatcher(
  allowed: readonly string[],
): (authority: string) => boolean {
  if (!Array.isArray(allowed)) {
    throw new TypeError(
      `${cannotUse("allowedHosts", allowed)}a list, such as ["example.com"]`,
    );
  }
  const exact = new Map<string, Ports>();
  const below = new Map<string, Ports>();
  for (const entry of allowed) addEntry(entry, exact, below);
  let last: string | null = null; // Most requests are for one host.
  return function isAllowedHost(authority: string): boolean {
    if (authority === last) return true;
    const host = splitHostPort(authority);
    const name = host === null ? "" : normalize(host.host);
    const port = parsePort(host?.port ?? "");
    if (name === "" || (host?.port && port < 0)) return false;
    const isAllowed = hasPort(exact, name, port) || isBelow(below, name, port);
    if (isAllowed) last = authority;
    return isAllowed;
  };
}

function addEntry(
  entry: unknown,
  exact: Map<string, Ports>,
  below: Map<string, Ports>,
): void {
  if (typeof entry !== "string") throw badEntry(entry);
  const [, wildcard, rest] = /^(\*?\.|)(.*)$/s.exec(entry) ?? [];
  // An address without brackets is what one writes at first.
  const isBare = wildcard === "" && parseIPv6(rest) !== null;
  const host = splitHostPort(isBare ? `[${rest}]` : rest);
  const name = host === null ? "" : normalize(host.host);
  const port = parsePort(host?.port ?? "");
  const isWrong = name === "" || (host?.port !== null && port < 0) ||
    (wildcard !== "" && (name.startsWith("[") || NUMERIC_END.test(name)));
  if (isWrong) throw badEntry(entry);
  if (wildcard !== "*.") addPort(exact, name, port);
  if (wildcard !== "") addPort(below, name, port);
}

function addPort(map: Map<string, Ports>, name: string, port: number): void {
  const ports = map.get(name);
  if (port < 0) map.set(name, null);
  else if (ports === undefined) map.set(name, new Set([port]));
  else ports?.add(port);
}

function hasPort(
  map: ReadonlyMap<string, Ports>,
  name: string,
  port: number,
): boolean {
  const ports = map.get(name);
  return ports === null || ports?.has(port) === true;
}

function isBelow(
  map: ReadonlyMap<string, Ports>,
  name: string,
  port: number,
): boolean {
  if (map.size === 0) return false;
  for (
    let dot = name.indexOf(".");
    dot >= 0;
    dot = name.indexOf(".", dot + 1)
  ) {
    if (hasPort(map, name.slice(dot + 1), port)) return true;
  }
  return false;
}

/** A host in the form that is compared; empty if it is none. */
function normalize(host: string): string {
  if (host.startsWith("[")) {
    const bytes = parseIpLiteral(host);
    return bytes === null ? "" : `[${formatIp(bytes)}]`;
  }
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  return name.length <= MAX_NAME && NAME.test(name) ? name.toLowerCase() : "";
}

function badEntry(entry: unknown): TypeError {
  const shown = typeof entry === "string"
    ? JSON.stringify(entry)
    : describeValue(entry);
  return new TypeError(
    `Cannot allow the host ${shown}: take a name such as "example.com", ` +
      `".example.com" or "*.example.com", or an IP address, ` +
      "each with or without a port",
  );
}
