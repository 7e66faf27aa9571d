/**
 * {@linkcode ChunkedDecoder}: the chunked transfer coding (RFC 9112 7.1).
 *
 * @module
 */

import { CHARS, FIELD, HEX_VALUE, TOKEN } from "../grammar/chars.ts";
import { latin1 } from "../grammar/latin1.ts";
import {
  BAD_CHUNK_END,
  BAD_CHUNK_EXTENSION,
  BAD_CHUNK_SIZE,
  BAD_LINE_END,
  CHUNK_LINE_TOO_LONG,
} from "./errors.ts";
import { FieldParser } from "./field_parser.ts";
import type { ProtocolLimits } from "./limits.ts";

// States of the decoder. Those up to SIZE_LF read the line before a chunk, of
// which those from EXT_START to EXT_QUOTE_END read its extensions.
const SIZE_START = 0;
const SIZE = 1;
const EXT_START = 2; // white space before a semicolon
const EXT_NAME_START = 3;
const EXT_NAME = 4;
const EXT_NAME_END = 5; // white space before an equals sign or a semicolon
const EXT_VALUE_START = 6;
const EXT_VALUE = 7;
const EXT_QUOTED = 8;
const EXT_ESCAPE = 9;
const EXT_QUOTE_END = 10;
const SIZE_LF = 11;
const DATA = 12;
const DATA_CR = 13;
const DATA_LF = 14;
const TRAILER = 15;
const DONE = 16;

const HTAB = 9;
const LF = 10;
const CR = 13;
const SP = 32;
const QUOTE = 34;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;

function isSpace(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function isTokenByte(byte: number): boolean {
  return (CHARS[byte] & TOKEN) !== 0;
}

/**
 * Decodes one chunked body after the other. Sizes are hexadecimal digits alone;
 * extensions must follow the grammar and are passed over; all of them are
 * bounded, as is the trailer section.
 *
 * @example Usage
 * ```ts
 * import { ChunkedDecoder, DEFAULT_LIMITS } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("5\r\nhello\r\n0\r\n\r\n");
 * const decoder = new ChunkedDecoder(DEFAULT_LIMITS);
 * let text = "";
 * for (let at = 0; !decoder.done;) {
 *   at = decoder.decode(bytes, at, bytes.length);
 *   const data = bytes.subarray(decoder.dataStart, decoder.dataEnd);
 *   text += new TextDecoder().decode(data);
 * }
 * assertEquals(text, "hello");
 * ```
 */
export class ChunkedDecoder {
  /** Where the data found by the last call start. */
  dataStart = 0;
  /** Where they end. */
  dataEnd = 0;
  /** The trailer section as text, once the body is complete. */
  trailers = "";

  readonly #limits: ProtocolLimits;
  readonly #fields: FieldParser;
  #state = SIZE_START;
  #size = 0;
  #lineBytes = 0;
  #extensionBytes = 0;

  /** Decodes within the limits. */
  constructor(limits: ProtocolLimits) {
    this.#limits = limits;
    this.#fields = new FieldParser(limits.trailerBytes, limits.headerCount);
  }

  /** Makes ready for another body. */
  reset(): void {
    this.#state = SIZE_START;
    this.#size = this.#lineBytes = this.#extensionBytes = 0;
    this.#fields.reset();
    this.trailers = "";
  }

  /** True once the last chunk and the trailer section were read. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /**
   * Decodes from `from` to before `to`, at most up to the end of one run of
   * data, which is then at {@linkcode ChunkedDecoder.dataStart}.
   *
   * @returns The index up to which bytes were used, or a fault. Bytes of an
   * incomplete trailer section are not used: give them again with more.
   */
  decode(buffer: Uint8Array, from: number, to: number): number {
    let at = from;
    this.dataStart = this.dataEnd = from;
    while (at < to && this.#state < TRAILER) {
      if (this.#state === DATA) return this.#takeData(at, to);
      const fault = this.#step(buffer[at++]);
      if (fault !== 0) return fault;
    }
    return this.#state === TRAILER ? this.#readTrailers(buffer, at, to) : at;
  }

  #takeData(at: number, to: number): number {
    const end = Math.min(to, at + this.#size);
    this.dataStart = at;
    this.dataEnd = end;
    this.#size -= end - at;
    if (this.#size === 0) this.#state = DATA_CR;
    return end;
  }

  #readTrailers(buffer: Uint8Array, at: number, to: number): number {
    const end = this.#fields.parse(buffer, at, to);
    if (end < 0) return end;
    if (end === 0) return at;
    this.trailers = latin1(buffer, at, end);
    this.#state = DONE;
    return end;
  }

  // Takes one byte outside of data; returns 0 or a fault.
  #step(byte: number): number {
    if (this.#state <= SIZE_LF) return this.#stepLine(byte);
    if (this.#state === DATA_CR) {
      this.#state = DATA_LF;
      return byte === CR ? 0 : BAD_CHUNK_END;
    }
    this.#state = SIZE_START;
    this.#size = this.#lineBytes = 0;
    return byte === LF ? 0 : BAD_CHUNK_END;
  }

  #stepLine(byte: number): number {
    if (++this.#lineBytes > this.#limits.chunkLineBytes) {
      return CHUNK_LINE_TOO_LONG;
    }
    if (this.#state === SIZE_LF) {
      if (byte !== LF) return BAD_LINE_END;
      this.#state = this.#size === 0 ? TRAILER : DATA;
      return 0;
    }
    if (this.#state <= SIZE) return this.#stepSize(byte);
    if (++this.#extensionBytes > this.#limits.chunkExtensionBytes) {
      return CHUNK_LINE_TOO_LONG;
    }
    const next = nextExtensionState(this.#state, byte);
    if (next < 0) return BAD_CHUNK_EXTENSION;
    this.#state = next;
    return 0;
  }

  #stepSize(byte: number): number {
    const digit = HEX_VALUE[byte];
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      this.#state = SIZE;
      return this.#size > Number.MAX_SAFE_INTEGER || this.#lineBytes > 16
        ? BAD_CHUNK_SIZE
        : 0;
    }
    if (this.#state === SIZE_START) return BAD_CHUNK_SIZE;
    if (byte === CR) this.#state = SIZE_LF;
    else if (byte === SEMICOLON) this.#state = EXT_NAME_START;
    else if (isSpace(byte)) this.#state = EXT_START;
    else return BAD_CHUNK_SIZE;
    return 0;
  }
}

/**
 * The state behind `byte` within chunk extensions, or -1:
 * `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`
 * (RFC 9112 7.1.1).
 */
function nextExtensionState(state: number, byte: number): number {
  switch (state) {
    case EXT_START:
      if (isSpace(byte)) return EXT_START;
      return byte === SEMICOLON ? EXT_NAME_START : -1;
    case EXT_NAME_START:
      if (isSpace(byte)) return EXT_NAME_START;
      return isTokenByte(byte) ? EXT_NAME : -1;
    case EXT_NAME:
      if (isTokenByte(byte)) return EXT_NAME;
      if (byte === EQUALS) return EXT_VALUE_START;
      return isSpace(byte) ? EXT_NAME_END : afterExtension(byte);
    case EXT_NAME_END:
      if (isSpace(byte)) return EXT_NAME_END;
      if (byte === EQUALS) return EXT_VALUE_START;
      return byte === SEMICOLON ? EXT_NAME_START : -1;
    case EXT_VALUE_START:
      if (isSpace(byte)) return EXT_VALUE_START;
      if (byte === QUOTE) return EXT_QUOTED;
      return isTokenByte(byte) ? EXT_VALUE : -1;
    case EXT_VALUE:
      if (isTokenByte(byte)) return EXT_VALUE;
      return isSpace(byte) ? EXT_START : afterExtension(byte);
    case EXT_QUOTED:
      if (byte === QUOTE) return EXT_QUOTE_END;
      if (byte === BACKSLASH) return EXT_ESCAPE;
      return (CHARS[byte] & FIELD) !== 0 ? EXT_QUOTED : -1;
    case EXT_ESCAPE:
      return (CHARS[byte] & FIELD) !== 0 ? EXT_QUOTED : -1;
    default:
      return isSpace(byte) ? EXT_START : afterExtension(byte);
  }
}

function afterExtension(byte: number): number {
  if (byte === CR) return SIZE_LF;
  return byte === SEMICOLON ? EXT_NAME_START : -1;
}
