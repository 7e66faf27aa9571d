/**
 * {@linkcode EncodedBody}: a content that is coded while it is sent.
 *
 * @module
 */

import type { Pieces } from "../../http/pieces.ts";
import type { Coder, Encoder } from "./encoder.ts";
import { cpuTurn, SLICE_BYTES } from "./turns.ts";

/** How long a source may pause before what it gave so far is sent. */
const PAUSE_MS = 20;

const PAUSED: unique symbol = Symbol("paused");

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * A content, coded as it is asked for: nothing is read from its source before
 * what came out of the last piece was taken. Given up, it frees the encoder and
 * cancels the source at once.
 */
export class EncodedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #openSource: () => Pieces;
  readonly #coder: Coder;
  readonly #isLive: boolean;
  #source: Pieces | null = null;
  #encoder: Encoder | null = null;
  #reading: Promise<Uint8Array | null> | null = null;
  #rest: Uint8Array | null = null;
  #unflushed = false;
  #inTurn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #state: "open" | "ended" | "closed" = "open";

  /**
   * Codes by `coder` what `openSource` gives; each piece of a live content is
   * decodable at once.
   */
  constructor(openSource: () => Pieces, coder: Coder, isLive: boolean) {
    this.#openSource = openSource;
    this.#coder = coder;
    this.#isLive = isLive;
  }

  /** Itself: it can be read once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next coded bytes. */
  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#next();
    } catch (error) {
      // Whoever has given it up does not want to hear what that broke.
      if (this.#state === "closed") return DONE;
      await this.#close(error);
      throw error;
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    while (this.#state !== "closed") {
      const encoder = this.#encoder ??= this.#open();
      const value = encoder.take();
      if (value !== null) return { done: false, value };
      if (this.#state === "ended") break;
      await this.#advance(encoder);
    }
    this.#release();
    return DONE;
  }

  #open(): Encoder {
    this.#source = this.#openSource();
    return this.#coder.open(this.#isLive);
  }

  async #advance(encoder: Encoder): Promise<void> {
    const piece = await this.#pull();
    if (this.#state === "closed") return;
    if (piece === PAUSED) await this.#flush(encoder);
    else if (piece === null) await this.#end(encoder);
    else await this.#encode(encoder, piece);
  }

  async #encode(encoder: Encoder, piece: Uint8Array): Promise<void> {
    this.#inTurn += piece.length;
    if (this.#inTurn > SLICE_BYTES) {
      await cpuTurn();
      if (this.#state === "closed") return;
      this.#inTurn = piece.length;
    }
    this.#unflushed = true;
    await encoder.write(piece);
    if (this.#isLive && this.#rest === null) await this.#flush(encoder);
  }

  async #flush(encoder: Encoder): Promise<void> {
    this.#unflushed = false;
    await encoder.flush();
  }

  async #end(encoder: Encoder): Promise<void> {
    await encoder.end();
    await this.#source?.end();
    if (this.#state === "open") this.#state = "ended";
  }

  // A slice of the current piece, else the next piece, unless the source keeps
  // its reader waiting and something is held back in the encoder.
  async #pull(): Promise<Uint8Array | null | typeof PAUSED> {
    if (this.#rest === null) {
      const reading = this.#reading ??= this.#read();
      const piece = this.#unflushed
        ? await this.#unlessPaused(reading)
        : await reading;
      if (piece === PAUSED) return PAUSED;
      this.#reading = null;
      if (piece === null) return null;
      this.#rest = piece;
    }
    const rest = this.#rest;
    this.#rest = rest.length > SLICE_BYTES ? rest.subarray(SLICE_BYTES) : null;
    return rest.length > SLICE_BYTES ? rest.subarray(0, SLICE_BYTES) : rest;
  }

  #read(): Promise<Uint8Array | null> {
    const reading = this.#source?.next() ?? Promise.resolve(null);
    // It may fail while a flush is sent, before anybody asks for it again.
    reading.catch(() => {});
    return reading;
  }

  async #unlessPaused(
    reading: Promise<Uint8Array | null>,
  ): Promise<Uint8Array | null | typeof PAUSED> {
    const paused = Promise.withResolvers<typeof PAUSED>();
    this.#timer = setTimeout(paused.resolve, PAUSE_MS, PAUSED);
    try {
      return await Promise.race([reading, paused.promise]);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #release(): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#encoder?.close();
  }

  async #close(reason: unknown): Promise<void> {
    if (this.#state === "closed") return;
    this.#release();
    // Not read yet, the source is opened to be cancelled.
    const source = this.#source ??= this.#openSource();
    await source.cancel(reason);
  }

  /** Gives it up. */
  async return(reason?: unknown): Promise<IteratorResult<Uint8Array>> {
    await this.#close(reason);
    return DONE;
  }
}
