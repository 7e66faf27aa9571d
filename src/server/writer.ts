/**
 * {@linkcode ResponseWriter}: an {@linkcode HttpResponse} onto a connection:
 * which framing it gets, and its content in as few writes as possible.
 *
 * @module
 */

import { FileBody } from "../http/file_body.ts";
import { HeaderList } from "../http/headers.ts";
import type { HttpResponse, Trailers } from "../http/response.ts";
import { isBodiless } from "../http/status.ts";
import {
  appendChunk,
  appendChunkedCoding,
  appendConnection,
  appendContentLength,
  appendLastChunk,
  appendTextBody,
  endHead,
  type ResponseEncoder,
} from "../protocol/encoder.ts";
import type { Output } from "./output.ts";

/** What the request allows the answer to be. */
export interface Exchange {
  /** True for HEAD: the head of a GET's answer without the content. */
  readonly headOnly: boolean;
  /** The minor version of the request: 0 knows no chunks. */
  readonly minorVersion: number;
  /** Whether the connection is to stay; an answer may turn it false. */
  keepAlive: boolean;
}

// Content up to this many bytes is copied behind its head and leaves in one
// write with it; more goes to the runtime as it is.
const COPY_BYTES = 64 * 1024;
// A piece of a stream is framed in parts of this size. With 64 KiB an answer of
// 100 MiB grew the process by 45 MiB, with this by 26: short-lived pieces of an
// application are only collected as often as small objects are made beside them.
const FRAME_BYTES = 32 * 1024;
const FILE_PIECE_BYTES = 256 * 1024;
const UNKNOWN = -1;

/** The content of an answer ended before, or went on after, its declared length. */
export class ContentLengthError extends Error {
  /** Makes the error. */
  constructor(declared: number, sent: number) {
    super(
      `The response body has ${sent} bytes where ${declared} were declared`,
    );
    this.name = "ContentLengthError";
  }
}

/** Writes the answers of one connection. */
export class ResponseWriter {
  readonly #output: Output;
  readonly #encoder: ResponseEncoder;

  /** Writes heads by `encoder` to `output`. */
  constructor(output: Output, encoder: ResponseEncoder) {
    this.#output = output;
    this.#encoder = encoder;
  }

  /**
   * Appends an answer to the output. What is at hand needs no promise and is
   * sent by the next flush; a stream is sent as it comes.
   *
   * @throws {TypeError} If a field would split the message; nothing is appended
   * then. A rejection means that the answer is cut.
   */
  write(response: HttpResponse, exchange: Exchange): void | Promise<void> {
    const { body } = response;
    if (asksToClose(response)) exchange.keepAlive = false;
    if (exchange.headOnly || isBodiless(response.status)) {
      this.#writeBodiless(response, exchange);
      return discardBody(body);
    }
    const simple = body === null || typeof body === "string" ||
      body instanceof Uint8Array;
    if (!simple) return this.#writeStream(response, exchange);
    if (response.trailers !== undefined) {
      return this.#writeWithTrailers(response, exchange);
    }
    if (body instanceof Uint8Array && body.length > COPY_BYTES) {
      return this.#writeLarge(response, body, exchange);
    }
    this.#beginHead(response, exchange);
    const out = this.#output.buffer;
    if (typeof body === "string") return appendTextBody(out, body);
    appendContentLength(out, body === null ? 0 : body.length);
    endHead(out);
    if (body !== null) out.append(body);
  }

  #beginHead(response: HttpResponse, exchange: Exchange): void {
    const out = this.#output.buffer;
    const start = out.length;
    try {
      this.#encoder.beginHead(out, response.status, response.headers.lines);
    } catch (error) {
      out.truncate(start);
      throw error;
    }
    if (!exchange.keepAlive) appendConnection(out, false);
    else if (exchange.minorVersion === 0) appendConnection(out, true);
  }

  // The head that the content would have had (RFC 9110 9.3.2), none of it for
  // a status without content (RFC 9110 8.6).
  #writeBodiless(response: HttpResponse, exchange: Exchange): void {
    this.#beginHead(response, exchange);
    const out = this.#output.buffer;
    if (!isBodiless(response.status)) {
      const length = contentLength(response);
      if (length >= 0) appendContentLength(out, length);
      else if (exchange.minorVersion > 0) appendChunkedCoding(out);
    }
    endHead(out);
  }

  async #writeLarge(
    response: HttpResponse,
    body: Uint8Array,
    exchange: Exchange,
  ): Promise<void> {
    this.#beginHead(response, exchange);
    const out = this.#output.buffer;
    appendContentLength(out, body.length);
    endHead(out);
    out.append(body.subarray(0, COPY_BYTES));
    await this.#output.write(body.subarray(COPY_BYTES));
  }

  // Trailers need chunks; a client of HTTP/1.0 goes without.
  async #writeWithTrailers(
    response: HttpResponse,
    exchange: Exchange,
  ): Promise<void> {
    const bytes = await response.bytes();
    response.body = bytes;
    if (exchange.minorVersion === 0) {
      response.trailers = undefined;
      await this.write(response, exchange);
      return;
    }
    this.#beginHead(response, exchange);
    const out = this.#output.buffer;
    appendChunkedCoding(out);
    endHead(out);
    appendChunk(out, bytes);
    appendLastChunk(out, (await readTrailers(response.trailers)).lines);
  }

  async #writeStream(
    response: HttpResponse,
    exchange: Exchange,
  ): Promise<void> {
    const pieces = openPieces(response);
    try {
      const length = contentLength(response);
      const chunked = length < 0 && exchange.minorVersion > 0;
      // Without chunks and a length the content ends with the connection.
      if (length < 0 && !chunked) exchange.keepAlive = false;
      this.#beginHead(response, exchange);
      const out = this.#output.buffer;
      if (chunked) appendChunkedCoding(out);
      else if (length >= 0) appendContentLength(out, length);
      endHead(out);
      if (chunked) await this.#sendChunks(pieces, response.trailers);
      else await this.#sendPlain(pieces, length);
    } catch (error) {
      await pieces.cancel(error);
      throw error;
    }
    await pieces.end();
  }

  async #sendChunks(
    pieces: Pieces,
    trailers: Trailers | undefined,
  ): Promise<void> {
    for (;;) {
      const piece = await pieces.next();
      if (piece === null) break;
      for (let at = 0; at < piece.length; at += FRAME_BYTES) {
        appendChunk(this.#output.buffer, piece.subarray(at, at + FRAME_BYTES));
        await this.#output.flush();
      }
    }
    const lines = trailers === undefined
      ? null
      : (await readTrailers(trailers)).lines;
    appendLastChunk(this.#output.buffer, lines);
  }

  async #sendPlain(pieces: Pieces, length: number): Promise<void> {
    let sent = 0;
    for (;;) {
      const piece = await pieces.next();
      if (piece === null) break;
      sent += piece.length;
      if (length >= 0 && sent > length) {
        throw new ContentLengthError(length, sent);
      }
      if (piece.length > COPY_BYTES) await this.#output.write(piece);
      else {
        this.#output.buffer.append(piece);
        await this.#output.flush();
      }
    }
    if (length >= 0 && sent < length) {
      throw new ContentLengthError(length, sent);
    }
  }
}

function asksToClose(response: HttpResponse): boolean {
  const { headers } = response;
  if (headers.lines.constant) return false;
  const connection = headers.get("connection");
  return connection !== null && /(^|,)\s*close\s*(,|$)/i.test(connection);
}

/** The length of the content in bytes; -1 if it is not known in advance. */
export function contentLength(response: HttpResponse): number {
  const { body, headers } = response;
  if (typeof body === "string") return new TextEncoder().encode(body).length;
  if (body instanceof Uint8Array || body instanceof FileBody) {
    return body.length;
  }
  const declared = headers.get("content-length");
  if (declared !== null && /^\d{1,15}$/.test(declared)) return Number(declared);
  return body === null ? 0 : UNKNOWN;
}

async function readTrailers(
  trailers: Trailers | undefined,
): Promise<HeaderList> {
  return new HeaderList(
    typeof trailers === "function" ? await trailers() : trailers,
  );
}

/** Ends a content that nobody gets to see: HEAD, 204, 304, a client gone. */
export function discardBody(
  body: HttpResponse["body"],
): void | Promise<void> {
  if (body instanceof FileBody) return body.close();
  if (body instanceof ReadableStream) return body.cancel().catch(() => {});
  if (body === null || typeof body === "string" || body instanceof Uint8Array) {
    return;
  }
  return endIterator(body[Symbol.asyncIterator]());
}

async function endIterator(iterator: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Nobody is left to tell.
  }
}

/** The pieces of a content that comes bit by bit. */
interface Pieces {
  /** The next piece, good until the next call; `null` at the end. */
  next(): Promise<Uint8Array | null>;
  /** Frees what the source holds, once it has ended. */
  end(): void | Promise<void>;
  /** Gives the source up. */
  cancel(reason: unknown): void | Promise<void>;
}

function checkPiece(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError(
    `Cannot send a piece of a response body that is no Uint8Array: ${typeof piece}`,
  );
}

function openPieces({ body }: HttpResponse): Pieces {
  if (body instanceof FileBody) return filePieces(body);
  if (body instanceof ReadableStream) return streamPieces(body);
  const source = body as AsyncIterable<Uint8Array>;
  return iteratorPieces(source[Symbol.asyncIterator]());
}

function filePieces(file: FileBody): Pieces {
  const buffer = new Uint8Array(Math.min(FILE_PIECE_BYTES, file.length));
  return {
    async next() {
      const count = await file.read(buffer);
      return count === 0 ? null : buffer.subarray(0, count);
    },
    end: () => file.close(),
    cancel: () => file.close(),
  };
}

function streamPieces(stream: ReadableStream<Uint8Array>): Pieces {
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? null : checkPiece(value);
    },
    end: () => reader.releaseLock(),
    cancel: (reason) => reader.cancel(reason).catch(() => {}),
  };
}

function iteratorPieces(iterator: AsyncIterator<Uint8Array>): Pieces {
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done ? null : checkPiece(value);
    },
    end: () => {},
    cancel: () => endIterator(iterator),
  };
}
