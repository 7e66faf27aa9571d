/**
 * {@linkcode SyncOutput}: whole lines into a file or a pipe, whatever becomes of
 * it.
 *
 * @module
 */

import type { Losses } from "./sink.ts";

/** A file, as much of it as a sink needs. */
export interface SyncWriter {
  /** Writes some of the bytes and tells how many. */
  writeSync(bytes: Uint8Array): number;
}

const NEWLINE = 0x0a;
const LINE_END = Uint8Array.of(NEWLINE);

/** The number of lines in bytes. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  let at = bytes.indexOf(NEWLINE);
  for (; at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** The length of the first piece of bytes: whole lines of up to `most` bytes, if one fits. */
export function pieceEnd(bytes: Uint8Array, most: number): number {
  if (bytes.length <= most) return bytes.length;
  const newline = bytes.lastIndexOf(NEWLINE, most - 1);
  return newline < 0 ? most : newline + 1;
}

/** Stops the thread for 2 ms. */
export function pauseThread(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}

/** True for the error of a full pipe that somebody has made non-blocking. */
export function isPipeFull(error: unknown): boolean {
  return error instanceof Error && error.name === "WouldBlock";
}

/** How an output writes. */
export interface SyncOutputOptions {
  /** The most bytes of one write. */
  readonly pieceBytes: number;
  /** Waits a moment for a full pipe. */
  readonly pause?: () => void;
  /** True if half a line is there already. */
  readonly isTorn?: boolean;
}

/**
 * Writes lines, and waits where they can't be taken at once. What can't be
 * written at all is lost and counted: a server whose log has no reader any more,
 * or no room on its disk, still answers.
 */
export class SyncOutput {
  readonly #losses: Losses;
  readonly #pieceBytes: number;
  readonly #pause: () => void;
  // Half a line is out: the next one must not be taken for its end.
  #isTorn: boolean;

  /** Counts what is lost in `losses`. */
  constructor(losses: Losses, options: SyncOutputOptions) {
    this.#losses = losses;
    this.#pieceBytes = options.pieceBytes;
    this.#pause = options.pause ?? pauseThread;
    this.#isTorn = options.isTorn ?? false;
  }

  /** Writes whole lines to `writer`; returns how many bytes went out. */
  write(writer: SyncWriter, bytes: Uint8Array): number {
    let at = 0;
    try {
      this.#mend(writer);
      while (at < bytes.length) {
        const rest = bytes.subarray(at);
        const piece = rest.subarray(0, pieceEnd(rest, this.#pieceBytes));
        at += this.#writeSome(writer, piece);
      }
    } catch (error) {
      this.#isTorn ||= at > 0 && bytes[at - 1] !== NEWLINE;
      this.#losses.add(countLines(bytes.subarray(at)), error);
    }
    return at;
  }

  #mend(writer: SyncWriter): void {
    if (!this.#isTorn) return;
    while (this.#writeSome(writer, LINE_END) === 0);
    this.#isTorn = false;
  }

  #writeSome(writer: SyncWriter, bytes: Uint8Array): number {
    try {
      return writer.writeSync(bytes);
    } catch (error) {
      if (!isPipeFull(error)) throw error;
      this.#pause();
      return 0;
    }
  }
}
