/**
 * Which bytes of a file a request wants.
 *
 * @module
 */

import { ifRangeMatches } from "../../http/conditional.ts";
import {
  type ByteRange,
  formatUnsatisfiedRange,
  parseRange,
} from "../../http/range.ts";
import { HttpError } from "../../http/errors.ts";
import type { AnyRequest } from "../../http/request.ts";
import type { Representation } from "./representation.ts";

/**
 * The ranges to send, at most eight, joined where they touch; `null` to send the
 * whole.
 *
 * @throws {HttpError} 416 if none of them holds a byte.
 */
export function wantedRanges(
  request: AnyRequest,
  representation: Representation,
): ByteRange[] | null {
  const field = request.header("range");
  // RFC 9110 14.2: Range has a meaning with GET only.
  if (field === null || request.method !== "GET") return null;
  const { size, coding, validators } = representation;
  if (!ifRangeMatches(request.header("if-range"), validators)) return null;
  const ranges = parseRange(field, size);
  if (ranges === "ignore") return null;
  if (ranges !== "unsatisfiable") {
    // Content-Encoding over a multipart would say that all of it is coded.
    return ranges.length > 1 && coding !== null ? null : ranges;
  }
  throw new HttpError(416, "The file has no such range", {
    headers: { "content-range": formatUnsatisfiedRange(size) },
  });
}
