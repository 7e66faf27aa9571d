/**
 * The media type of a file by its name.
 *
 * @module
 */

import { extname } from "@std/path";
import { lookup } from "mrmime";

const UNKNOWN = "application/octet-stream";
const TEXT = /^(?:text\/|application\/(?:json|javascript|.*\+json)$)/;

/**
 * The `Content-Type` of a file by the extension of its name, text with
 * `charset=utf-8`.
 */
export function mediaTypeOf(name: string): string {
  const extension = extname(name);
  // Without its dot a name like "html" would count as an extension.
  const type: unknown = extension.length > 1 ? lookup(extension) : undefined;
  // The database is a plain object: ".constructor" finds a function in it.
  if (typeof type !== "string") return UNKNOWN;
  return TEXT.test(type) ? `${type}; charset=utf-8` : type;
}
