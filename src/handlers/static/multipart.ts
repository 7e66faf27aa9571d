/**
 * Several ranges as `multipart/byteranges` (RFC 9110 14.6).
 *
 * @module
 */

import { type ByteRange, formatContentRange } from "../../http/range.ts";
import type { Piece } from "./pieces.ts";
import type { Representation } from "./representation.ts";

const ENCODER = new TextEncoder();

/**
 * Sets ranges between delimiters.
 *
 * @param boundary What parts them; it must not occur in the file.
 */
export function multipartPieces(
  ranges: readonly ByteRange[],
  representation: Representation,
  boundary: string,
): Piece[] {
  const pieces: Piece[] = [];
  for (const range of ranges) {
    const head = `${pieces.length === 0 ? "" : "\r\n"}--${boundary}\r\n` +
      `Content-Type: ${representation.type}\r\n` +
      `Content-Range: ${formatContentRange(range, representation.size)}` +
      "\r\n\r\n";
    pieces.push(ENCODER.encode(head), range);
  }
  pieces.push(ENCODER.encode(`\r\n--${boundary}--\r\n`));
  return pieces;
}
