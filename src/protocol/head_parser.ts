/**
 * {@linkcode HeadParser}: the request line and the header section of a request
 * (RFC 9112 3 and 5).
 *
 * @module
 */

import { CHARS, QUERY, TARGET, TOKEN } from "../grammar/chars.ts";
import {
  BAD_LINE_END,
  BAD_METHOD,
  BAD_TARGET,
  BAD_VERSION,
  METHOD_TOO_LONG,
  REQUEST_LINE_TOO_LONG,
  UNSUPPORTED_VERSION,
} from "./errors.ts";
import { FieldParser } from "./field_parser.ts";
import { DEFAULT_LIMITS, type ProtocolLimits } from "./limits.ts";

const START = 0;
const START_LF = 1;
const METHOD = 2;
const TARGET_PART = 3;
const VERSION = 4;
const LINE_LF = 5;
const FIELDS = 6;

const LF = 10;
const CR = 13;
const SP = 32;
const QUESTION_MARK = 63;
const ZERO = 48;
const ONE = 49;
const NINE = 57;
// Each 0 stands for any digit.
const VERSION_FORM = new TextEncoder().encode("HTTP/0.0");
const VERSION_LENGTH = VERSION_FORM.length;
const MAJOR_INDEX = 5;
const MINOR_INDEX = 7;

/**
 * Parses the head of a request: request line, header section, empty line. It
 * stops where the bytes end and goes on from there; every split of the bytes
 * gives the same result. What it finds are offsets, nothing is decoded or
 * copied.
 *
 * @example Usage
 * ```ts
 * import { HeadParser } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("GET /a HTTP/1.1\r\nHost: b\r\n\r\n");
 * const parser = new HeadParser();
 * assertEquals(parser.parse(bytes, 0, 10), 0); // needs more bytes
 * assertEquals(parser.parse(bytes, 0, bytes.length), bytes.length);
 * assertEquals([parser.targetStart, parser.targetEnd], [4, 6]);
 * assertEquals(parser.fields.count, 1);
 * ```
 */
export class HeadParser {
  /** Where the method starts; all offsets count from the head's first byte. */
  methodStart = 0;
  /** Where the method ends. */
  methodEnd = 0;
  /** Where the request target starts. */
  targetStart = 0;
  /** Where the request target ends. */
  targetEnd = 0;
  /** The minor version: 1 for HTTP/1.1 and later 1.x, 0 for HTTP/1.0. */
  minorVersion = 1;
  /** Where the header section starts; the offsets of the fields count from there. */
  fieldsStart = 0;
  /** The header fields. */
  readonly fields: FieldParser;

  readonly #maxLine: number;
  #phase = START;
  #at = 0;
  #targetClass = TARGET;

  /** Parses heads within the limits. */
  constructor(limits: ProtocolLimits = DEFAULT_LIMITS) {
    this.#maxLine = limits.requestLine;
    this.fields = new FieldParser(limits.headerBytes, limits.headerCount);
  }

  /** Makes ready for another head. */
  reset(): void {
    this.#phase = START;
    this.#at = 0;
    this.fields.reset();
  }

  /** True if bytes of a head have been seen: more than the empty line before it. */
  get begun(): boolean {
    return this.#phase > METHOD ||
      (this.#phase === METHOD && this.#at > this.methodStart);
  }

  /**
   * Parses the head that starts at `from`; bytes end before `to`. Until it is
   * complete, call again with the same head and more bytes; it may have moved
   * in memory.
   *
   * @returns The index behind the head, 0 if more bytes are needed, or a fault
   * for {@linkcode ProtocolError.of}.
   */
  parse(buffer: Uint8Array, from: number, to: number): number {
    if (this.#phase !== FIELDS) {
      const fault = this.#parseLine(buffer, from, to);
      if (fault < 0) return fault;
      if (this.#phase !== FIELDS) return 0;
    }
    return this.fields.parse(buffer, from + this.fieldsStart, to);
  }

  // Returns 0 or a fault; the line is complete once the phase is FIELDS. Each
  // part returns the index where it stopped, or a fault.
  #parseLine(buffer: Uint8Array, from: number, to: number): number {
    let at = from + this.#at;
    if (this.#phase <= START_LF) {
      at = this.#skipEmptyLine(buffer, at, to);
      if (at < 0) return at;
      this.methodStart = at - from;
    }
    // One byte more than the line may have: the CR that shows its end.
    const end = from + this.methodStart + this.#maxLine + 1;
    const stop = Math.min(to, end);
    if (this.#phase === METHOD) at = this.#readMethod(buffer, from, at, stop);
    if (this.#phase === TARGET_PART) {
      at = this.#readTarget(buffer, from, at, stop);
    }
    if (this.#phase === VERSION) at = this.#readVersion(buffer, from, at, stop);
    if (this.#phase === LINE_LF && at < to) {
      if (buffer[at++] !== LF) return BAD_LINE_END;
      this.fieldsStart = at - from;
      this.#phase = FIELDS;
    }
    if (at === end && this.#phase < LINE_LF) {
      return this.#phase === METHOD ? METHOD_TOO_LONG : REQUEST_LINE_TOO_LONG;
    }
    this.#at = at - from;
    return Math.min(at, 0);
  }

  // One empty line before the request line is passed over (RFC 9112 2.2).
  #skipEmptyLine(buffer: Uint8Array, at: number, to: number): number {
    if (this.#phase === START && at < to) {
      this.#phase = buffer[at] === CR ? START_LF : METHOD;
      if (this.#phase === START_LF) at++;
    }
    if (this.#phase === START_LF && at < to) {
      if (buffer[at++] !== LF) return BAD_LINE_END;
      this.#phase = METHOD;
    }
    return at;
  }

  #readMethod(
    buffer: Uint8Array,
    from: number,
    at: number,
    stop: number,
  ): number {
    while (at < stop && (CHARS[buffer[at]] & TOKEN) !== 0) at++;
    if (at === stop) return at;
    const start = from + this.methodStart;
    if (buffer[at] !== SP || at === start) return BAD_METHOD;
    this.methodEnd = at - from;
    this.targetStart = this.methodEnd + 1;
    this.#targetClass = TARGET;
    this.#phase = TARGET_PART;
    return at + 1;
  }

  #readTarget(
    buffer: Uint8Array,
    from: number,
    at: number,
    stop: number,
  ): number {
    let allowed = this.#targetClass;
    while (at < stop && (CHARS[buffer[at]] & allowed) !== 0) {
      if (buffer[at++] === QUESTION_MARK) allowed = QUERY;
    }
    this.#targetClass = allowed;
    if (at === stop) return at;
    if (buffer[at] !== SP || at - from === this.targetStart) return BAD_TARGET;
    this.targetEnd = at - from;
    this.#phase = VERSION;
    return at + 1;
  }

  #readVersion(
    buffer: Uint8Array,
    from: number,
    at: number,
    stop: number,
  ): number {
    const start = from + this.targetEnd + 1;
    for (; at < stop; at++) {
      const index = at - start;
      if (index === VERSION_LENGTH) {
        if (buffer[at] === LF) return BAD_LINE_END;
        if (buffer[at] !== CR) return BAD_VERSION;
        if (buffer[start + MAJOR_INDEX] !== ONE) return UNSUPPORTED_VERSION;
        this.minorVersion = buffer[start + MINOR_INDEX] === ZERO ? 0 : 1;
        this.#phase = LINE_LF;
        return at + 1;
      }
      if (!isVersionByte(buffer[at], index)) return BAD_VERSION;
    }
    return at;
  }
}

function isVersionByte(byte: number, index: number): boolean {
  const wanted = VERSION_FORM[index];
  return wanted === ZERO ? byte >= ZERO && byte <= NINE : byte === wanted;
}
