/**
 * The parts of an answer as bytes: field lines, what frames a content, chunks
 * (RFC 9112 5, 6, 7.1).
 *
 * @module
 */

import { CHARS, FIELD, TOKEN } from "../grammar/chars.ts";
import type { ByteBuffer } from "./byte_buffer.ts";

/** Field lines to send, as parallel arrays. */
export interface EncodableFields {
  /** Names in the case to send. */
  readonly names: readonly string[];
  /** Names in lower case. */
  readonly keys: readonly string[];
  /** Values. */
  readonly values: readonly string[];
  /** True for lines made once for many answers: their encoding is kept. */
  readonly constant: boolean;
}

const CR = 13;
const LF = 10;
const SP = 32;
const COLON = 58;
// Framing and connection are the encoder's caller's to decide, never a field
// set by an application: that would split or hang the message.
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

// Only an answer that asks for an upgrade says to which protocol (RFC 9110
// 15.5.22); its sender names the field in Connection too (7.8).
const UPGRADE_REQUIRED = 426;
const OWN_BUT_UPGRADE: ReadonlySet<string> = new Set(
  [...OWN_FIELDS].filter((key) => key !== "upgrade"),
);

const encoder = new TextEncoder();
const CHUNK_OVERHEAD = 20;
const CRLF = encoder.encode("\r\n");
const CONTENT_LENGTH = encoder.encode("Content-Length: ");
const CHUNKED = encoder.encode("Transfer-Encoding: chunked\r\n");
const CLOSE = encoder.encode("Connection: close\r\n");
const KEEP_ALIVE = encoder.encode("Connection: keep-alive\r\n");
const UPGRADE = encoder.encode("Connection: upgrade\r\n");
const LAST_CHUNK = encoder.encode("0\r\n");

/**
 * Appends the fields, but none of those that frame the message.
 *
 * @throws {TypeError} If a name is not a token or a value has a control
 * character; then nothing is appended.
 *
 * @example Usage
 * ```ts
 * import { appendFields, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendFields(out, {
 *   names: ["ETag", "Transfer-Encoding"],
 *   keys: ["etag", "transfer-encoding"],
 *   values: ['"v1"', "chunked"],
 *   constant: false,
 * });
 * const text = new TextDecoder().decode(out.appended);
 * assertEquals(text, 'ETag: "v1"\r\n');
 * ```
 */
export function appendFields(out: ByteBuffer, fields: EncodableFields): void {
  appendFieldsFrom(out.length, out, fields, OWN_FIELDS);
}

/**
 * Appends the fields of an answer with `status` whose head starts at `start`;
 * if one is refused, all of it goes.
 */
export function appendAnswerFields(
  start: number,
  out: ByteBuffer,
  status: number,
  fields: EncodableFields,
): void {
  if (status !== UPGRADE_REQUIRED) {
    return appendFieldsFrom(start, out, fields, OWN_FIELDS);
  }
  if (fields.keys.includes("upgrade")) out.append(UPGRADE);
  appendFieldsFrom(start, out, fields, OWN_BUT_UPGRADE);
}

// A caller that answers a fault instead must not find half a message before
// it, so what was appended from `start` on goes when a field is refused.
function appendFieldsFrom(
  start: number,
  out: ByteBuffer,
  { names, keys, values }: EncodableFields,
  own: ReadonlySet<string>,
): void {
  try {
    for (let at = 0; at < names.length; at++) {
      if (!own.has(keys[at])) appendField(out, names[at], values[at]);
    }
  } catch (error) {
    out.truncate(start);
    throw error;
  }
}

/**
 * Appends one field line.
 *
 * @throws {TypeError} If the name is not a token or the value has a control
 * character: it would split the message.
 *
 * @example Usage
 * ```ts
 * import { appendField, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendField(out, "ETag", "v1");
 * assertEquals(new TextDecoder().decode(out.appended), "ETag: v1\r\n");
 * assertThrows(() => appendField(out, "ETag", "a\r\nSet-Cookie: b"), TypeError);
 * ```
 */
export function appendField(
  out: ByteBuffer,
  name: string,
  value: string,
): void {
  const start = out.length;
  // Room for it all, so that the bytes between can be written as they are.
  out.reserve(name.length + value.length + 4);
  const { bytes } = out;
  let isSafe = name.length > 0 && appendOf(TOKEN, out, name);
  bytes[out.length++] = COLON;
  bytes[out.length++] = SP;
  isSafe &&= appendOf(FIELD, out, value);
  bytes[out.length++] = CR;
  bytes[out.length++] = LF;
  if (isSafe) return;
  out.truncate(start);
  throw new TypeError(
    `Cannot send header ${JSON.stringify(name)} with value ${
      JSON.stringify(value)
    }: take a token, and a value without control characters`,
  );
}

// Checks and appends in one pass, into room that is there.
function appendOf(charClass: number, out: ByteBuffer, text: string): boolean {
  const { bytes } = out;
  let at = out.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255 || (CHARS[code] & charClass) === 0) return false;
    bytes[at++] = code;
  }
  out.length = at;
  return true;
}

/**
 * Appends `Connection: close` or `keep-alive` (RFC 9112 9.3, 9.6).
 *
 * @example Usage
 * ```ts
 * import { appendConnection, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendConnection(out, false);
 * assertEquals(new TextDecoder().decode(out.appended), "Connection: close\r\n");
 * ```
 */
export function appendConnection(out: ByteBuffer, keepAlive: boolean): void {
  out.append(keepAlive ? KEEP_ALIVE : CLOSE);
}

/**
 * Appends the Content-Length of a body.
 *
 * @example Usage
 * ```ts
 * import { appendContentLength, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendContentLength(out, 5);
 * assertEquals(new TextDecoder().decode(out.appended), "Content-Length: 5\r\n");
 * ```
 */
export function appendContentLength(out: ByteBuffer, length: number): void {
  out.append(CONTENT_LENGTH);
  out.appendDecimal(length);
  out.append(CRLF);
}

/**
 * Appends the field that announces a chunked body.
 *
 * @example Usage
 * ```ts
 * import { appendChunkedCoding, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendChunkedCoding(out);
 * assertEquals(new TextDecoder().decode(out.appended), "Transfer-Encoding: chunked\r\n");
 * ```
 */
export function appendChunkedCoding(out: ByteBuffer): void {
  out.append(CHUNKED);
}

/**
 * Ends the head.
 *
 * @example Usage
 * ```ts
 * import { endHead, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * endHead(out);
 * assertEquals(new TextDecoder().decode(out.appended), "\r\n");
 * ```
 */
export function endHead(out: ByteBuffer): void {
  out.append(CRLF);
}

/**
 * Appends one chunk (RFC 9112 7.1); nothing for empty data, which would end the body.
 *
 * @example Usage
 * ```ts
 * import { appendChunk, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendChunk(out, new TextEncoder().encode("hello"));
 * assertEquals(new TextDecoder().decode(out.appended), "5\r\nhello\r\n");
 * ```
 */
export function appendChunk(out: ByteBuffer, data: Uint8Array): void {
  if (data.length === 0) return;
  out.reserve(data.length + CHUNK_OVERHEAD);
  out.appendLatin1(data.length.toString(16));
  out.append(CRLF);
  out.append(data);
  out.append(CRLF);
}

/**
 * Appends the last chunk and the trailer section (RFC 9112 7.1.2).
 *
 * @throws {TypeError} If a field would split the message; then nothing is
 * appended.
 *
 * @example Usage
 * ```ts
 * import { appendLastChunk, ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new ByteBuffer(64);
 * appendLastChunk(out, null);
 * assertEquals(new TextDecoder().decode(out.appended), "0\r\n\r\n");
 * ```
 */
export function appendLastChunk(
  out: ByteBuffer,
  trailers: EncodableFields | null,
): void {
  const start = out.length;
  out.append(LAST_CHUNK);
  if (trailers !== null) {
    appendFieldsFrom(start, out, trailers, OWN_FIELDS);
  }
  out.append(CRLF);
}
