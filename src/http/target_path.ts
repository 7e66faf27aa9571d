/**
 * The path and the query of a request target, and how a path is decoded: once,
 * and so that an encoded slash never becomes a separator (RFC 3986 2.2, 2.4).
 *
 * @module
 */

import { HttpError } from "./errors.ts";

// Index at which the path of an absolute-form target starts, or its length.
function pathStart(target: string): number {
  const authority = target.indexOf("://") + 3;
  for (let at = authority; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code === 47 || code === 63) return at;
  }
  return target.length;
}

/** The undecoded path of a target in origin, absolute or asterisk form. */
export function rawPath(target: string): string {
  const first = target.charCodeAt(0);
  const start = first === 47 || first === 42 ? 0 : pathStart(target);
  const query = target.indexOf("?", start);
  const path = query < 0 ? target.slice(start) : target.slice(start, query);
  return path === "" ? "/" : path;
}

/** The undecoded query of a target, without its question mark. */
export function rawQuery(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? "" : target.slice(query + 1);
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch (cause) {
    throw new HttpError(400, "The request path has a bad escape", { cause });
  }
  if (decoded.includes("\0")) {
    throw new HttpError(400, "The request path has a NUL");
  }
  return decoded;
}

/**
 * Decodes a path once and keeps each `%2F` as it is.
 *
 * @throws {HttpError} 400 for a bad escape, invalid UTF-8 or `%00`.
 */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  return path.split(/(%2f)/i).map((part, at) => at % 2 ? part : decode(part))
    .join("");
}

/**
 * Decodes one segment of a path, `%2F` too.
 *
 * @throws {HttpError} 400 for a bad escape, invalid UTF-8 or `%00`.
 */
export function decodeSegment(segment: string): string {
  return segment.includes("%") ? decode(segment) : segment;
}

/**
 * The URL of a request for a target, of the host that it asks.
 *
 * @throws {HttpError} 400 if the host is none that a URL can have.
 */
export function urlOf(scheme: string, authority: string, target: string): URL {
  const host = authority === "" ? "localhost" : authority;
  const path = rawPath(target);
  const query = rawQuery(target);
  const rest = (path === "*" ? "/" : path) + (query && `?${query}`);
  try {
    return new URL(`${scheme}://${host}${rest}`);
  } catch (cause) {
    throw new HttpError(400, "The request has a bad host", { cause });
  }
}
