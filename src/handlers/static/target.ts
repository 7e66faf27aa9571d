/**
 * Which file a request names: the path as segments that are safe to look up.
 *
 * @module
 */

import type { AnyRequest } from "../../http/request.ts";
import { rawQuery } from "../../http/target_path.ts";
import { parsePattern } from "../../routing/pattern.ts";
import type { DotfilePolicy } from "./options.ts";

/** What a request names. */
export interface FileTarget {
  /** The segments below the root; none for the root itself. */
  segments: string[];
  /** Whether the path ended in a slash: a directory is meant. */
  isDirectory: boolean;
}

// Windows takes these for other names than they seem: a drive or a stream, a
// short name (8.3) of a dotfile, "x." and "x " for "x".
const WINDOWS_ALIAS = /[:*?"<>|]|~\d|[. ]$/;

/** How many segments of a path a pattern takes before its wildcard; 0 for none. */
function segmentsBefore(route: string): number {
  const [segments] = parsePattern(route).variants;
  return segments[segments.length - 1].kind === "rest"
    ? segments.length - 1
    : 0;
}

/** What is left of a path behind some of its segments, without a slash in front. */
function dropSegments(path: string, count: number): string {
  let at = 0;
  for (let left = count; left > 0 && at >= 0; left--) {
    at = path.indexOf("/", at + 1);
  }
  return at < 0 ? "" : path.slice(at + 1);
}

function isHidden(segments: readonly string[]): boolean {
  return segments.some((segment, at) =>
    segment.startsWith(".") && (at > 0 || segment !== ".well-known")
  );
}

/** Tells whether a segment could lead elsewhere than to the entry of its name. */
function isUnsafe(segment: string, os: string): boolean {
  if (segment === "" || segment === "." || segment === "..") return true;
  if (segment.includes("\\") || segment.includes("\0")) return true;
  return os === "windows" && WINDOWS_ALIAS.test(segment);
}

/**
 * Splits a decoded path below the root.
 *
 * @param path The path, without a slash in front.
 * @param dotfiles The policy on names that begin with a dot.
 * @param os What `Deno.build.os` says.
 * @returns The segments, or `null` for what is not to be looked up: empty or dot
 * segments, NUL, backslashes, dotfiles, and on Windows whatever it takes for
 * another name.
 */
export function splitPath(
  path: string,
  dotfiles: DotfilePolicy,
  os: string = Deno.build.os,
): string[] | null {
  const segments = path.split("/");
  if (segments[segments.length - 1] === "") segments.pop();
  if (segments.some((segment) => isUnsafe(segment, os))) return null;
  return dotfiles === "ignore" && isHidden(segments) ? null : segments;
}

/** Tells which file a request names. */
export class TargetReader {
  readonly #dotfiles: DotfilePolicy;
  #route: string | null = null;
  #skipped = 0;

  /** Hides dotfiles by the policy. */
  constructor(dotfiles: DotfilePolicy) {
    this.#dotfiles = dotfiles;
  }

  /**
   * Reads what the trailing wildcard of the request's pattern matched, or the
   * whole path. From the path and not from the parameters, since there an
   * encoded slash is kept apart from those that separate.
   *
   * @returns The target, or `null` if none can be meant.
   * @throws {HttpError} 400 if the path has a bad escape.
   */
  read(request: AnyRequest): FileTarget | null {
    const { path, route } = request;
    if (!path.startsWith("/")) return null;
    // Mostly one handler serves one route: its pattern is read once.
    if (route !== this.#route) {
      this.#route = route;
      this.#skipped = route === null ? 0 : segmentsBefore(route);
    }
    const below = dropSegments(path, this.#skipped);
    const segments = splitPath(below, this.#dotfiles);
    return segments === null
      ? null
      : { segments, isDirectory: path.endsWith("/") };
  }
}

/**
 * Where a directory is that was asked for without its slash. Built anew from the
 * segments: `//host` in front would lead to another server.
 */
export function directoryLocation(request: AnyRequest): string {
  const segments = request.path.split("/").filter((segment) => segment !== "");
  const query = rawQuery(request.target);
  const path = `/${segments.map(encodeURIComponent).join("/")}/`;
  return query === "" ? path : `${path}?${query}`;
}
