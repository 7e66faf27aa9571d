/**
 * The answer that a file gets: 200, 206 or 304.
 *
 * @module
 */

import { evaluateConditions } from "../../http/conditional.ts";
import { HttpError } from "../../http/errors.ts";
import type { HeaderList } from "../../http/headers.ts";
import { type ByteRange, formatContentRange } from "../../http/range.ts";
import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse } from "../../http/response.ts";
import { multipartPieces } from "./multipart.ts";
import type { OpenFile } from "./open_file.ts";
import { makeBody, type Piece, totalLength } from "./pieces.ts";
import { wantedRanges } from "./ranges.ts";
import { cachingFields, type Representation } from "./representation.ts";

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
  headers: HeaderList,
): Answer {
  if (ranges.length === 1) {
    headers.set("content-type", representation.type)
      .set("content-range", formatContentRange(ranges[0], representation.size));
    return { status: 206, headers, pieces: ranges };
  }
  // Random, so that no file can be written to hold it.
  const boundary = crypto.randomUUID();
  headers.set("content-type", `multipart/byteranges; boundary=${boundary}`);
  const pieces = multipartPieces(ranges, representation, boundary);
  return { status: 206, headers, pieces };
}

function wholeAnswer(
  representation: Representation,
  headers: HeaderList,
): Answer {
  const { size, type } = representation;
  headers.set("content-type", type);
  const pieces = size === 0 ? [] : [{ start: 0, end: size - 1 }];
  return { status: 200, headers, pieces };
}

// The order of RFC 9110 13.2.2: conditions, then If-Range and Range.
function decide(request: AnyRequest, representation: Representation): Answer {
  const { method, headers: fields } = request;
  const { validators } = representation;
  const result = evaluateConditions(method, fields, validators);
  if (result === "precondition-failed") {
    throw new HttpError(412, "The file is not the one of the condition");
  }
  const headers = cachingFields(representation);
  if (result === "not-modified") return { status: 304, headers, pieces: null };
  const ranges = wantedRanges(request, representation);
  headers.set("accept-ranges", "bytes");
  return ranges === null
    ? wholeAnswer(representation, headers)
    : partAnswer(ranges, representation, headers);
}

function complete(
  { status, headers, pieces }: Answer,
  file: OpenFile,
  isHead: boolean,
): HttpResponse {
  if (pieces !== null) {
    headers.set("content-length", `${totalLength(pieces)}`);
  }
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
  file: OpenFile,
): HttpResponse {
  try {
    const answer = decide(request, representation);
    return complete(answer, file, request.method === "HEAD");
  } catch (error) {
    file.close();
    throw error;
  }
}
