/**
 * The segments of a request's path, and whether a prefix covers a path.
 *
 * @module
 */

import { decodePath, decodeSegment } from "../http/target_path.ts";
import { type Prefix, type Segment, segmentKey } from "./pattern.ts";

/** Splits a path, still encoded, into what stands behind each of its slashes. */
export function splitPath(path: string): string[] {
  const segments: string[] = [];
  let start = 1;
  let slash = path.indexOf("/", 1);
  while (slash >= 0) {
    segments.push(path.slice(start, slash));
    start = slash + 1;
    slash = path.indexOf("/", start);
  }
  segments.push(path.slice(start));
  return segments;
}

/**
 * Decodes segments each on its own, so that an encoded slash never separates.
 *
 * @throws {HttpError} 400 for a bad escape, invalid UTF-8 or `%00`.
 */
export function decodeSegments(raw: readonly string[]): string[] {
  return raw.map(decodeSegment);
}

/** The segments from `from` on as a path, decoded once, each `%2F` kept. */
export function restOf(raw: readonly string[], from: number): string {
  return decodePath(raw.slice(from).join("/"));
}

// Tells whether a segment of a pattern matches one of a path.
function matchesSegment(segment: Segment, text: string): boolean {
  if (segment.kind === "static") return segment.text === text;
  if (segment.kind === "rest") return true;
  if (text === "") return false;
  return segment.regex === null || segment.regex.test(text);
}

function matchesRaw(segment: Segment, raw: string): boolean {
  try {
    return matchesSegment(segment, decodeSegment(raw));
  } catch {
    return false;
  }
}

/** Tells whether a prefix covers the path with these segments, still encoded. */
export function covers(prefix: Prefix, raw: readonly string[]): boolean {
  const { segments } = prefix;
  return raw.length >= segments.length &&
    segments.every((segment, at) => matchesRaw(segment, raw[at]));
}

/** Whether a prefix covers the paths of a route: all, none, or some. */
export type Coverage = "all" | "none" | "some";

function coversSegment(prefix: Segment, route: Segment): Coverage {
  if (route.kind === "static") {
    return matchesSegment(prefix, route.text) ? "all" : "none";
  }
  if (prefix.kind === "static") {
    return matchesSegment(route, prefix.text) ? "some" : "none";
  }
  const isSame = segmentKey(prefix) === segmentKey(route);
  return segmentKey(prefix) === ":" || isSame ? "all" : "some";
}

/** Tells for a route's segments whether a prefix covers what they match. */
export function coverageOf(
  prefix: Prefix,
  route: readonly Segment[],
): Coverage {
  let coverage: Coverage = "all";
  for (let at = 0; at < prefix.segments.length; at++) {
    if (at === route.length) return "none";
    if (route[at].kind === "rest") return "some";
    const one = coversSegment(prefix.segments[at], route[at]);
    if (one === "none") return "none";
    if (one === "some") coverage = "some";
  }
  return coverage;
}
