/**
 * {@linkcode gather}: what of a stream is at hand already.
 *
 * @module
 */

import {
  openPieces,
  PENDING,
  type Pieces,
  settledSoon,
} from "../../http/pieces.ts";
import type { ResponseBody } from "../../http/response.ts";

/** One array of many. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Bytes as the pieces of a content. */
export function piecesOf(bytes: Uint8Array): Pieces {
  return chain([bytes], null, {
    next: () => Promise.resolve(null),
    end: () => {},
    cancel: () => {},
  });
}

function chain(
  held: Uint8Array[],
  pending: Promise<Uint8Array | null> | null,
  rest: Pieces,
): Pieces {
  return {
    next() {
      const first = held.shift();
      if (first !== undefined) return Promise.resolve(first);
      const next = pending ?? rest.next();
      pending = null;
      return next;
    },
    end: () => rest.end(),
    cancel: (reason) => rest.cancel(reason),
  };
}

/**
 * Reads a content without waiting for anything outside.
 *
 * @returns The whole of it if it ends within `limit` bytes, as the short body of
 * a web `Response` does; else all its pieces, those that were read among them.
 */
export async function gather(
  body: ResponseBody,
  limit: number,
): Promise<Uint8Array | Pieces> {
  const pieces = openPieces(body);
  const held: Uint8Array[] = [];
  let length = 0;
  try {
    while (length <= limit) {
      const next = pieces.next();
      const piece = await settledSoon(next);
      if (piece === PENDING) {
        // It may fail before anybody asks for it again.
        next.catch(() => {});
        return chain(held, next, pieces);
      }
      if (piece === null) {
        await pieces.end();
        return joinPieces(held);
      }
      // The source may use its buffer again.
      held.push(piece.slice());
      length += piece.length;
    }
  } catch (error) {
    await pieces.cancel(error);
    throw error;
  }
  return chain(held, null, pieces);
}
