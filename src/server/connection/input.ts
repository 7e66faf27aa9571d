/**
 * {@linkcode Input}: what has arrived on a connection and is not used yet, with
 * at most one read under way.
 *
 * @module
 */

import { READ_SIZES, type ReadPool } from "./buffer_pool.ts";
import { noTraffic, type Traffic } from "../host.ts";

/** The reading half of a connection. */
export interface ByteReader {
  /** Reads into `into`; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

const LARGEST = READ_SIZES.length - 1;
const LARGEST_FOR_HEADS = 2;
// The size class of a buffer larger than any of the pool.
const UNPOOLED = READ_SIZES.length;
const DROP_BYTES = 64 * 1024;
const QUIET_READS = 32;
const FULL_READS = 2;

/** The received bytes of a connection, in a buffer that fits its traffic. */
export class Input {
  /** The buffer; what has arrived lies from `start` to before `end`. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where the unused bytes start. */
  start = 0;
  /** Where they end. */
  end = 0;
  /** True once the peer has ended its side. */
  ended = false;

  readonly #reader: ByteReader;
  readonly #pool: ReadPool;
  readonly #traffic: Traffic;
  #sizeClass = 0;
  #headClass = 0;
  #quietReads = 0;
  #fullReads = 0;
  #pending: Promise<number | null> | null = null;

  /** Reads from `reader` into buffers of `pool`, and counts in `traffic`. */
  constructor(
    reader: ByteReader,
    pool: ReadPool,
    traffic: Traffic = noTraffic(),
  ) {
    this.#reader = reader;
    this.#pool = pool;
    this.#traffic = traffic;
    this.bytes = pool.take(0);
  }

  /** The number of unused bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** True if no byte more fits behind what has arrived. */
  get isFull(): boolean {
    return this.end === this.bytes.length;
  }

  /** True if a read is under way. */
  get reading(): boolean {
    return this.#pending !== null;
  }

  /** True if more can be read without a larger buffer. */
  get canReadAhead(): boolean {
    return this.start === this.end || !this.isFull;
  }

  /**
   * Begins a read, or joins the one under way. Whoever awaits it hands both to
   * {@linkcode Input.finish}, and then looks at the bytes: with two waiting,
   * the first one takes them over.
   *
   * @param expected How many bytes of a body are still to come; 0 for a head.
   */
  begin(expected: number): Promise<number | null> {
    if (this.#pending !== null) return this.#pending;
    if (this.ended) return Promise.resolve(null);
    this.#makeRoom(expected);
    const room = this.end === 0 ? this.bytes : this.bytes.subarray(this.end);
    return this.#pending = this.#reader.read(room);
  }

  /** Takes over what a read has brought. */
  finish(read: Promise<number | null>, count: number | null): void {
    if (this.#pending !== read) return;
    this.#pending = null;
    if (count === null) {
      this.ended = true;
      return;
    }
    this.end += count;
    this.#traffic.bytesReceived += count;
    this.#adapt(count);
  }

  // Reads that fill the buffer ask for a larger one, many small ones in a row
  // for a smaller one. Reads into a buffer for a body say nothing, nor does a
  // single large head: an idle connection is not to keep the room for it.
  #adapt(count: number): void {
    if (this.#sizeClass !== this.#headClass) return;
    if (this.isFull) {
      this.#quietReads = 0;
      if (++this.#fullReads < FULL_READS) return;
      this.#fullReads = 0;
      this.#headClass = Math.min(this.#headClass + 1, LARGEST_FOR_HEADS);
    } else if (
      this.#headClass > 0 && count <= READ_SIZES[this.#headClass - 1]
    ) {
      if (++this.#quietReads < QUIET_READS) return;
      this.#headClass--;
      this.#quietReads = this.#fullReads = 0;
    }
  }

  #makeRoom(expected: number): void {
    if (this.start === this.end) {
      this.start = this.end = 0;
      const wanted = expected > 0 ? classFor(expected) : this.#headClass;
      if (wanted !== this.#sizeClass) this.#resize(wanted);
    } else if (this.isFull) {
      if (this.start > 0) this.#compact();
      else this.#resize(Math.min(this.#sizeClass + 1, UNPOOLED));
    }
  }

  #compact(): void {
    this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  #resize(sizeClass: number): void {
    const buffer = sizeClass === UNPOOLED
      ? new Uint8Array(this.bytes.length * 2)
      : this.#pool.take(sizeClass);
    buffer.set(this.bytes.subarray(this.start, this.end));
    this.#giveBack();
    this.bytes = buffer;
    this.#sizeClass = sizeClass;
    this.end -= this.start;
    this.start = 0;
  }

  /** Forgets what has arrived. */
  drop(): void {
    this.start = this.end = 0;
  }

  /** Reads on up to the end, or up to so many bytes, and drops it all. */
  async dropUpTo(most: number): Promise<void> {
    for (let dropped = 0; dropped < most;) {
      this.drop();
      const read = this.begin(DROP_BYTES);
      const count = await read;
      this.finish(read, count);
      if (count === null) return;
      dropped += count;
    }
  }

  #giveBack(): void {
    if (this.#sizeClass !== UNPOOLED) {
      this.#pool.give(this.#sizeClass, this.bytes);
    }
  }

  /** Gives the buffer back; nothing can be read any more. */
  release(): void {
    // The runtime may still write into the buffer of a read under way.
    if (this.#pending === null) this.#giveBack();
    this.ended = true;
    this.drop();
  }
}

function classFor(expected: number): number {
  const found = READ_SIZES.findIndex((size) => size >= expected);
  return found < 0 ? LARGEST : found;
}
