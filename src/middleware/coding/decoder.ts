/**
 * {@linkcode DecodingSource}: the content of a request without one of its
 * content codings.
 *
 * @module
 */

import type { Transform } from "node:stream";
import { HttpError } from "../../http/errors.ts";
import type { HeaderList } from "../../http/headers.ts";
import type { BodySource } from "../../http/request_body.ts";
import { cpuTurn, SLICE_BYTES } from "./turns.ts";
import type { ContentCoding, Zlib } from "./zlib.ts";
import { ZstdFrames } from "./zstd_frames.ts";

/** What a content may come to. */
export interface DecodingBounds {
  /** The most bytes of the content without any coding. */
  bytes(): number;
  /** False if what comes out is coded in turn. */
  readonly isLast: boolean;
  /** How many times as long as its coded form it may be, once it is long. */
  readonly ratio: number;
}

interface Engine extends Transform {
  readonly bytesWritten: number;
}

// Below it no ratio is too much.
const RATIO_FROM_BYTES = 1024 * 1024;
// RFC 9659: zstd windows of a web content are of 8 MiB at most; without the
// bound a few bytes would have the decoder take 128 MiB.
const ZSTD_MAX_WINDOW_LOG = 23;
// Not the end of a brotli content, so taken in by one that has not ended.
const SENTINEL = new Uint8Array(1);

function openEngine(zlib: Zlib, coding: ContentCoding): Engine {
  switch (coding) {
    case "gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd": {
      const { ZSTD_d_windowLogMax } = zlib.constants;
      const params = { [ZSTD_d_windowLogMax]: ZSTD_MAX_WINDOW_LOG };
      return zlib.createZstdDecompress({ params });
    }
  }
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `The request body is larger than ${limit} bytes`);
}

// Not an end: what was read so far must not pass for the whole.
function closed(): TypeError {
  return new TypeError(
    "Cannot read the request body any more, as it was closed: read it before the handler answers",
  );
}

/** Reads a coded content and gives it out decoded, never much more than is asked for. */
export class DecodingSource implements BodySource {
  /** Not known before the end. */
  readonly length = null;

  readonly #source: BodySource;
  readonly #zlib: Zlib;
  readonly #coding: ContentCoding;
  readonly #bounds: DecodingBounds;
  readonly #frames: ZstdFrames | null;
  #engine: Engine | null = null;
  #taken = 0;
  #fed = 0;
  #given = 0;
  #inTurn = 0;
  /** What is left of a piece of which the engine has got a part. */
  #rest: Uint8Array | null = null;
  #isBusy = false;
  #state: "open" | "ended" | "done" | "closed" = "open";
  #failure: unknown = undefined;
  #wake: () => void = () => {};

  /** Undoes `coding` on what `source` gives. */
  constructor(
    source: BodySource,
    zlib: Zlib,
    coding: ContentCoding,
    bounds: DecodingBounds,
  ) {
    this.#source = source;
    this.#zlib = zlib;
    this.#coding = coding;
    this.#bounds = bounds;
    this.#frames = coding === "zstd" ? new ZstdFrames() : null;
  }

  /** Decoding takes more than one step. */
  takeWhole(): null {
    return null;
  }

  /** The next decoded bytes; `null` at the end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#state === "done") return null;
    if (this.#state === "closed") throw closed();
    try {
      const piece = await this.#next();
      if (piece === null) this.#free("done");
      return piece;
    } catch (error) {
      this.cancel();
      throw error;
    }
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | null> {
    const engine = this.#engine ??= this.#open();
    while (this.#state !== "closed") {
      if (this.#failure !== undefined) throw this.#malformed(this.#failure);
      const piece: Uint8Array | null = engine.read();
      if (piece !== null) return await this.#give(piece);
      if (this.#state === "ended") return await this.#checkEnd(engine);
      if (this.#isBusy) await this.#change();
      else await this.#feed(engine);
    }
    throw closed();
  }

  #open(): Engine {
    const { length } = this.#source;
    // Before the first byte, so that the client is not even asked for it.
    if (length !== null) this.#checkTaken(length);
    const engine = openEngine(this.#zlib, this.#coding);
    engine.on("readable", () => this.#wake());
    engine.on("end", () => {
      if (this.#state === "open") this.#state = "ended";
      this.#wake();
    });
    engine.on("error", (error: unknown) => {
      this.#failure = error;
      this.#wake();
    });
    return engine;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  async #give(piece: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    this.#given += piece.length;
    this.#inTurn += piece.length;
    this.#checkGiven();
    if (this.#inTurn > SLICE_BYTES) {
      this.#inTurn = 0;
      await cpuTurn();
    }
    // The engine goes on to write into the same memory.
    return new Uint8Array(piece);
  }

  #checkGiven(): void {
    const { bytes, isLast, ratio } = this.#bounds;
    if (isLast && this.#given > bytes()) throw tooLarge(bytes());
    const isLong = this.#given > RATIO_FROM_BYTES;
    if (isLong && this.#given > this.#taken * ratio) {
      throw new HttpError(413, "The request body expands too much");
    }
  }

  // An endless content that decodes to nothing must end somewhere: what a
  // coding adds to content that it cannot compress is less than this.
  #checkTaken(bytes: number): void {
    const limit = this.#bounds.bytes();
    if (bytes > limit + limit / 256 + 1024) throw tooLarge(limit);
  }

  async #feed(engine: Engine): Promise<void> {
    const piece = this.#rest ?? await this.#source.read();
    if (piece === null) return this.#end(engine);
    if (this.#rest === null) {
      this.#taken += piece.length;
      this.#checkTaken(this.#taken);
    }
    if (piece.length === 0) return;
    const end = this.#frames?.scan(piece, 0) ?? piece.length;
    if (end < 0) throw this.#malformed("no frame");
    this.#rest = end < piece.length ? piece.subarray(end) : null;
    this.#write(engine, piece.subarray(0, end));
  }

  #write(engine: Engine, bytes: Uint8Array, done?: () => void): void {
    this.#isBusy = true;
    this.#fed += bytes.length;
    engine.write(bytes, () => {
      this.#isBusy = false;
      done?.();
      this.#wake();
    });
  }

  #end(engine: Engine): void {
    if (this.#frames !== null && !this.#frames.isComplete) {
      throw this.#malformed("cut short");
    }
    if (this.#coding !== "br" || this.#fed !== engine.bytesWritten) {
      this.#isBusy = true;
      engine.end();
      return;
    }
    // The runtime takes a brotli content that was cut short for a whole one.
    const before = engine.bytesWritten;
    this.#write(engine, SENTINEL, () => {
      if (engine.bytesWritten > before) this.#failure ??= "cut short";
      this.#fed -= SENTINEL.length;
      this.#isBusy = true;
      engine.end();
    });
  }

  // The engine passes over what stands behind the end.
  async #checkEnd(engine: Engine): Promise<null> {
    if (engine.bytesWritten !== this.#fed || this.#rest !== null) {
      throw this.#malformed("more behind its end");
    }
    for (;;) {
      const piece = await this.#source.read();
      if (piece === null) return null;
      if (piece.length > 0) throw this.#malformed("more behind its end");
    }
  }

  #malformed(cause: unknown): HttpError {
    const message = `The request body is not valid ${this.#coding}`;
    return new HttpError(400, message, { cause });
  }

  /** The trailer section of the coded content. */
  trailers(): HeaderList {
    return this.#source.trailers();
  }

  #free(state: "done" | "closed"): void {
    this.#state = state;
    this.#engine?.destroy();
    this.#engine = this.#rest = null;
    this.#wake();
  }

  /** Frees the decoder, whose memory no collector of garbage sees. */
  close(): void {
    if (this.#state !== "done") this.#free("closed");
  }

  /** Frees the decoder and gives up the rest. */
  cancel(): void {
    this.close();
    this.#source.cancel();
  }
}
