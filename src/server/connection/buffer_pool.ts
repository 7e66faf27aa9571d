/**
 * Pools of buffers that connections borrow: making one costs more than the
 * rest of a request.
 *
 * @module
 */

import { ByteBuffer } from "../../protocol/byte_buffer.ts";

/** Sizes of read buffers: idle, browser heads, pipelines and small bodies, uploads. */
export const READ_SIZES: readonly number[] = [512, 4096, 16_384, 65_536];

const SLAB_BYTES = 64 * 1024;
const MAX_FREE_BYTES = 4 * 1024 * 1024;

/** Hands out read buffers of the {@linkcode READ_SIZES}. */
export class ReadPool {
  readonly #free: Uint8Array<ArrayBuffer>[][] = READ_SIZES.map(() => []);

  /** A buffer of a size class. */
  take(sizeClass: number): Uint8Array<ArrayBuffer> {
    return this.#free[sizeClass].pop() ?? this.#make(sizeClass);
  }

  /** Takes a buffer back. */
  give(sizeClass: number, buffer: Uint8Array<ArrayBuffer>): void {
    const free = this.#free[sizeClass];
    const isSmall = sizeClass === 0;
    // Slots of a slab are kept: they only cost anything together.
    if (isSmall || free.length * buffer.length < MAX_FREE_BYTES) {
      free.push(buffer);
    }
  }

  // The smallest are slots of one slab: a buffer of its own costs 390 ns to
  // make, and its bookkeeping as many bytes as it holds.
  #make(sizeClass: number): Uint8Array<ArrayBuffer> {
    const size = READ_SIZES[sizeClass];
    if (sizeClass > 0) return new Uint8Array(size);
    const slab = new ArrayBuffer(SLAB_BYTES);
    for (let at = size; at < SLAB_BYTES; at += size) {
      this.#free[0].push(new Uint8Array(slab, at, size));
    }
    return new Uint8Array(slab, 0, size);
  }
}

const OUTPUT_BYTES = 16 * 1024;
const MAX_FREE_OUTPUTS = 256;
const LARGE_BYTES = 512 * 1024;
const MAX_LARGE = 16;

/** Hands out buffers for what is to be sent. */
export class OutputPool {
  readonly #free: ByteBuffer[] = [];
  readonly #large = new Set<ByteBuffer>();
  readonly #freeLarge: ByteBuffer[] = [];

  /** An empty buffer. */
  take(): ByteBuffer {
    return this.#free.pop() ?? new ByteBuffer(OUTPUT_BYTES);
  }

  /**
   * An empty buffer of 512 KiB; `null` while 16 are lent. One write of so much
   * costs a third less than eight, but slow clients must not be able to take up
   * more memory by it.
   */
  takeLarge(): ByteBuffer | null {
    const free = this.#freeLarge.pop();
    if (free !== undefined) return free;
    if (this.#large.size === MAX_LARGE) return null;
    const made = new ByteBuffer(LARGE_BYTES);
    this.#large.add(made);
    return made;
  }

  /** Tells whether a buffer is one of the large ones. */
  isLarge(buffer: ByteBuffer): boolean {
    return buffer.bytes.length >= LARGE_BYTES && this.#large.has(buffer);
  }

  /** Takes a buffer back. One that has grown is dropped. */
  give(buffer: ByteBuffer): void {
    buffer.truncate(0);
    const { length } = buffer.bytes;
    if (this.isLarge(buffer)) {
      if (length === LARGE_BYTES) this.#freeLarge.push(buffer);
      else this.forget(buffer);
    } else if (
      length <= OUTPUT_BYTES * 8 && this.#free.length < MAX_FREE_OUTPUTS
    ) this.#free.push(buffer);
  }

  /** Never gets a buffer back: another one may be made in its place. */
  forget(buffer: ByteBuffer): void {
    this.#large.delete(buffer);
  }
}
