/**
 * Whom proxies have passed a request on for: the fields `Forwarded` (RFC 7239)
 * and `X-Forwarded-For`, `-Proto` and `-Host`.
 *
 * Each proxy adds to the right, so what is on the left may be a client's
 * invention. Everything here is read from the right and ends at the first hop
 * that is malformed: nothing that a client sends can change how the hops are
 * read that proxies have added after it.
 *
 * @module
 */

import {
  formatIp,
  type IpBytes,
  parseIp,
  parseIpLiteral,
  parsePort,
  splitHostPort,
  unmapIp,
} from "../grammar/addresses.ts";
import { CHARS, HOST, isToken } from "../grammar/chars.ts";
import { trimOws, unquote } from "../grammar/lists.ts";

/** Who has sent a request, as far as trusted proxies tell. */
export interface ClientInfo {
  /** The client's IP address in its canonical form; empty if it has none, as on a Unix socket. */
  readonly ip: string;
  /** Whether the client's own connection is secure; unknown if not set. */
  readonly secure?: boolean;
  /** The host and port that the client has asked for; unknown if not set. */
  readonly host?: string;
}

/**
 * Tells who has sent a request, by the connection's peer and the header fields;
 * `header` gives the value of a field by its lower-case name.
 */
export type ClientResolver = (
  peer: Deno.Addr,
  header: (name: string) => string | null,
) => ClientInfo;

/** What one proxy says of the peer that it had the request from. */
export interface ForwardedHop {
  /** The peer's IP address in its canonical form; `null` if it is not told or malformed. */
  readonly ip: string | null;
  /** The peer's port; `null` if it is not told. */
  readonly port: number | null;
  /** The scheme of the request, `http` or `https`; `null` if it is not told. */
  readonly proto: "http" | "https" | null;
  /** The host and port that the request was for; `null` if they are not told. */
  readonly host: string | null;
}

type Node = Pick<ForwardedHop, "ip" | "port">;

/** The most hops that are read. */
export const MAX_HOPS = 50;

const NO_NODE: Node = { ip: null, port: null };
const NO_HOP: ForwardedHop = { ...NO_NODE, proto: null, host: null };
const OBFUSCATED_PORT = /^_[\w.-]+$/;
const ESCAPES = /%(?![\da-f]{2})/i;
const MAX_HOST = 260;

/**
 * Reads `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host` where
 * given. These two are matched with the addresses from the right, as a proxy
 * that adds to one adds to all; one that is shorter, often a single value, says
 * nothing of the hops further left.
 *
 * @returns The hops from left to right. The first may be one that is malformed,
 * with an `ip` of `null`: what stands left of it is not read, nor is what stands
 * left of the 50 last.
 */
export function parseXForwarded(
  addresses: string | null,
  protos: string | null,
  hosts: string | null,
): ForwardedHop[] {
  const members = lastMembers(addresses ?? "");
  const schemes = protos === null ? [] : lastMembers(protos);
  const names = hosts === null ? [] : lastMembers(hosts);
  const hops: ForwardedHop[] = [];
  for (let at = 0; at < members.length; at++) {
    const { ip, port } = parseListedNode(members[at]);
    const proto = at < schemes.length ? parseProto(schemes[at]) : null;
    const host = at < names.length ? parseHost(names[at]) : null;
    hops.push({ ip, port, proto, host });
    if (ip === null) break;
  }
  return hops.reverse();
}

// The last first. An empty member is no member to be passed over, as elsewhere
// in lists: a proxy that knows no address writes one, and the next on the left
// is what its client has sent.
function lastMembers(value: string): string[] {
  const members: string[] = [];
  for (let end = value.length; end >= 0 && members.length < MAX_HOPS;) {
    // A position below 0 would be read as 0.
    const comma = end === 0 ? -1 : value.lastIndexOf(",", end - 1);
    members.push(trimOws(value.slice(comma + 1, end)));
    end = comma;
  }
  return members;
}

// An IPv6 address is seen with and without brackets here.
function parseListedNode(text: string): Node {
  const bytes = parseIp(text);
  if (bytes !== null) return { ip: canonicalIp(text, bytes), port: null };
  return parseNode(text);
}

/** Reads a node of RFC 7239 6; one that is unknown or obfuscated has no address. */
function parseNode(text: string): Node {
  const parts = splitHostPort(text);
  if (parts === null) return NO_NODE;
  const { host, port } = parts;
  const bytes = parseIpLiteral(host) ??
    (host.includes(":") ? null : parseIp(host));
  if (bytes === null) return NO_NODE;
  const ip = canonicalIp(host, bytes);
  if (port === null || OBFUSCATED_PORT.test(port)) return { ip, port: null };
  const number = parsePort(port);
  return number < 0 ? NO_NODE : { ip, port: number };
}

// There is one form of IPv4 that is read at all.
function canonicalIp(text: string, bytes: IpBytes): string {
  return bytes.length === 4 ? text : formatIp(unmapIp(bytes));
}

// Proxies that carry WebSocket name its schemes.
function parseProto(text: string): "http" | "https" | null {
  switch (text.toLowerCase()) {
    case "https":
    case "wss":
      return "https";
    case "http":
    case "ws":
      return "http";
    default:
      return null;
  }
}

/** A host that may stand in a Host field (RFC 9110 7.2). */
function parseHost(text: string): string | null {
  const parts = text.length > MAX_HOST ? null : splitHostPort(text);
  if (parts === null || parts.host === "") return null;
  const { host, port } = parts;
  const isGood = host.startsWith("[") ? parseIpLiteral(host) : isName(host);
  const isPort = port === null || port === "" || parsePort(port) >= 0;
  return isGood && isPort ? text : null;
}

function isName(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if ((CHARS[text.charCodeAt(at)] & HOST) === 0) return false;
  }
  return !ESCAPES.test(text);
}

/**
 * Reads `Forwarded` (RFC 7239 4).
 *
 * @returns The hops from left to right. The first may be one that is malformed,
 * unknown or obfuscated, with an `ip` of `null`: what stands left of it is not
 * read, nor is what stands left of the 50 last.
 */
export function parseForwarded(value: string | null): ForwardedHop[] {
  const hops: ForwardedHop[] = [];
  const reader = new BackwardReader(value ?? "");
  do {
    const parameters = reader.readElement();
    const hop = parameters === null ? NO_HOP : toHop(parameters);
    hops.push(hop);
    if (hop.ip === null) break;
  } while (hops.length < MAX_HOPS && reader.skip(","));
  return hops.reverse();
}

function toHop(parameters: ReadonlyMap<string, string>): ForwardedHop {
  const node = parseNode(parameters.get("for") ?? "");
  return {
    ...node,
    proto: parseProto(parameters.get("proto") ?? ""),
    host: parseHost(parameters.get("host") ?? ""),
  };
}

/**
 * Reads a `Forwarded` value from its end. From its start, a quote that a client
 * leaves open would swallow what proxies have added.
 */
class BackwardReader {
  readonly #text: string;
  #end: number;

  constructor(text: string) {
    this.#text = text;
    this.#end = text.length;
  }

  /** Passes over the separator; false if another character, or none, is there. */
  skip(separator: string): boolean {
    if (this.#text[this.#end - 1] !== separator) return false;
    this.#end--;
    return true;
  }

  /** Reads `name=value` pairs up to a comma or the start; `null` if one is malformed or repeated. */
  readElement(): Map<string, string> | null {
    const parameters = new Map<string, string>();
    do {
      this.#skipSpace();
      if (this.#isAtPairStart()) continue;
      const value = this.#readValue();
      if (value === null || !this.skip("=")) return null;
      const name = this.#readToken().toLowerCase();
      if (name === "" || parameters.has(name)) return null;
      parameters.set(name, value);
      this.#skipSpace();
    } while (this.skip(";"));
    return this.#end === 0 || this.#text[this.#end - 1] === ","
      ? parameters
      : null;
  }

  // RFC 7239 4 lets pairs be empty.
  #isAtPairStart(): boolean {
    const before = this.#text[this.#end - 1];
    return before === undefined || before === "," || before === ";";
  }

  #skipSpace(): void {
    const text = this.#text;
    while (text[this.#end - 1] === " " || text[this.#end - 1] === "\t") {
      this.#end--;
    }
  }

  #readToken(): string {
    let start = this.#end;
    while (start > 0 && isToken(this.#text[start - 1])) start--;
    const token = this.#text.slice(start, this.#end);
    this.#end = start;
    return token;
  }

  #readValue(): string | null {
    if (this.#text[this.#end - 1] !== '"') return this.#readToken() || null;
    const start = this.#openingQuote();
    if (start < 0) return null;
    const value = unquote(this.#text.slice(start, this.#end));
    this.#end = start;
    return value;
  }

  // A quote behind an odd number of backslashes is part of the text.
  #openingQuote(): number {
    let start = this.#end - 1;
    for (;;) {
      start = start === 0 ? -1 : this.#text.lastIndexOf('"', start - 1);
      if (start < 0) return -1;
      let slashes = start;
      while (this.#text[slashes - 1] === "\\") slashes--;
      if ((start - slashes) % 2 === 0) return start;
    }
  }
}

const MAPPED = "::ffff:";

/** The IP address of a peer, an IPv4 one as such also on a listener for both; empty without one. */
export function ipOf(address: Deno.Addr): string {
  if (!("hostname" in address)) return "";
  const { hostname } = address;
  const isMapped = hostname.startsWith(MAPPED) && hostname.includes(".");
  return isMapped ? hostname.slice(MAPPED.length) : hostname;
}
