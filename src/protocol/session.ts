/**
 * {@linkcode RequestReader}: the requests of one connection, one after the
 * other, as a state table over head parser, framing and body decoder.
 *
 * @module
 */

import { latin1 } from "../grammar/latin1.ts";
import { BodyDecoder } from "./body_decoder.ts";
import { Framing, NO_BODY } from "./framing.ts";
import { HeadParser } from "./head_parser.ts";
import { DEFAULT_LIMITS, type ProtocolLimits } from "./limits.ts";
import { HeadCopy } from "./repeats.ts";

const LF = 10;
const KEPT_CHARACTERS = 4096;
const KNOWN_METHODS = [
  "GET",
  "POST",
  "HEAD",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/**
 * Reads the requests of a connection from bytes that somebody else has read:
 * no socket, no clock. A head first ({@linkcode RequestReader.parseHead}), then
 * its body ({@linkcode RequestReader.body}), then {@linkcode RequestReader.next}.
 *
 * @example Usage
 * ```ts
 * import { RequestReader } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode(
 *   "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi",
 * );
 * const reader = new RequestReader();
 * const bodyAt = reader.parseHead(bytes, 0, bytes.length);
 * assertEquals(reader.method(bytes, 0), "POST");
 * assertEquals(reader.framing.contentLength, 2);
 * const end = reader.body.decode(bytes, bodyAt, bytes.length);
 * assertEquals([end, reader.body.done], [bytes.length, true]);
 * ```
 */
export class RequestReader {
  /** The head of the request. */
  readonly head: HeadParser;
  /** What the head says about the message. */
  readonly framing: Framing = new Framing();
  /** The body of the request, once the head is complete. */
  readonly body: BodyDecoder;

  /** The head as text, a character for each byte; offsets of {@linkcode RequestReader.head} are its indices. */
  headText = "";
  /** True if the head is the same, byte for byte, as the one before. */
  repeated = false;

  #isFresh = true;
  #hasBody = false;
  #copy: HeadCopy | null = null;

  /** Reads within the limits. */
  constructor(limits: ProtocolLimits = DEFAULT_LIMITS) {
    this.head = new HeadParser(limits);
    this.body = new BodyDecoder(limits);
  }

  /**
   * Parses the head that starts at `from`; bytes end before `to`. Until it is
   * complete, call again with the same head and more bytes.
   *
   * @returns The index behind the head, 0 if more bytes are needed, or a fault
   * for {@linkcode ProtocolError.of}; after a fault nothing more can be read.
   */
  parseHead(buffer: Uint8Array, from: number, to: number): number {
    if (this.#isFresh) {
      this.#isFresh = false;
      this.repeated = this.#repeats(buffer, from, to);
      // The offsets of a repeated head are those found before.
      if (!this.repeated) this.head.reset();
    }
    if (!this.repeated) {
      const fault = this.#parseNewHead(buffer, from, to);
      if (fault <= 0) return fault;
    }
    // None of the same head leaves the decoder as it is.
    if (this.#hasBody || !this.repeated) this.#beginBody();
    return from + this.headText.length;
  }

  #beginBody(): void {
    const { body, contentLength } = this.framing;
    this.#hasBody = body !== NO_BODY;
    this.body.begin(body, contentLength);
  }

  #parseNewHead(buffer: Uint8Array, from: number, to: number): number {
    const end = this.head.parse(buffer, from, to);
    if (end <= 0) return end;
    const fault = this.framing.read(this.head, buffer, from);
    if (fault !== 0) return fault;
    this.headText = latin1(buffer, from, end);
    this.#copy = null;
    return end;
  }

  // Clients repeat themselves: a head with the same bytes as the one before
  // parses to the same result. To compare takes 10 ns for a small head, where to
  // parse it takes 200; 50 for one of browser size instead of 600.
  #repeats(buffer: Uint8Array, from: number, to: number): boolean {
    const { length } = this.headText;
    const end = from + length;
    // A head of another length shows no empty line here.
    if (
      length === 0 || end > to || buffer[end - 1] !== LF ||
      buffer[end - 3] !== LF
    ) return false;
    if (this.#copy !== null) return this.#copy.equals(buffer, from);
    if (!isText(buffer, from, this.headText)) return false;
    // Who has repeated a head will do so again.
    this.#copy = new HeadCopy(buffer, from, length);
    return true;
  }

  /** Makes ready for the next request, once the body is done. */
  next(): void {
    this.#isFresh = true;
    // An idle connection is not to keep a large head just to compare.
    if (this.headText.length <= KEPT_CHARACTERS) return;
    this.headText = "";
    this.#copy = null;
  }

  /** The method of the head at `from`, as sent. */
  method(buffer: Uint8Array, from: number): string {
    const start = from + this.head.methodStart;
    const end = from + this.head.methodEnd;
    for (const method of KNOWN_METHODS) {
      if (method.length === end - start && isText(buffer, start, method)) {
        return method;
      }
    }
    return latin1(buffer, start, end);
  }
}

function isText(buffer: Uint8Array, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (buffer[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}
