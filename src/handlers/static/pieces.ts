/**
 * A content put together of parts of a file and of bytes between them.
 *
 * @module
 */

import { FileBody, type ReadableFile } from "../../http/file_body.ts";
import type { ByteRange } from "../../http/range.ts";
import type { OpenFile } from "./open_file.ts";

/** Bytes, or a part of the file. */
export type Piece = Uint8Array | ByteRange;

// Up to here a content is read at once and written together with its head.
const WHOLE_BYTES = 64 * 1024;

function lengthOf(piece: Piece): number {
  return piece instanceof Uint8Array
    ? piece.length
    : piece.end - piece.start + 1;
}

function readWhole(
  file: OpenFile,
  pieces: readonly Piece[],
  length: number,
): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    const into = whole.subarray(at, at += lengthOf(piece));
    if (piece instanceof Uint8Array) into.set(piece);
    else file.readFully(into, piece.start);
  }
  return whole;
}

/** Reads pieces one after the other. */
class PieceReader implements ReadableFile {
  readonly #file: OpenFile;
  readonly #pieces: readonly Piece[];
  #current = 0;
  #done = 0;

  constructor(file: OpenFile, pieces: readonly Piece[]) {
    this.#file = file;
    this.#pieces = pieces;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#current === this.#pieces.length) return null;
    const piece = this.#pieces[this.#current];
    const room = Math.min(into.length, lengthOf(piece) - this.#done);
    const count = await this.#copy(piece, into.subarray(0, room));
    // The file was cut meanwhile: to say so, the content must end too early.
    if (count === 0) return null;
    this.#done += count;
    if (this.#done === lengthOf(piece)) {
      this.#current++;
      this.#done = 0;
    }
    return count;
  }

  #copy(piece: Piece, into: Uint8Array): number | Promise<number> {
    if (!(piece instanceof Uint8Array)) {
      return this.#file.read(into, piece.start + this.#done);
    }
    into.set(piece.subarray(this.#done, this.#done + into.length));
    return into.length;
  }

  close(): void {
    this.#file.close();
  }
}

/** The number of bytes that pieces come to. */
export function totalLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + lengthOf(piece), 0);
}

/**
 * Makes a content of pieces and takes the file over: it is closed at once, or by
 * whoever sends the content.
 *
 * @throws {Error} If the file ends too early: it was cut meanwhile.
 */
export function makeBody(
  file: OpenFile,
  pieces: readonly Piece[],
): Uint8Array | FileBody {
  const length = totalLength(pieces);
  if (length > WHOLE_BYTES) {
    return new FileBody(new PieceReader(file, pieces), length);
  }
  try {
    return readWhole(file, pieces, length);
  } finally {
    file.close();
  }
}
