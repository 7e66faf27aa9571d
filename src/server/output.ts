/**
 * {@linkcode Output}: what is to be sent on a connection, in one write where
 * that is possible, and never two writes at a time.
 *
 * @module
 */

import type { ByteBuffer } from "../protocol/byte_buffer.ts";
import type { OutputPool } from "./buffer_pool.ts";

/** The writing half of a connection. */
export interface ByteWriter {
  /** Writes some of the bytes and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Where answers are put together and sent from. */
export class Output {
  /** When the bytes last moved or were last asked to, by the coarse clock; `Infinity` while nothing is sent. */
  sendingSince = Infinity;
  /** Bytes sent so far. */
  sent = 0;

  readonly #writer: ByteWriter;
  readonly #pool: OutputPool;
  readonly #now: () => number;
  #buffer: ByteBuffer | null = null;
  #sending: Promise<void> | null = null;

  /** Sends to `writer` from buffers of `pool`; `now` tells the coarse time in ms. */
  constructor(writer: ByteWriter, pool: OutputPool, now: () => number) {
    this.#writer = writer;
    this.#pool = pool;
    this.#now = now;
  }

  /** The buffer to append to. Fetch it anew after each flush. */
  get buffer(): ByteBuffer {
    return this.#buffer ??= this.#pool.take();
  }

  /** The number of bytes not given to the runtime yet. */
  get length(): number {
    return this.#buffer === null ? 0 : this.#buffer.length;
  }

  /** Sends all that was appended. Rejects if the connection broke. */
  flush(): Promise<void> {
    // Concurrent writes on one connection would mix their bytes.
    if (this.#sending !== null) return this.#flushAfter(this.#sending);
    const buffer = this.#buffer;
    if (buffer === null) return Promise.resolve();
    this.#buffer = null;
    return this.#sending = this.#send(buffer.bytes, buffer.length, buffer);
  }

  async #flushAfter(sending: Promise<void>): Promise<void> {
    await sending;
    await this.flush();
  }

  /** Sends all that was appended, and then `bytes`, without a copy. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await (this.#sending = this.#send(bytes, bytes.length, null));
  }

  async #send(
    bytes: Uint8Array,
    length: number,
    buffer: ByteBuffer | null,
  ): Promise<void> {
    try {
      for (let at = 0; at < length;) {
        this.sendingSince = this.#now();
        const count = await this.#writer.write(bytes.subarray(at, length));
        at += count;
        this.sent += count;
      }
      this.sendingSince = Infinity;
    } finally {
      this.#sending = null;
      if (buffer !== null) this.#pool.give(buffer);
    }
  }

  /** Gives the buffer back unsent. */
  release(): void {
    if (this.#buffer !== null) this.#pool.give(this.#buffer);
    this.#buffer = null;
  }
}
