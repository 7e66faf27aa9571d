/**
 * {@linkcode PieceSender}: a content that comes bit by bit onto a connection, in
 * chunks or as it is.
 *
 * @module
 */

import type { FieldLines } from "../../http/headers.ts";
import { PENDING, type Pieces, settledSoon } from "../../http/pieces.ts";
import { appendChunk, appendLastChunk } from "../../protocol/message_parts.ts";
import { COPY_BYTES, type Output } from "./output.ts";

/** The next piece, or `null` for the end. */
export type NextPiece = Promise<Uint8Array | null>;

// Pieces are copied into frames of this size where no large buffer is free, and
// behind so much of an answer: with all of 100 MiB in large ones the process grew
// by 47 MiB, else by 33. Short-lived pieces of an application are only collected
// as often as small objects are made beside them.
const FRAME_BYTES = 32 * 1024;
const WIDE_BYTES = 8 * 1024 * 1024;
// The size of a chunk in hexadecimal digits, and two line ends.
const CHUNK_OVERHEAD = 20;
// Less room than this is not worth a chunk of its own.
const LEAST_ROOM = 4 * 1024;
// A source that computes its pieces holds all others up until some are sent.
const MOST_MS = 5;

/** The content of an answer ended before, or went on after, its declared length. */
export class ContentLengthError extends Error {
  /** Makes the error. */
  constructor(declared: number, sent: number) {
    super(
      `The response body has ${sent} bytes where ${declared} were declared`,
    );
    this.name = "ContentLengthError";
  }
}

/** Sends the pieces of the answers of one connection. */
export class PieceSender {
  /** Bytes around the chunks of the current answer so far. */
  framing = 0;
  #appended = 0;
  #flushedAt = 0;
  readonly #output: Output;

  /** Sends to `output`. */
  constructor(output: Output) {
    this.#output = output;
  }

  /** Another answer begins. */
  begin(): void {
    this.framing = this.#appended = 0;
    this.restart();
  }

  /** Counts from now on for how long nothing was sent. */
  restart(): void {
    this.#flushedAt = performance.now();
  }

  /**
   * Sends pieces in chunks up to the last, which is only appended. Those that are
   * at hand go together: each write costs as much as copying 32 KiB.
   */
  async sendChunks(pieces: Pieces, next: NextPiece): Promise<void> {
    this.restart();
    for (let coming = next;;) {
      const piece = await this.#take(coming);
      if (piece === null) return;
      await this.append(piece);
      coming = pieces.next();
    }
  }

  // What waits to be sent does not wait for a piece that takes its time, nor is
  // it lost with one that fails.
  async #take(next: NextPiece): NextPiece {
    const soon = await settledSoon(next).catch(() => PENDING);
    const { isLate } = this;
    if (soon === PENDING) await this.flush();
    else if (isLate && soon !== null) await this.#giveTurn();
    return soon === PENDING ? await next : soon as Uint8Array | null;
  }

  /** True if nothing was sent for so long that others must have a turn. */
  get isLate(): boolean {
    return performance.now() - this.#flushedAt >= MOST_MS;
  }

  // A write that is done at once gives nobody else a turn.
  async #giveTurn(): Promise<void> {
    await this.flush();
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.restart();
  }

  /** Sends what was appended. */
  async flush(): Promise<void> {
    await this.#output.flush();
    this.restart();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#output.write(bytes);
    this.restart();
  }

  /** Appends a piece in chunks, and sends those that there is no room for. */
  append(piece: Uint8Array): Promise<void> {
    return this.#append(piece, true);
  }

  /** Appends a piece in a chunk; false if there is no room for all of it. */
  tryAppend(piece: Uint8Array): boolean {
    if (piece.length === 0) return true;
    if (piece.length > this.#makeRoom(piece.length)) return false;
    this.#appended += piece.length;
    this.#appendChunk(piece);
    return true;
  }

  /** Gives others a turn, and then appends a piece in chunks. */
  async appendLate(piece: Uint8Array): Promise<void> {
    await this.#giveTurn();
    await this.append(piece);
  }

  async #append(piece: Uint8Array, isChunked: boolean): Promise<void> {
    for (let at = 0; at < piece.length;) {
      const room = this.#makeRoom(piece.length - at);
      if (room < LEAST_ROOM) await this.flush();
      else {
        const isWhole = at === 0 && piece.length <= room;
        const data = isWhole ? piece : piece.subarray(at, at + room);
        this.#appended += data.length;
        if (isChunked) this.#appendChunk(data);
        else this.#output.buffer.append(data);
        at += room;
      }
    }
  }

  // Frames that fit into the buffer as it is do not need a large one.
  #makeRoom(length: number): number {
    const { buffer } = this.#output;
    const wanted = buffer.length + length + CHUNK_OVERHEAD;
    const isWide = this.#appended < WIDE_BYTES;
    if (isWide && wanted > buffer.bytes.length) this.#output.widen();
    const { bytes, length: used } = this.#output.buffer;
    const size = isWide ? Math.max(bytes.length, FRAME_BYTES) : FRAME_BYTES;
    return size - used - CHUNK_OVERHEAD;
  }

  #appendChunk(data: Uint8Array): void {
    const out = this.#output.buffer;
    const before = out.length + data.length;
    appendChunk(out, data);
    this.framing += out.length - before;
  }

  /** Appends the last chunk and the trailers. */
  appendLastChunk(trailers: FieldLines | null): void {
    const out = this.#output.buffer;
    const before = out.length;
    appendLastChunk(out, trailers);
    this.framing += out.length - before;
  }

  /**
   * Sends pieces as they are, up to the last, which may only be appended;
   * `length` is what they must come to, negative if that was not declared.
   *
   * @throws {ContentLengthError} If they come to another length.
   */
  async sendPlain(
    pieces: Pieces,
    next: NextPiece,
    length: number,
  ): Promise<void> {
    this.restart();
    let sent = 0;
    for (let coming = next;;) {
      const piece = await this.#take(coming);
      if (piece === null) break;
      sent += piece.length;
      if (length >= 0 && sent > length) {
        return await this.#failLength(length, sent);
      }
      if (piece.length > COPY_BYTES) await this.#write(piece);
      else await this.#append(piece, false);
      coming = pieces.next();
    }
    if (length >= 0 && sent < length) await this.#failLength(length, sent);
  }

  // Pieces that were right so far are not lost with the one that is not.
  async #failLength(declared: number, sent: number): Promise<never> {
    if (this.#appended > 0) await this.flush();
    throw new ContentLengthError(declared, sent);
  }
}
