/** Contents and their codings, by the runtime's own functions. */
import zlib from "node:zlib";
import type { ContentCoding } from "../../src/middleware/coding/zlib.ts";

export const CODINGS: readonly ContentCoding[] = [
  "zstd",
  "br",
  "gzip",
  "deflate",
];

// The runtime's default takes a second for a MiB.
const BROTLI = { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 };

/** Bytes of its own: the runtime's functions give parts of a shared buffer. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Codes a whole content. */
export function encode(
  coding: ContentCoding,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  switch (coding) {
    case "zstd":
      return own(zlib.zstdCompressSync(bytes));
    case "br":
      return own(zlib.brotliCompressSync(bytes, { params: BROTLI }));
    case "gzip":
      return own(zlib.gzipSync(bytes));
    case "deflate":
      return own(zlib.deflateSync(bytes));
  }
}

/** Decodes a whole content, by one call: none of what the server uses. */
export function decode(
  coding: string,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  switch (coding) {
    case "zstd":
      return own(zlib.zstdDecompressSync(bytes));
    case "br":
      return own(zlib.brotliDecompressSync(bytes));
    case "gzip":
      return own(zlib.gunzipSync(bytes));
    case "deflate":
      return own(zlib.inflateSync(bytes));
  }
  throw new TypeError(`There is no coding "${coding}"`);
}

/** Text that compresses as JSON does. */
export function jsonText(bytes: number): string {
  let text = "";
  for (let id = 1; text.length < bytes; id = (id * 48271) % 0x7fffffff) {
    text += `{"id":${id},"name":"user${id % 997}","active":${id % 2 === 0}},\n`;
  }
  return text.slice(0, bytes);
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(bytes: number, seed = 1): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let state = seed;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    all[at] = state >>> 24;
  }
  return all;
}

/** Cuts bytes into parts of these lengths, over and over. */
export function* cut(
  bytes: Uint8Array<ArrayBuffer>,
  lengths: readonly number[],
): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + Math.max(1, lengths[turn % lengths.length]);
    yield bytes.slice(at, end);
    at = end;
  }
}
