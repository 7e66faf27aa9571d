/**
 * A content put together of parts of a file and of bytes between them.
 *
 * @module
 */

import { FileBody, type ReadableFile } from "../../http/file_body.ts";
import type { ByteRange } from "../../http/range.ts";
import { OpenFile } from "./open_file.ts";
import type { SourceFile } from "./source.ts";

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
  pieces: readonly Piece[],
  length: number,
  read: (into: Uint8Array, position: number) => void,
): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    const into = whole.subarray(at, at += lengthOf(piece));
    if (piece instanceof Uint8Array) into.set(piece);
    else read(into, piece.start);
  }
  return whole;
}

/** Pieces of a file whose bytes are at hand: a single one without a copy. */
function cut(bytes: Uint8Array, pieces: readonly Piece[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && !(first instanceof Uint8Array)) {
    if (lengthOf(first) === bytes.length) return bytes;
    return bytes.subarray(first.start, first.end + 1);
  }
  return readWhole(pieces, totalLength(pieces), (into, position) => {
    into.set(bytes.subarray(position, position + into.length));
  });
}

/** Reads pieces one after the other. */
class PieceReader implements ReadableFile {
  readonly #file: SourceFile;
  readonly #pieces: readonly Piece[];
  #current = 0;
  #done = 0;

  constructor(file: SourceFile, pieces: readonly Piece[]) {
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
  file: SourceFile,
  pieces: readonly Piece[],
): Uint8Array | FileBody {
  if (file.bytes !== null) {
    file.close();
    return cut(file.bytes, pieces);
  }
  const length = totalLength(pieces);
  if (length > WHOLE_BYTES || !(file instanceof OpenFile)) {
    return new FileBody(new PieceReader(file, pieces), length);
  }
  try {
    return readWhole(pieces, length, (into, at) => file.readFully(into, at));
  } finally {
    file.close();
  }
}
