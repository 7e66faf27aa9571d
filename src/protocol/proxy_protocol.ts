/**
 * {@linkcode ProxyHeaderParser}: the header by which a proxy tells a connection's
 * client (the PROXY protocol of HAProxy, versions 1 and 2).
 *
 * @module
 */

import {
  formatIp,
  type IpBytes,
  parseIPv4,
  parseIPv6,
  parsePort,
} from "../grammar/addresses.ts";
import { latin1 } from "../grammar/latin1.ts";
import { crc32c } from "./crc32c.ts";
import { BAD_PROXY_HEADER } from "./errors.ts";

/** One end of a connection that a proxy has relayed. */
export interface ProxyEndpoint {
  /** The IP address in its canonical form. */
  readonly ip: string;
  /** The port. */
  readonly port: number;
}

const LF = 10;
const CR = 13;

const TEXT_START: Uint8Array = new TextEncoder().encode("PROXY ");
const MAX_LINE = 107;
const UNKNOWN = "UNKNOWN";
const FAMILIES = new Map([["TCP4", parseIPv4], ["TCP6", parseIPv6]]);
const CANONICAL_PORT = /^(?:0|[1-9]\d*)$/;

const SIGNATURE: Uint8Array = Uint8Array.from(
  [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10],
);
const COMMAND_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;
const BLOCK_AT = 16;
const MAX_BLOCK = 4096;
const LOCAL = 0x20;
const PROXY = 0x21;
const INET6 = 2;
const STREAM = 1;
const MAX_FAMILY = 3;
const MAX_TRANSPORT = 2;
/** By family: bytes of an address. */
const ADDRESS_BYTES = [0, 4, 16, 108];
/** By family: bytes of both addresses and ports. */
const ADDRESSES_BYTES = [0, 12, 36, 216];

const TLV_HEAD = 3;
const TLV_CRC32C = 0x03;
const TLV_SSL = 0x20;
const SSL_HEAD = 5;
const CLIENT_SSL = 1;

/**
 * Parses the header of the PROXY protocol, text or binary, at the start of a
 * connection. Any deviation is a fault, for what looks like a header may be a
 * client that makes up an address; so read it only from peers that are known to
 * send it. Every split of the bytes gives the same result.
 *
 * @example Usage
 * ```ts
 * import { ProxyHeaderParser } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const line = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";
 * const bytes = new TextEncoder().encode(`${line}GET / HTTP/1.1\r\n`);
 * const parser = new ProxyHeaderParser();
 * assertEquals(parser.parse(bytes, 0, 20), 0); // needs more bytes
 * assertEquals(parser.parse(bytes, 0, bytes.length), line.length);
 * assertEquals(parser.source, { ip: "192.0.2.7", port: 56324 });
 * ```
 */
export class ProxyHeaderParser {
  /** The client; `null` if it is unknown, not TCP, or the proxy itself (a health check). */
  source: ProxyEndpoint | null = null;
  /** What the client has connected to; `null` along with `source`. */
  destination: ProxyEndpoint | null = null;
  /** True if the header says that the client came over TLS; version 1 can't. */
  secure = false;

  /**
   * Parses the header that starts at `from`; bytes end before `to`. Until it is
   * complete, call again with the same header and more bytes; it may have moved
   * in memory. It takes at most 4,112 bytes.
   *
   * @returns The index behind the header, 0 if more bytes are needed, or the
   * fault {@linkcode BAD_PROXY_HEADER}.
   */
  parse(buffer: Uint8Array, from: number, to: number): number {
    this.#clear();
    if (from === to) return 0;
    const isText = buffer[from] === TEXT_START[0];
    const start = isText ? TEXT_START : SIGNATURE;
    const seen = Math.min(start.length, to - from);
    for (let at = 0; at < seen; at++) {
      if (buffer[from + at] !== start[at]) return BAD_PROXY_HEADER;
    }
    const end = isText
      ? this.#parseText(buffer, from, to)
      : this.#parseBinary(buffer, from, to);
    if (end < 0) this.#clear();
    return end;
  }

  #clear(): void {
    this.source = null;
    this.destination = null;
    this.secure = false;
  }

  #parseText(buffer: Uint8Array, from: number, to: number): number {
    const stop = Math.min(to, from + MAX_LINE);
    let at = from;
    while (at < stop && buffer[at] !== CR && buffer[at] !== LF) at++;
    // The CR is at most the last byte but one.
    if (at - from > MAX_LINE - 2) return BAD_PROXY_HEADER;
    if (at === to) return 0;
    if (buffer[at] === LF) return BAD_PROXY_HEADER;
    if (at + 1 === to) return 0;
    const isGood = buffer[at + 1] === LF &&
      this.#readLine(latin1(buffer, from + TEXT_START.length, at));
    return isGood ? at + 2 : BAD_PROXY_HEADER;
  }

  #readLine(line: string): boolean {
    // Whatever stands behind UNKNOWN is to be ignored.
    if (line === UNKNOWN || line.startsWith(`${UNKNOWN} `)) return true;
    const [family, ...parts] = line.split(" ");
    const parseAddress = FAMILIES.get(family);
    if (parseAddress === undefined || parts.length !== 4) return false;
    const [source, destination, sourcePort, destinationPort] = parts;
    return this.#setEnds(
      parseAddress(source),
      parseAddress(destination),
      parseCanonicalPort(sourcePort),
      parseCanonicalPort(destinationPort),
    );
  }

  #setEnds(
    source: IpBytes | null,
    destination: IpBytes | null,
    sourcePort: number,
    destinationPort: number,
  ): boolean {
    if (source === null || destination === null) return false;
    if (sourcePort < 0 || destinationPort < 0) return false;
    this.source = { ip: formatIp(source), port: sourcePort };
    this.destination = { ip: formatIp(destination), port: destinationPort };
    return true;
  }

  #parseBinary(buffer: Uint8Array, from: number, to: number): number {
    if (to - from <= COMMAND_AT) return 0;
    const command = buffer[from + COMMAND_AT];
    if (command !== LOCAL && command !== PROXY) return BAD_PROXY_HEADER;
    if (to - from <= FAMILY_AT) return 0;
    // LOCAL, a proxy's own connection: its family and block mean nothing.
    const kind = command === LOCAL ? 0 : buffer[from + FAMILY_AT];
    if (kind >> 4 > MAX_FAMILY || (kind & 15) > MAX_TRANSPORT) {
      return BAD_PROXY_HEADER;
    }
    if (to - from < BLOCK_AT) return 0;
    const length = readUint16(buffer, from + LENGTH_AT);
    const least = isUnspecified(kind) ? 0 : ADDRESSES_BYTES[kind >> 4];
    if (length < least || length > MAX_BLOCK) return BAD_PROXY_HEADER;
    const end = from + BLOCK_AT + length;
    if (end > to) return 0;
    return this.#readBlock(buffer, from, end, kind) ? end : BAD_PROXY_HEADER;
  }

  #readBlock(
    buffer: Uint8Array,
    from: number,
    end: number,
    kind: number,
  ): boolean {
    if (isUnspecified(kind)) return true;
    const family = kind >> 4;
    const start = from + BLOCK_AT;
    const tlvs = start + ADDRESSES_BYTES[family];
    if (!isTlvList(buffer, tlvs, end)) return false;
    if (!this.#readTlvs(buffer, from, tlvs, end)) return false;
    // Datagrams and paths are no addresses of an HTTP client.
    if (family > INET6 || (kind & 15) !== STREAM) return true;
    const size = ADDRESS_BYTES[family];
    const ports = start + 2 * size;
    return this.#setEnds(
      Array.from(buffer.subarray(start, start + size)),
      Array.from(buffer.subarray(start + size, ports)),
      readUint16(buffer, ports),
      readUint16(buffer, ports + 2),
    );
  }

  // Two of a kind could be read as either.
  #readTlvs(
    buffer: Uint8Array,
    from: number,
    start: number,
    end: number,
  ): boolean {
    let sums = 0;
    let secures = 0;
    for (let at = start; at < end;) {
      const value = at + TLV_HEAD;
      const next = value + readUint16(buffer, at + 1);
      if (buffer[at] === TLV_CRC32C) {
        if (++sums > 1 || next - value !== 4) return false;
        const sum = readUint16(buffer, value) * 65536 +
          readUint16(buffer, value + 2);
        if (sum !== crc32c(buffer, from, end, value)) return false;
      } else if (buffer[at] === TLV_SSL) {
        if (++secures > 1 || next - value < SSL_HEAD) return false;
        if (!isTlvList(buffer, value + SSL_HEAD, next)) return false;
        this.secure = (buffer[value] & CLIENT_SSL) !== 0;
      }
      at = next;
    }
    return true;
  }
}

function isUnspecified(kind: number): boolean {
  return kind >> 4 === 0 || (kind & 15) === 0;
}

function parseCanonicalPort(text: string): number {
  return CANONICAL_PORT.test(text) ? parsePort(text) : -1;
}

function readUint16(buffer: Uint8Array, at: number): number {
  return buffer[at] << 8 | buffer[at + 1];
}

/** Tells whether the bytes are types, lengths and values with nothing left over. */
function isTlvList(buffer: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (end - at >= TLV_HEAD) at += TLV_HEAD + readUint16(buffer, at + 1);
  return at === end;
}
