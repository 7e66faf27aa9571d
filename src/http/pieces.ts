/**
 * {@linkcode Pieces}: the content of an answer that comes bit by bit, whatever
 * it comes from.
 *
 * @module
 */

import { endIterator } from "./discard.ts";
import { FileBody } from "./file_body.ts";
import type { ResponseBody } from "./response.ts";
import { describeValue } from "./values.ts";

/** The pieces of a content. */
export interface Pieces {
  /** The next piece, good until the next call; `null` at the end. */
  next(): Promise<Uint8Array | null>;
  /** Frees what the source holds, once it has ended. */
  end(): void | Promise<void>;
  /** Gives the source up. */
  cancel(reason: unknown): void | Promise<void>;
}

const FILE_PIECE_BYTES = 256 * 1024;

/**
 * Opens a content that is neither at hand nor empty.
 *
 * @param buffer What a file is read into; `null` for one of its own.
 * @throws {TypeError} If it is a stream that somebody else reads, or nothing
 * that can be sent.
 */
export function openPieces(
  body: ResponseBody,
  buffer: Uint8Array | null = null,
): Pieces {
  if (body instanceof FileBody) {
    return filePieces(body, buffer ?? fileBuffer(body.length));
  }
  if (body instanceof ReadableStream) return streamPieces(body);
  if (
    typeof body !== "object" || body === null || !(Symbol.asyncIterator in body)
  ) {
    throw new TypeError(
      `Cannot send ${
        describeValue(body)
      } as the body of a response: set it to text, a Uint8Array, a stream or an async iterable, or return json(value)`,
    );
  }
  return iteratorPieces(body[Symbol.asyncIterator]());
}

function checkPiece(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError(
    `Cannot send ${
      describeValue(piece)
    } as a piece of the body of a response: let the stream give a Uint8Array, as new TextEncoder().encode(text) makes of text`,
  );
}

function fileBuffer(length: number): Uint8Array {
  return new Uint8Array(Math.min(FILE_PIECE_BYTES, length));
}

function filePieces(file: FileBody, buffer: Uint8Array): Pieces {
  return {
    async next() {
      const count = await file.read(buffer);
      return count === 0 ? null : buffer.subarray(0, count);
    },
    end: () => file.close(),
    cancel: () => file.close(),
  };
}

function streamPieces(stream: ReadableStream<Uint8Array>): Pieces {
  if (stream.locked) {
    throw new TypeError(
      "Cannot send a stream that somebody reads already: return one that is not locked, such as a branch of tee()",
    );
  }
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? null : checkPiece(value);
    },
    end: () => reader.releaseLock(),
    cancel: (reason) => reader.cancel(reason).catch(() => {}),
  };
}

function iteratorPieces(iterator: AsyncIterator<Uint8Array>): Pieces {
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done ? null : checkPiece(value);
    },
    end: () => {},
    cancel: () => endIterator(iterator),
  };
}

/** What {@linkcode settledSoon} gives for a promise that takes its time. */
export const PENDING: unique symbol = Symbol("pending");

// A stream that has its pieces at hand takes up to six turns for one.
const TURNS = 10;

/**
 * The result of a promise that settles within a few turns of the microtask
 * queue, with no wait for anything outside; else {@linkcode PENDING}.
 */
export async function settledSoon<T>(
  promise: Promise<T>,
): Promise<T | typeof PENDING> {
  let isSettled = false;
  const note = () => {
    isSettled = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < TURNS && !isSettled; turn++) await null;
  return isSettled ? await promise : PENDING;
}

/** Tells whether the end of a content is reached within a few turns; not if it fails. */
export async function isEndSoon(
  next: Promise<Uint8Array | null>,
): Promise<boolean> {
  try {
    return await settledSoon(next) === null;
  } catch {
    return false;
  }
}
