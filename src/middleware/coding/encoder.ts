/**
 * {@linkcode Encoder}: the codings, each at its level, at once or as a stream.
 *
 * @module
 */

import type { Transform } from "node:stream";
import { joinPieces } from "./gather.ts";
import type { ContentCoding, Zlib } from "./zlib.ts";

/** How hard each coding works. */
export type Levels = Readonly<Record<ContentCoding, number>>;

/** How to code one content. */
export interface Coder {
  /** Codes a whole content at once. */
  whole(bytes: Uint8Array): Uint8Array;
  /** Opens an encoder; a live content may stay open for hours, and gets less memory. */
  open(isLive: boolean): Encoder;
}

interface Engine extends Transform {
  flush(kind: number, done: () => void): void;
}

// 64 KiB of output, as many as a turn takes in, in few pieces.
const PIECE_BYTES = 16 * 1024;
const LIVE_PIECE_BYTES = 4 * 1024;
// RFC 9659: a decoder needs no more than a window of 8 MiB.
const ZSTD_MAX_WINDOW_LOG = 23;
// Where levels begin to take a larger one by themselves.
const ZSTD_WIDE_LEVEL = 20;

function deflateOptions(level: number, isLive: boolean) {
  return isLive
    ? { level, windowBits: 14, memLevel: 7, chunkSize: LIVE_PIECE_BYTES }
    : { level, chunkSize: PIECE_BYTES };
}

// With a larger window nothing comes out before the first 8 MiB have gone in.
const BROTLI_WINDOW_LOG = 19;

function brotliOptions({ constants }: Zlib, quality: number, isLive: boolean) {
  return {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_LOG,
    },
    chunkSize: isLive ? LIVE_PIECE_BYTES : PIECE_BYTES,
  };
}

// 128 KiB for an event stream in place of 840.
function zstdOptions({ constants }: Zlib, level: number, isLive: boolean) {
  const params: Record<number, number> = {
    [constants.ZSTD_c_compressionLevel]: level,
  };
  if (isLive) {
    params[constants.ZSTD_c_windowLog] = 16;
    params[constants.ZSTD_c_hashLog] = 13;
    params[constants.ZSTD_c_chainLog] = 13;
  } else if (level >= ZSTD_WIDE_LEVEL) {
    params[constants.ZSTD_c_windowLog] = ZSTD_MAX_WINDOW_LOG;
  }
  return { params, chunkSize: isLive ? LIVE_PIECE_BYTES : PIECE_BYTES };
}

function zstdCoder(zlib: Zlib, level: number): Coder {
  const whole = zstdOptions(zlib, level, false);
  return {
    whole: (bytes) => {
      const { length } = bytes;
      return zlib.zstdCompressSync(bytes, {
        ...whole,
        // Told the size, the encoder sets up no more than it needs.
        ...{ pledgedSrcSize: length },
        // If the last bytes do not fit, the runtime appends an empty frame.
        chunkSize: length + (length >> 7) + 512,
      });
    },
    open: (isLive) =>
      new Encoder(
        zlib.createZstdCompress(zstdOptions(zlib, level, isLive)),
        zlib.constants.ZSTD_e_flush,
      ),
  };
}

function brotliCoder(zlib: Zlib, quality: number): Coder {
  const options = brotliOptions(zlib, quality, false);
  return {
    whole: (bytes) => zlib.brotliCompressSync(bytes, options),
    open: (isLive) =>
      new Encoder(
        zlib.createBrotliCompress(brotliOptions(zlib, quality, isLive)),
        zlib.constants.BROTLI_OPERATION_FLUSH,
      ),
  };
}

function deflateCoder(
  { constants }: Zlib,
  level: number,
  code: Zlib["gzipSync"] | Zlib["deflateSync"],
  create: Zlib["createGzip"] | Zlib["createDeflate"],
): Coder {
  const options = deflateOptions(level, false);
  return {
    whole: (bytes) => code(bytes, options),
    open: (isLive) =>
      new Encoder(
        create(deflateOptions(level, isLive)),
        constants.Z_SYNC_FLUSH,
      ),
  };
}

const MAKERS: Readonly<
  Record<ContentCoding, (zlib: Zlib, level: number) => Coder>
> = {
  zstd: zstdCoder,
  br: brotliCoder,
  gzip: (zlib, level) =>
    deflateCoder(zlib, level, zlib.gzipSync, zlib.createGzip),
  // RFC 9110 8.4.1.2: with the zlib header, which some clients of old lacked.
  deflate: (zlib, level) =>
    deflateCoder(zlib, level, zlib.deflateSync, zlib.createDeflate),
};

/** Makes the coder of a coding at its level. */
export function makeCoder(
  zlib: Zlib,
  coding: ContentCoding,
  levels: Levels,
): Coder {
  return MAKERS[coding](zlib, levels[coding]);
}

/** Codes a content that comes bit by bit. One call at a time. */
export class Encoder {
  readonly #engine: Engine;
  readonly #flushKind: number;
  #pieces: Uint8Array[] = [];
  #fail: ((error: unknown) => void) | null = null;

  /** Codes by a stream of `node:zlib`. */
  constructor(engine: Engine, flushKind: number) {
    this.#engine = engine;
    this.#flushKind = flushKind;
    engine.on("data", (piece: Uint8Array) => this.#pieces.push(piece));
    engine.on("error", (error: Error) => this.#fail?.(error));
  }

  async #run(begin: (done: () => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#fail = reject;
    begin(resolve);
    try {
      await promise;
    } finally {
      this.#fail = null;
    }
  }

  /** Takes bytes in; they may be used again once it resolves. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#run((done) => this.#engine.write(bytes, () => done()));
  }

  /** Makes all that was taken in decodable. */
  flush(): Promise<void> {
    // The runtime hands the output over a moment after it calls back.
    return this.#run((done) =>
      this.#engine.flush(this.#flushKind, () => void setImmediate(done))
    );
  }

  /** Ends the content. */
  end(): Promise<void> {
    return this.#run((done) => {
      this.#engine.once("end", done);
      this.#engine.end();
    });
  }

  /** What has been coded since the last call; `null` if nothing. */
  take(): Uint8Array | null {
    const pieces = this.#pieces;
    if (pieces.length === 0) return null;
    this.#pieces = [];
    return joinPieces(pieces);
  }

  /** Frees the memory of the coding; what waits for it is rejected. */
  close(): void {
    this.#engine.destroy();
    this.#pieces = [];
    this.#fail?.(new DOMException("The encoder was closed", "AbortError"));
  }
}
