/**
 * {@linkcode HeadCopy}: the bytes of a head, to see whether it comes again.
 *
 * @module
 */

import { viewOf } from "./views.ts";

const WORD_BYTES = 8;

/** A copy of a head. */
export class HeadCopy {
  // Eight bytes are one double, so that a plain array holds them: it costs no
  // call into the runtime to make, as memory of its own would. What is not a
  // number equals nothing, itself neither, but no ASCII makes one.
  readonly #words: number[] = [];
  readonly #length: number;
  #memory: ArrayBufferLike;
  #view: DataView;

  /** Copies `length` bytes of `buffer` from `from` on, at least 8. */
  constructor(buffer: Uint8Array, from: number, length: number) {
    this.#length = length;
    this.#memory = buffer.buffer;
    this.#view = viewOf(buffer.buffer);
    const start = buffer.byteOffset + from;
    const last = length - WORD_BYTES;
    for (let at = 0; at < last; at += WORD_BYTES) {
      this.#words.push(this.#view.getFloat64(start + at, true));
    }
    this.#words.push(this.#view.getFloat64(start + last, true));
  }

  /** Tells whether `buffer` has the same bytes at `from`, where as many must be. */
  equals(buffer: Uint8Array, from: number): boolean {
    if (this.#memory !== buffer.buffer) {
      this.#memory = buffer.buffer;
      this.#view = viewOf(buffer.buffer);
    }
    const view = this.#view;
    const words = this.#words;
    const start = buffer.byteOffset + from;
    const last = words.length - 1;
    for (let at = 0; at < last; at++) {
      const word = view.getFloat64(start + at * WORD_BYTES, true);
      if (word !== words[at]) return false;
    }
    const end = start + this.#length - WORD_BYTES;
    return view.getFloat64(end, true) === words[last];
  }
}
