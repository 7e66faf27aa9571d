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
  /** The path below the root, segments joined by `/`; empty for the root itself. */
  path: string;
  /** Whether the path ended in a slash: a directory is meant. */
  isDirectory: boolean;
}

// Windows takes these for other names than they seem: a drive or a stream, a
// short name (8.3) of a dotfile, "x." and "x " for "x".
const WINDOWS_ALIAS = /[:*?"<>|]|~\d|[. ]$/;

// The usual path, of which nothing has to be asked: no segment is empty or begins
// with a dot, none has a character that means something to a system.
const PLAIN_PATH = /^(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?$/;

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

/** What is left of a path behind a prefix; `null` if it is not below it. */
function dropPrefix(path: string, prefix: string): string | null {
  if (!path.startsWith(prefix)) return null;
  if (path.length === prefix.length) return "";
  return path[prefix.length] === "/" ? path.slice(prefix.length + 1) : null;
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
  readonly #prefix: string | null;
  #route: string | null = null;
  #skipped = 0;

  /** Hides dotfiles by the policy; takes `prefix` off the paths if there is one. */
  constructor(dotfiles: DotfilePolicy, prefix: string | null) {
    this.#dotfiles = dotfiles;
    this.#prefix = prefix;
  }

  /**
   * Reads what the trailing wildcard of the request's pattern matched, or the
   * whole path. From the path and not from the parameters, since there an
   * encoded slash is kept apart from those that separate.
   *
   * @param isRouted False for a middleware: the route is another handler's.
   * @returns The target, or `null` if none can be meant.
   * @throws {HttpError} 400 if the path has a bad escape.
   */
  read(request: AnyRequest, isRouted: boolean): FileTarget | null {
    const { path } = request;
    if (!path.startsWith("/")) return null;
    const below = this.#below(path, isRouted ? request.route : null);
    const clean = below === null ? null : this.#clean(below);
    return clean === null
      ? null
      : { path: clean, isDirectory: path.endsWith("/") };
  }

  #clean(path: string): string | null {
    if (Deno.build.os !== "windows" && PLAIN_PATH.test(path)) {
      return path.endsWith("/") ? path.slice(0, -1) : path;
    }
    return splitPath(path, this.#dotfiles)?.join("/") ?? null;
  }

  #below(path: string, route: string | null): string | null {
    if (this.#prefix !== null) return dropPrefix(path, this.#prefix);
    // Mostly one handler serves one route: its pattern is read once.
    if (route !== this.#route) {
      this.#route = route;
      this.#skipped = route === null ? 0 : segmentsBefore(route);
    }
    return dropSegments(path, this.#skipped);
  }
}

/** A path as a `Location`: without the empty segments, and with the query. */
function formatTarget(
  request: AnyRequest,
  segments: readonly string[],
  isDirectory: boolean,
): string {
  const query = rawQuery(request.target);
  const path = segments.map((segment) => `/${encodeURIComponent(segment)}`)
    .join("");
  const whole = isDirectory || path === "" ? `${path}/` : path;
  return query === "" ? whole : `${whole}?${query}`;
}

function segmentsOf(request: AnyRequest): string[] {
  return request.path.split("/").filter((segment) => segment !== "");
}

/**
 * Where a directory is that was asked for without its slash. Built anew from the
 * segments: `//host` in front would lead to another server.
 */
export function directoryLocation(request: AnyRequest): string {
  return formatTarget(request, segmentsOf(request), true);
}

/** Where a page is that was asked for by a name with its extension. */
export function pageLocation(request: AnyRequest, extension: string): string {
  const segments = segmentsOf(request);
  const last = segments.pop() ?? "";
  const name = last.slice(0, last.length - extension.length);
  return formatTarget(request, [...segments, name], false);
}

/** Where the directory is whose index was asked for by its name. */
export function indexLocation(request: AnyRequest): string {
  return formatTarget(request, segmentsOf(request).slice(0, -1), true);
}
