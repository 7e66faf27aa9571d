/**
 * The runtime's compression, loaded when it is first needed.
 *
 * @module
 */

/** `node:zlib`: the web's streams know no level, no flush, no zstd and no bound. */
export type Zlib = typeof import("node:zlib");

/** A content coding that the server knows. */
export type ContentCoding = "zstd" | "br" | "gzip" | "deflate";

/** All of them, the server's first choice first. */
export const CODINGS: readonly ContentCoding[] = [
  "zstd",
  "br",
  "gzip",
  "deflate",
];

let zlib: Zlib | null = null;

/** The module, or `null` before {@linkcode loadZlib} is done. */
export function loadedZlib(): Zlib | null {
  return zlib;
}

/** Loads the module: it costs 20 ms of start-up. */
export async function loadZlib(): Promise<Zlib> {
  return zlib ??= (await import("node:zlib")).default;
}

/** Tells whether the runtime has a coding; not all have zstd. */
export function hasCoding(zlib: Zlib, coding: ContentCoding): boolean {
  return coding !== "zstd" || typeof zlib.createZstdCompress === "function";
}
