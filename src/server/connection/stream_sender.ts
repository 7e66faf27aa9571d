/**
 * {@linkcode StreamSender}: a content that a function writes, onto a connection
 * in chunks.
 *
 * @module
 */

import { PENDING, settledSoon } from "../../http/pieces.ts";
import type { PieceSink, StreamBody } from "../../http/stream_body.ts";
import type { PieceSender } from "./piece_sender.ts";

// A writer that awaits each piece takes one or two for it.
const QUIET_TURNS = 10;

/** Sends the content of one answer. */
export class StreamSender implements PieceSink {
  readonly #sender: PieceSender;
  readonly #begin: () => void;
  #isBegun = false;
  #writes = 0;
  #watching: Promise<void> | null = null;
  #reason: unknown = undefined;
  #isCancelled = false;
  #isDone = false;

  /** Sends by `sender`, with a head that `begin` appends. */
  constructor(sender: PieceSender, begin: () => void) {
    this.#sender = sender;
    this.#begin = begin;
  }

  /** Sends all of a content but the last chunk. Rejects with what its function throws. */
  async send(body: StreamBody): Promise<void> {
    const written = body.writeTo(this);
    try {
      // The head waits a moment for the first piece: the function may read the
      // body of the request, whose sender wants `100 Continue` first.
      if (await settledSoon(written) === PENDING) await this.#sendHead();
      await written;
      this.#ensureBegun();
    } finally {
      this.#isDone = true;
      await this.#watching;
    }
  }

  /** Gives the content up: its function hears of it with the next piece. */
  cancel(reason: unknown): void {
    this.#isCancelled = true;
    this.#reason = reason;
  }

  /** Appends a piece; a promise tells that something has to be sent first. */
  write(piece: Uint8Array): void | Promise<void> {
    this.#ensureBegun();
    // The function has waited: it holds nobody up.
    if (this.#watching === null) this.#sender.restart();
    if (this.#sender.isLate) {
      return this.#noteLater(this.#sender.appendLate(piece));
    }
    if (!this.#sender.tryAppend(piece)) {
      return this.#noteLater(this.#sender.append(piece));
    }
    this.#noteWritten();
  }

  async #noteLater(appended: Promise<void>): Promise<void> {
    await appended;
    this.#noteWritten();
  }

  // Only when it is in the buffer, or it would miss the flush.
  #noteWritten(): void {
    this.#writes++;
    this.#watching ??= this.#watch();
  }

  /** Sends what was appended. */
  async flush(): Promise<void> {
    this.#ensureBegun();
    await this.#sender.flush();
  }

  async #sendHead(): Promise<void> {
    if (!this.#isBegun && !this.#isCancelled) await this.flush();
  }

  // The connection may belong to the next answer once this one has ended.
  #ensureBegun(): void {
    if (this.#isCancelled) throw this.#reason;
    if (this.#isDone) throw new Error("The content has ended");
    if (this.#isBegun) return;
    this.#begin();
    this.#isBegun = true;
  }

  // Sends what was written once nothing follows it at once.
  async #watch(): Promise<void> {
    for (let seen = -1; seen !== this.#writes && !this.#isDone;) {
      seen = this.#writes;
      for (let turn = 0; turn < QUIET_TURNS; turn++) await null;
      // A connection that broke is told of by the next piece.
      if (this.#isQuietSince(seen)) await this.#sender.flush().catch(() => {});
    }
    this.#watching = null;
  }

  #isQuietSince(writes: number): boolean {
    return this.#writes === writes && !this.#isDone;
  }
}
