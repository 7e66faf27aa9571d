/**
 * {@linkcode RequestBody}: the content of a request, pulled from where it comes
 * from and never read before it is asked for.
 *
 * @module
 */

import { HttpError } from "./errors.ts";
import { formLimits, type FormOptions, isForm, parseForm } from "./form.ts";
import { HeaderList } from "./headers.ts";
import { type JsonOptions, parseJson } from "./json_guard.ts";

/** Where the bytes of a {@linkcode RequestBody} come from: a connection, or memory. */
export interface BodySource {
  /** The declared length in bytes; `null` if it is not known in advance. */
  readonly length: number | null;
  /**
   * Gives all content to `use` if all of it has arrived, and returns its result;
   * else `null`, and nothing is taken. The bytes are only good within that call.
   */
  takeWhole<Result>(use: (bytes: Uint8Array) => Result): Result | null;
  /** The next piece, owned by the caller; `null` at the end. */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The trailer section, once the end was read; empty if there is none. */
  trailers(): HeaderList;
  /** Gives up the rest: the reader has lost interest. */
  cancel(): void;
}

const UTF8 = new TextDecoder();
const FIRST_BYTES = 1024;
const NOTHING = new Uint8Array(0);

function toText(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

function toBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

/** The content of a request. Read once, by one of its methods. */
export class RequestBody {
  #source: BodySource;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  #used = false;
  #ended = false;
  #received = 0;
  #limit: number;

  /** Reads from `source`, at most `limit` bytes. */
  constructor(source: BodySource, limit: number = Infinity) {
    this.#source = source;
    this.#limit = limit;
  }

  /** The most bytes that a reader gets; more is answered 413. */
  get limit(): number {
    return this.#limit;
  }

  /** Sets the limit; it counts from the first byte, so set it before the first read. */
  set limit(bytes: number) {
    this.#limit = bytes;
  }

  /** The declared length in bytes, or `null` if it is not known in advance. */
  get length(): number | null {
    return this.#source.length;
  }

  /** True once a method has begun to read. */
  get used(): boolean {
    return this.#used;
  }

  /** Throws if the declared length is over the limit, before any byte is read. */
  checkLength(): void {
    const { length } = this.#source;
    if (length !== null && length > this.#limit) throw this.#tooLarge();
  }

  /**
   * Has the content read through a decoder: length and limit are those of the
   * decoded content from then on. For whoever undoes a content coding.
   *
   * @throws {TypeError} If a method has begun to read.
   */
  decode(open: (source: BodySource) => BodySource): void {
    if (this.#used) {
      throw new TypeError(
        "Cannot decode a request body that was read before: put the decoder in front of what reads it",
      );
    }
    this.#source = open(this.#source);
  }

  /**
   * The content as bytes, which the next reader gets again. For whoever has to
   * look into it ahead of the handler; not to be changed.
   */
  async peek(): Promise<Uint8Array> {
    const bytes = await this.bytes();
    this.#source = new MemoryBodySource(bytes);
    this.#used = false;
    this.#ended = false;
    this.#received = 0;
    return bytes;
  }

  #tooLarge(): HttpError {
    return new HttpError(
      413,
      `The request body is larger than ${this.#limit} bytes`,
    );
  }

  #begin(): void {
    if (this.#used) {
      throw new TypeError(
        "Cannot read the request body twice: keep the result of the first read",
      );
    }
    this.#used = true;
    this.checkLength();
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | null> {
    const piece = await this.#source.read();
    if (piece === null) {
      this.#ended = true;
      return null;
    }
    this.#received += piece.length;
    if (this.#received > this.#limit) {
      this.#source.cancel();
      throw this.#tooLarge();
    }
    return piece;
  }

  // A body that has wholly arrived never becomes a stream or a promise chain, nor
  // is it copied to be read as text: that takes a fifth of the time of a small one.
  #beginWhole<Result>(use: (bytes: Uint8Array) => Result): Result | null {
    this.#begin();
    const result = this.#source.takeWhole((bytes) => {
      if (bytes.length > this.#limit) throw this.#tooLarge();
      return use(bytes);
    });
    if (result !== null) this.#ended = true;
    return result;
  }

  /** A stream of the content. What is not read from it is not read from the client. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#stream !== null) return this.#stream;
    this.#begin();
    return this.#stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const piece = await this.#next();
        if (piece === null) controller.close();
        else controller.enqueue(piece);
      },
      cancel: () => this.#source.cancel(),
    }, { highWaterMark: 0 });
  }

  /** The content as bytes. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#beginWhole(toBytes) ?? await this.#gather();
  }

  async #gather(): Promise<Uint8Array<ArrayBuffer>> {
    // One buffer that grows: a list of pieces costs hundreds of bytes for each,
    // however small a client makes them.
    let all = new Uint8Array(FIRST_BYTES);
    let length = 0;
    for (;;) {
      const piece = await this.#next();
      if (piece === null) return all.slice(0, length);
      if (length + piece.length > all.length) {
        const wider = new Uint8Array(
          Math.max(all.length * 2, length + piece.length),
        );
        wider.set(all.subarray(0, length));
        all = wider;
      }
      all.set(piece, length);
      length += piece.length;
    }
  }

  /** The content as text, read as UTF-8. */
  async text(): Promise<string> {
    return this.#beginWhole(toText) ?? toText(await this.#gather());
  }

  /** The content as JSON, see {@linkcode parseJson}. */
  async json(options?: JsonOptions): Promise<unknown> {
    const text = this.#beginWhole(toText) ?? toText(await this.#gather());
    return parseJson(text, options);
  }

  /** The content as a form; content of another type is answered 415, see {@linkcode parseForm}. */
  async formData(
    contentType: string | null,
    options: FormOptions = {},
  ): Promise<FormData> {
    const limits = formLimits(options);
    if (!isForm(contentType)) {
      throw new HttpError(415, "The request body is not a form");
    }
    return parseForm(await this.bytes(), contentType, limits);
  }

  /**
   * The trailer section (RFC 9112 7.1.2).
   *
   * @throws {TypeError} If the content was not read to its end.
   */
  trailers(): HeaderList {
    if (!this.#ended) {
      throw new TypeError(
        "Cannot read the trailers yet: read the body to its end first",
      );
    }
    return this.#source.trailers();
  }
}

/** A source of bytes that are at hand already. */
export class MemoryBodySource implements BodySource {
  #bytes: Uint8Array<ArrayBuffer> | null;
  /** The number of bytes. */
  readonly length: number;

  /** Gives out `bytes`. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.length = bytes.length;
  }

  /** All bytes. */
  takeWhole<Result>(use: (bytes: Uint8Array) => Result): Result {
    const bytes = this.#bytes ?? NOTHING;
    this.#bytes = null;
    return use(bytes);
  }

  /** All bytes, then the end. */
  read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = this.#bytes;
    this.#bytes = null;
    return Promise.resolve(bytes);
  }

  /** No trailers. */
  trailers(): HeaderList {
    return new HeaderList();
  }

  /** Forgets the bytes. */
  cancel(): void {
    this.#bytes = null;
  }
}

/** A source over a web stream, for requests that come as a web `Request`. */
export class StreamBodySource implements BodySource {
  readonly #stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  // Made at the first read: a runtime drops a stream that nobody has locked.
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;
  /** The declared length in bytes, or `null`. */
  readonly length: number | null;

  /** Reads from `stream`. */
  constructor(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    length: number | null,
  ) {
    this.#stream = stream;
    this.length = length;
  }

  /** Nothing is known to have arrived. */
  takeWhole(): null {
    return null;
  }

  /** The stream's next piece. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    this.#reader ??= this.#stream.getReader();
    const { done, value } = await this.#reader.read();
    return done ? null : value;
  }

  /** No trailers: the web has none. */
  trailers(): HeaderList {
    return new HeaderList();
  }

  /** Cancels the stream. */
  cancel(): void {
    (this.#reader ?? this.#stream).cancel().catch(() => {});
  }
}
