/** Stand-in for the names of `jsr:@std/path/posix` that the project uses.
 *
 * @module */
import { posix } from "node:path";

export { type GlobOptions, globToRegExp } from "./glob_to_regexp.ts";

/** Joins the parts with `/` and normalizes the result. */
export function join(path: string, ...paths: string[]): string {
  return posix.join(path, ...paths);
}

/** Resolves `.` and `..` and repeated slashes. */
export function normalize(path: string): string {
  return posix.normalize(path);
}

/** The extension with its dot; empty if there is none. */
export function extname(path: string): string {
  return posix.extname(path);
}

/** The last part of the path, without the suffix. */
export function basename(path: string, suffix = ""): string {
  return posix.basename(path, suffix);
}

/** The path without its last part. */
export function dirname(path: string): string {
  return posix.dirname(path);
}

/** True if the path begins with `/`. */
export function isAbsolute(path: string): boolean {
  return posix.isAbsolute(path);
}
