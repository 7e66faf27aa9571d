/**
 * The answer that a file gets: 200, 206 or 304.
 *
 * @module
 */

import { evaluateConditions } from "../../http/conditional.ts";
import { HttpError } from "../../http/errors.ts";
import { HeaderList } from "../../http/headers.ts";
import { type ByteRange, formatContentRange } from "../../http/range.ts";
import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse } from "../../http/response.ts";
import { multipartPieces } from "./multipart.ts";
import { makeBody, type Piece, totalLength } from "./pieces.ts";
import { wantedRanges } from "./ranges.ts";
import type { Representation } from "./representation.ts";
import type { SourceFile } from "./source.ts";

/** What to send, before any of it is read. */
interface Answer {
  status: 200 | 206 | 304;
  headers: HeaderList;
  /** The content; `null` where the answer has none, whatever the method. */
  pieces: readonly Piece[] | null;
}

function partAnswer(
  ranges: readonly ByteRange[],
  representation: Representation,
): Answer {
  const headers = HeaderList.from(representation.lines);
  if (ranges.length === 1) {
    headers.set(
      "Content-Range",
      formatContentRange(ranges[0], representation.size),
    ).set("Content-Length", `${totalLength(ranges)}`);
    return { status: 206, headers, pieces: ranges };
  }
  // Random, so that no file can be written to hold it.
  const boundary = crypto.randomUUID();
  headers.set("Content-Type", `multipart/byteranges; boundary=${boundary}`);
  const pieces = multipartPieces(ranges, representation, boundary);
  headers.set("Content-Length", `${totalLength(pieces)}`);
  return { status: 206, headers, pieces };
}

/** The whole of a file as pieces. */
export function wholeFile(size: number): readonly Piece[] {
  return size === 0 ? [] : [{ start: 0, end: size - 1 }];
}

// The order of RFC 9110 13.2.2: conditions, then If-Range and Range.
function decide(request: AnyRequest, representation: Representation): Answer {
  const { method } = request;
  const { size, validators } = representation;
  const fields = { get: (name: string) => request.header(name) };
  const result = evaluateConditions(method, fields, validators);
  if (result === "precondition-failed") {
    throw new HttpError(412, "The file is not the one of the condition");
  }
  if (result === "not-modified") {
    const headers = HeaderList.from(representation.cachingLines);
    return { status: 304, headers, pieces: null };
  }
  const ranges = wantedRanges(request, representation);
  if (ranges !== null) return partAnswer(ranges, representation);
  const headers = HeaderList.from(representation.lines);
  return { status: 200, headers, pieces: wholeFile(size) };
}

function complete(
  { status, headers, pieces }: Answer,
  file: SourceFile,
  isHead: boolean,
): HttpResponse {
  if (pieces === null || isHead) {
    file.close();
    return new HttpResponse({ status, headers });
  }
  return new HttpResponse({ status, headers, body: makeBody(file, pieces) });
}

/**
 * Answers with a file, and takes it over: it is closed at once, or by whoever
 * sends the content.
 *
 * @throws {HttpError} 412 if a condition fails, 416 if no range can be sent.
 * @throws {Error} If the file ends too early: it was cut meanwhile.
 */
export function sendFile(
  request: AnyRequest,
  representation: Representation,
  file: SourceFile,
): HttpResponse {
  try {
    const answer = decide(request, representation);
    return complete(answer, file, request.method === "HEAD");
  } catch (error) {
    file.close();
    throw error;
  }
}
