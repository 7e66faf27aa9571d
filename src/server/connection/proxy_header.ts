/**
 * Reads the PROXY protocol header that a connection begins with.
 *
 * @module
 */

import { ProtocolError } from "../../protocol/errors.ts";
import { ProxyHeaderParser } from "../../protocol/proxy_protocol.ts";
import type { Input } from "./input.ts";

/**
 * Reads the header off the start of what arrives.
 *
 * @returns The parser that has read it; `null` if the peer has ended before.
 * @throws {ProtocolError} If it is malformed.
 */
export async function readProxyHeader(
  input: Input,
): Promise<ProxyHeaderParser | null> {
  const parser = new ProxyHeaderParser();
  for (;;) {
    const at = parser.parse(input.bytes, input.start, input.end);
    if (at < 0) throw ProtocolError.of(at);
    if (at > 0) {
      input.start = at;
      return parser;
    }
    const read = input.begin(0);
    input.finish(read, await read);
    if (input.ended) return null;
  }
}
