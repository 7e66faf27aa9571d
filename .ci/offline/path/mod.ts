/** Stand-in for the names of `jsr:@std/path` that the project uses.
 *
 * @module */
import native from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What separates the parts of a path: `/`, on Windows `\`. */
export const SEPARATOR: "/" | "\\" = process.platform === "win32" ? "\\" : "/";

/** Joins the parts with the separator and normalizes the result. */
export function join(path: string | URL, ...paths: string[]): string {
  return native.join(text(path), ...paths);
}

/** Makes one absolute path of the parts, the last ones counting most. */
export function resolve(...pathSegments: string[]): string {
  return native.resolve(...pathSegments);
}

/** The extension with its dot; empty if there is none. */
export function extname(path: string | URL): string {
  return native.extname(text(path));
}

/** The last part of the path, without the suffix. */
export function basename(path: string | URL, suffix = ""): string {
  return native.basename(text(path), suffix);
}

/** The path without its last part. */
export function dirname(path: string | URL): string {
  return native.dirname(text(path));
}

/** The way from one path to the other. */
export function relative(from: string, to: string): string {
  return native.relative(from, to);
}

/** Resolves `.` and `..` and repeated separators. */
export function normalize(path: string | URL): string {
  return native.normalize(text(path));
}

/** True if the path begins at the root. */
export function isAbsolute(path: string): boolean {
  return native.isAbsolute(path);
}

/** The path that a file URL stands for. */
export function fromFileUrl(url: string | URL): string {
  const parsed = new URL(url);
  if (parsed.protocol !== "file:") {
    throw new TypeError(
      `URL must be a file URL: received "${parsed.protocol}"`,
    );
  }
  return fileURLToPath(parsed);
}

/** The file URL of an absolute path. */
export function toFileUrl(path: string): URL {
  if (!native.isAbsolute(path)) {
    throw new TypeError(`Path must be absolute: received "${path}"`);
  }
  return pathToFileURL(path);
}

function text(path: string | URL): string {
  return typeof path === "string" ? path : fromFileUrl(path);
}
