/**
 * The HTTP/1.1 protocol core: bytes to messages and back, without a socket,
 * a clock or a dependency (RFC 9112).
 *
 * @example A request from bytes
 * ```ts
 * import { RequestReader } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("GET /a HTTP/1.1\r\nHost: b\r\n\r\n");
 * const reader = new RequestReader();
 * assertEquals(reader.parseHead(bytes, 0, bytes.length), bytes.length);
 * assertEquals(reader.method(bytes, 0), "GET");
 * ```
 *
 * @module
 */

export { isFieldValue, isToken } from "../grammar/chars.ts";
export { formatHttpDate, parseHttpDate } from "../grammar/dates.ts";
export {
  formatParameters,
  parseParameters,
  quote,
  splitList,
  trimOws,
  unquote,
} from "../grammar/lists.ts";
export * from "./errors.ts";
export { DEFAULT_LIMITS, type ProtocolLimits } from "./limits.ts";
export { FIELD_STRIDE, FieldParser } from "./field_parser.ts";
export { HeadParser } from "./head_parser.ts";
export { CHUNKED_BODY, Framing, LENGTH_BODY, NO_BODY } from "./framing.ts";
export { ChunkedDecoder } from "./chunked.ts";
export { BodyDecoder } from "./body_decoder.ts";
export { RequestReader } from "./session.ts";
export { ByteBuffer } from "./byte_buffer.ts";
export { type ProxyEndpoint, ProxyHeaderParser } from "./proxy_protocol.ts";
export { ResponseEncoder } from "./encoder.ts";
export {
  appendChunk,
  appendChunkedCoding,
  appendConnection,
  appendContentLength,
  appendField,
  appendFields,
  appendLastChunk,
  type EncodableFields,
  endHead,
} from "./message_parts.ts";
export { appendContinue, appendEarlyHints } from "./interim.ts";
