/**
 * {@linkcode Output}: what is to be sent on a connection, in one write where
 * that is possible, and never two writes at a time.
 *
 * @module
 */

import type { ByteBuffer } from "../../protocol/byte_buffer.ts";
import type { OutputPool } from "./buffer_pool.ts";
import { noTraffic, type Traffic } from "../host.ts";

// The kernel takes up to 4 MB at once, and copying them holds everybody up.
const WRITE_BYTES = 512 * 1024;

/**
 * Content up to this many bytes is copied behind its head and leaves in one write
 * with it; more goes to the runtime as it is.
 */
export const COPY_BYTES = 64 * 1024;

/** The writing half of a connection. */
export interface ByteWriter {
  /** Writes some of the bytes and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** A clock that costs next to nothing to look at; a `DeadlineSweeper` is one. */
export interface CoarseTime {
  /** Milliseconds since 1970, up to a tick old, or as much as the thread was busy. */
  readonly now: number;
  /** The time to the millisecond, which takes a look at the clock. */
  exactNow(): number;
}

/** Where answers are put together and sent from. */
export class Output {
  /** When the bytes last moved or were last asked to, by the coarse clock; `Infinity` while nothing is sent. */
  sendingSince = Infinity;
  /** Bytes sent so far. */
  sent = 0;
  /** True once the connection is closed. */
  isReleased = false;
  /** Where its buffers are from. */
  readonly pool: OutputPool;

  readonly #writer: ByteWriter;
  readonly #time: CoarseTime;
  readonly #traffic: Traffic;
  #buffer: ByteBuffer | null = null;
  #sending: Promise<void> | null = null;
  #unsent: ByteBuffer | null = null;

  /**
   * Sends to `writer` from buffers of `pool`; `time` tells the coarse time, and
   * `traffic` counts.
   */
  constructor(
    writer: ByteWriter,
    pool: OutputPool,
    time: CoarseTime,
    traffic: Traffic = noTraffic(),
  ) {
    this.#writer = writer;
    this.pool = pool;
    this.#time = time;
    this.#traffic = traffic;
  }

  /** The buffer to append to. Fetch it anew after each flush. */
  get buffer(): ByteBuffer {
    return this.#buffer ??= this.pool.take();
  }

  /** Gives the buffer more room, if a large one is to be had: what was appended moves there. */
  widen(): void {
    // A piece may come when nobody is left to send it to, or to give a buffer back.
    if (this.isReleased) return;
    const small = this.#buffer;
    if (small !== null && this.pool.isLarge(small)) return;
    const large = this.pool.takeLarge();
    if (large === null) return;
    this.#buffer = large;
    if (small === null) return;
    large.append(small.appended);
    this.pool.give(small);
  }

  /** True while bytes are given to the runtime. */
  get isSending(): boolean {
    return this.#sending !== null;
  }

  /** The number of bytes not given to the runtime yet. */
  get length(): number {
    return this.#buffer === null ? 0 : this.#buffer.length;
  }

  /** Where the next byte to be appended comes among all that were sent. */
  get end(): number {
    return this.sent + this.length;
  }

  /**
   * Begins to send what was appended, with one promise: the runtime's. Whoever
   * awaits it hands the result to {@linkcode Output.finish}. For a time when
   * nobody else can be sending.
   */
  begin(): Promise<number> {
    const buffer = this.buffer;
    this.#unsent = buffer;
    this.#buffer = null;
    this.sendingSince = this.#time.now;
    return this.#writer.write(buffer.appended);
  }

  /** Notes what was sent. False if a rest is left for {@linkcode Output.flush}. */
  finish(count: number): boolean {
    const buffer = this.#unsent;
    this.#unsent = null;
    this.#count(count);
    this.sendingSince = Infinity;
    if (buffer === null) return true;
    if (count < buffer.length) {
      buffer.bytes.copyWithin(0, count, buffer.length);
      buffer.truncate(buffer.length - count);
      this.#buffer = buffer;
      return false;
    }
    this.pool.give(buffer);
    return true;
  }

  /** Sends all that was appended. Rejects if the connection broke. */
  async flush(): Promise<void> {
    // Concurrent writes on one connection would mix their bytes.
    while (this.#sending !== null) await this.#sending;
    const buffer = this.#buffer;
    if (buffer === null || buffer.length === 0) return;
    this.#buffer = null;
    try {
      await (this.#sending = this.#send(buffer.bytes, buffer.length));
    } finally {
      this.pool.give(buffer);
    }
  }

  /** Sends all that was appended, and then `bytes`, without a copy. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.flush();
    if (bytes.length === 0) return;
    await (this.#sending = this.#send(bytes, bytes.length));
  }

  // For one byte at least: it must not be done before it is noted as under way.
  async #send(bytes: Uint8Array, length: number): Promise<void> {
    try {
      for (let at = 0; at < length;) {
        // A peer that is slow must not lose what the thread was busy for.
        this.sendingSince = this.#time.exactNow();
        const end = Math.min(length, at + WRITE_BYTES);
        const count = await this.#writer.write(bytes.subarray(at, end));
        at += count;
        this.#count(count);
      }
      this.sendingSince = Infinity;
    } finally {
      this.#sending = null;
    }
  }

  #count(bytes: number): void {
    this.sent += bytes;
    this.#traffic.bytesSent += bytes;
  }

  /** Gives the buffer back unsent. */
  release(): void {
    this.isReleased = true;
    // The runtime may still read from it.
    if (this.#unsent !== null) this.pool.forget(this.#unsent);
    if (this.#buffer !== null) this.pool.give(this.#buffer);
    this.#buffer = null;
  }
}
