/**
 * {@linkcode BodyDecoder}: a body of any framing behind one interface.
 *
 * @module
 */

import { ChunkedDecoder } from "./chunked.ts";
import { CHUNKED_BODY, NO_BODY } from "./framing.ts";
import type { ProtocolLimits } from "./limits.ts";

/**
 * Decodes one body after the other (RFC 9112 6.3).
 *
 * @example Usage
 * ```ts
 * import { BodyDecoder, DEFAULT_LIMITS, LENGTH_BODY } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("hello and more");
 * const decoder = new BodyDecoder(DEFAULT_LIMITS);
 * decoder.begin(LENGTH_BODY, 5);
 * assertEquals(decoder.decode(bytes, 0, 2), 2);
 * assertEquals([decoder.done, decoder.left], [false, 3]);
 * assertEquals(decoder.decode(bytes, 2, bytes.length), 5);
 * assertEquals(decoder.done, true);
 * ```
 */
export class BodyDecoder {
  /** Where the data found by the last call start. */
  dataStart = 0;
  /** Where they end. */
  dataEnd = 0;
  /** True once the body is complete, trailers too. */
  done = true;
  /** True for a chunked body. */
  chunked = false;
  /** Bytes that a body of declared length still lacks. */
  left = 0;

  readonly #limits: ProtocolLimits;
  #decoder: ChunkedDecoder | null = null;
  #fault = 0;

  /** Decodes within the limits. */
  constructor(limits: ProtocolLimits) {
    this.#limits = limits;
  }

  /** Makes ready for a body of this framing, see {@linkcode Framing.body}. */
  begin(framing: number, contentLength: number): void {
    this.done = framing === NO_BODY;
    this.chunked = framing === CHUNKED_BODY;
    this.left = this.chunked ? 0 : contentLength;
    this.#fault = 0;
    if (!this.chunked) return;
    this.#decoder ??= new ChunkedDecoder(this.#limits);
    this.#decoder.reset();
  }

  /** The trailer section as text, once the body is complete. */
  get trailers(): string {
    return this.chunked && this.#decoder !== null ? this.#decoder.trailers : "";
  }

  /**
   * Decodes from `from` to before `to`, at most up to the end of one run of
   * data, which is then at {@linkcode BodyDecoder.dataStart}.
   *
   * @returns The index up to which bytes were used, or a fault. Bytes that were
   * not used must be given again, with more.
   */
  decode(buffer: Uint8Array, from: number, to: number): number {
    if (this.#decoder !== null && this.chunked) {
      // Nothing behind a fault can be understood.
      if (this.#fault < 0) return this.#fault;
      const end = this.#decoder.decode(buffer, from, to);
      if (end < 0) this.#fault = end;
      this.dataStart = this.#decoder.dataStart;
      this.dataEnd = this.#decoder.dataEnd;
      this.done = this.#decoder.done;
      return end;
    }
    const end = Math.min(to, from + this.left);
    this.dataStart = from;
    this.dataEnd = end;
    this.left -= end - from;
    this.done = this.left === 0;
    return end;
  }
}
