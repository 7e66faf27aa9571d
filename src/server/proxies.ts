/**
 * Trusted proxies: who the client is when a request came through others.
 *
 * Without this module a request's `ip` is the address of the connection's peer
 * and forwarding fields are not looked at.
 *
 * @example Usage
 * ```ts
 * import { trustProxies } from "@x/httpserver/proxies";
 * import { HttpServer, text } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = new HttpServer({
 *   clientAddress: trustProxies(["loopback", "10.0.0.0/8"]),
 * });
 * server.get("/", (request) => text(request.ip));
 *
 * const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
 * const response = await fetch(`http://127.0.0.1:${port}/`, {
 *   headers: { "x-forwarded-for": "192.0.2.66, 203.0.113.7, 10.0.0.2" },
 * });
 * // The first from the right that is no proxy of ours; a client can write
 * // whatever it likes to the left of that.
 * assertEquals(await response.text(), "203.0.113.7");
 * ```
 *
 * @module
 */

import { formatIp, parseIp, unmapIp } from "../grammar/addresses.ts";
import { addressMatcher } from "../http/address_matcher.ts";
import { checkBoolean, checkChoice } from "../http/checks.ts";
import {
  type ClientInfo,
  type ClientResolver,
  type ForwardedHop,
  parseForwarded,
  parseXForwarded,
} from "../http/forwarded.ts";
import { checkOptionNames } from "../http/option_names.ts";

export { addressMatcher, type ClientInfo, type ClientResolver };

/** Options of {@linkcode trustProxies}. */
export interface TrustProxiesOptions {
  /**
   * The field in which the proxies tell the client: `X-Forwarded-For` with
   * `-Proto` and `-Host`, or `Forwarded` of RFC 7239. The other one is never
   * looked at, for a client can send whatever the proxies do not set.
   *
   * @default {"x-forwarded-for"}
   */
  header?: "x-forwarded-for" | "forwarded";
  /**
   * Whether the proxies tell the scheme that the client used. Turn it off for
   * proxies that pass a client's own `X-Forwarded-Proto` on.
   *
   * @default {true}
   */
  proto?: boolean;
  /**
   * Whether the proxies tell the host that the client asked for. Off, since
   * most pass a client's own `X-Forwarded-Host` on.
   *
   * @default {false}
   */
  host?: boolean;
  /**
   * Whether the peer on a Unix socket is trusted: it has no address, but the
   * rights of the socket's file decide who may connect.
   *
   * @default {true}
   */
  trustUnix?: boolean;
}

/** What a peer's address says; the same for all its connections. */
interface Peer {
  readonly info: ClientInfo;
  readonly isTrusted: boolean;
}

type HopReader = (header: (name: string) => string | null) => ForwardedHop[];

const MAX_PEERS = 256;
const NO_ADDRESS: ClientInfo = Object.freeze({ ip: "" });
const HEADERS: readonly unknown[] = ["x-forwarded-for", "forwarded"];
const NAMES = ["header", "proto", "host", "trustUnix"];

/**
 * Makes the `clientAddress` of a server whose clients come through proxies with
 * these addresses, CIDRs or names (see {@linkcode addressMatcher}).
 *
 * The client is the connection's peer, unless that is trusted. Then the hops that
 * proxies have added are walked from the right over the trusted ones: the first
 * other one is the client. If all are trusted, the leftmost is. A hop that is
 * malformed, unknown or obfuscated, or the 51st, ends the walk at the hop right
 * of it. IPv4-mapped IPv6 addresses are given as the IPv4 address in them.
 *
 * Scheme and host are those told with the leftmost hop walked, or, where that
 * tells none, with the nearest hop right of it.
 *
 * @throws {TypeError} If a range or an option is malformed.
 *
 * @example Usage
 * ```ts
 * import { trustProxies } from "@x/httpserver/proxies";
 * import { assertEquals } from "@std/assert";
 *
 * const resolve = trustProxies(["10.0.0.0/8"], { header: "forwarded" });
 * const header = (name: string) =>
 *   name === "forwarded" ? 'for="[2001:db8::7]:4711";proto=https' : null;
 *
 * const proxy = { transport: "tcp", hostname: "10.0.0.2", port: 5000 } as const;
 * assertEquals(resolve(proxy, header), { ip: "2001:db8::7", secure: true });
 * const other = { ...proxy, hostname: "192.0.2.66" };
 * assertEquals(resolve(other, header), { ip: "192.0.2.66" });
 * ```
 */
export function trustProxies(
  cidrs: readonly string[],
  options: TrustProxiesOptions = {},
): ClientResolver {
  checkOptions(options);
  const isTrusted = addressMatcher(cidrs, "the proxies of trustProxies");
  const findPeer = peerFinder(isTrusted, options.trustUnix ?? true);
  const readHops = hopReader(options);
  return function clientAddress(peer, header): ClientInfo {
    const { info, isTrusted: isProxy } = findPeer(peer);
    return isProxy ? walk(readHops(header), info.ip, isTrusted) : info;
  };
}

function checkOptions(options: TrustProxiesOptions): void {
  checkOptionNames("trustProxies", options, NAMES);
  const { header, ...switches } = options;
  if (header !== undefined) {
    checkChoice<unknown>('"header" of trustProxies', header, HEADERS);
  }
  for (const [name, value] of Object.entries(switches)) {
    checkBoolean(`"${name}" of trustProxies`, value);
  }
}

function hopReader({ header, proto, host }: TrustProxiesOptions): HopReader {
  const isWanted = { proto: proto ?? true, host: host ?? false };
  if (header === "forwarded") {
    return (header) =>
      parseForwarded(header("forwarded")).map((hop) => ({
        ...hop,
        proto: isWanted.proto ? hop.proto : null,
        host: isWanted.host ? hop.host : null,
      }));
  }
  return (header) =>
    parseXForwarded(
      header("x-forwarded-for"),
      isWanted.proto ? header("x-forwarded-proto") : null,
      isWanted.host ? header("x-forwarded-host") : null,
    );
}

function walk(
  hops: ForwardedHop[],
  peerIp: string,
  isTrusted: (ip: string) => boolean,
): ClientInfo {
  const client: { ip: string; secure?: boolean; host?: string } = {
    ip: peerIp,
  };
  for (const { ip, proto, host } of hops.reverse()) {
    // Also where it names no address: a proxy that we trust has written it.
    if (proto !== null) client.secure = proto === "https";
    if (host !== null) client.host = host;
    if (ip === null) break;
    client.ip = ip;
    if (!isTrusted(ip)) break;
  }
  return client;
}

/** Remembers the last peers, for each sends many requests. */
function peerFinder(
  isTrusted: (ip: string) => boolean,
  trustUnix: boolean,
): (address: Deno.Addr) => Peer {
  const peers = new Map<string, Peer>();
  const other: Peer = { info: NO_ADDRESS, isTrusted: false };
  const unix: Peer = { info: NO_ADDRESS, isTrusted: trustUnix };
  return function findPeer(address) {
    if (!("hostname" in address)) {
      return address.transport.startsWith("unix") ? unix : other;
    }
    const { hostname } = address;
    const known = peers.get(hostname);
    if (known !== undefined) return known;
    const peer = {
      info: Object.freeze({ ip: canonicalIp(hostname) }),
      isTrusted: isTrusted(hostname),
    };
    if (peers.size >= MAX_PEERS) peers.clear();
    peers.set(hostname, peer);
    return peer;
  };
}

function canonicalIp(text: string): string {
  const bytes = parseIp(text);
  return bytes === null ? text : formatIp(unmapIp(bytes));
}
