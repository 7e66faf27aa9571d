/**
 * {@linkcode ResponseWriter}: an {@linkcode HttpResponse} onto a connection:
 * which framing it gets, and its content in as few writes as possible.
 *
 * @module
 */

import { discardBody } from "../../http/discard.ts";
import { FileBody } from "../../http/file_body.ts";
import { fieldValue, HeaderList } from "../../http/headers.ts";
import {
  type HttpResponse,
  linesOf,
  type Trailers,
} from "../../http/response.ts";
import { isBodiless } from "../../http/status.ts";
import type { ByteBuffer } from "../../protocol/byte_buffer.ts";
import type { ResponseEncoder } from "../../protocol/encoder.ts";
import {
  appendChunkedCoding,
  appendConnection,
  appendContentLength,
  endHead,
} from "../../protocol/message_parts.ts";
import { COPY_BYTES, type Output } from "./output.ts";
import {
  isEndSoon,
  openPieces,
  PENDING,
  type Pieces,
  settledSoon,
} from "../../http/pieces.ts";
import { StreamBody } from "../../http/stream_body.ts";
import { PieceSender } from "./piece_sender.ts";
import { StreamSender } from "./stream_sender.ts";

/** What the request allows the answer to be. */
export interface Exchange {
  /** True for HEAD: the head of a GET's answer without the content. */
  headOnly: boolean;
  /** The minor version of the request: 0 knows no chunks. */
  minorVersion: number;
  /** Whether the connection is to stay; an answer may turn it false. */
  keepAlive: boolean;
  /** True once the answer has begun to be written. */
  begun: boolean;
}

// Of a longer one this much goes with the head, so that no packet is nearly
// empty and the buffer need not grow: copying 64 KiB costs more than the write.
const FIRST_BYTES = 8 * 1024;
const LONG_FILE_BYTES = 256 * 1024;
const UNKNOWN = -1;
// CRLF behind the data of a chunk.
const CHUNK_END_BYTES = 2;

/** Writes the answers of one connection. */
export class ResponseWriter {
  readonly #output: Output;
  readonly #encoder: ResponseEncoder;
  // Where the last answer starts: in the output, and in all that was sent.
  #start = 0;
  #sentBefore = 0;
  #begun = false;
  #pieces: Pick<Pieces, "cancel"> | null = null;
  // What a long file is read into.
  #lent: ByteBuffer | null = null;
  // Where its content starts among all that was sent.
  #contentAt = 0;
  // Only for contents that come bit by bit.
  #pieceSender: PieceSender | null = null;
  #status = 0;

  /** Writes heads by `encoder` to `output`. */
  constructor(output: Output, encoder: ResponseEncoder) {
    this.#output = output;
    this.#encoder = encoder;
  }

  /**
   * Appends an answer to the output. What is at hand needs no promise and is
   * sent by the next flush; a stream is sent as it comes.
   *
   * @throws {TypeError} If a field would split the message or the content is
   * nothing that can be sent; nothing is appended then. After a rejection the
   * answer can be taken back if {@linkcode ResponseWriter.retract} says so.
   */
  write(response: HttpResponse, exchange: Exchange): void | Promise<void> {
    const { body } = response;
    this.#begun = false;
    if (this.#pieceSender !== null) this.#pieceSender.begin();
    if (asksToClose(response)) exchange.keepAlive = false;
    if (exchange.headOnly || isBodiless(response.status)) {
      this.#writeBodiless(response, exchange);
      return discardBody(body);
    }
    // Its meaning is that there is no content (RFC 9110 15.3.6).
    if (response.status === 205) return this.#writeEmpty(response, exchange);
    const isAtHand = body === null || typeof body === "string" ||
      body instanceof Uint8Array;
    if (!isAtHand) return this.#writePieces(response, exchange);
    if (response.trailers !== undefined) {
      return this.#writeWithTrailers(response, exchange);
    }
    if (typeof body === "string") {
      return this.#writeText(response, body, exchange);
    }
    if (body === null) return this.#writeHead(response, 0, exchange);
    if (body.length > COPY_BYTES) {
      return this.#writeLarge(response, body, exchange);
    }
    this.#writeHead(response, body.length, exchange);
    this.#output.buffer.append(body);
  }

  // The length of a text is known once it is encoded. Most texts are ASCII, so
  // it is taken to be one byte a character, and mended where that was wrong.
  #writeText(response: HttpResponse, text: string, exchange: Exchange): void {
    this.#writeHead(response, text.length, exchange);
    const out = this.#output.buffer;
    const start = out.length;
    const length = out.appendUtf8(text);
    if (length === text.length) return;
    const encoded = out.bytes.slice(start, out.length);
    out.truncate(this.#start);
    this.#writeHead(response, length, exchange);
    out.append(encoded);
  }

  /** The status of the last answer that was begun. */
  get status(): number {
    return this.#status;
  }

  /** The bytes of content that the last answer has among the first `sent` bytes. */
  contentWithin(sent: number): number {
    const framing = this.#pieceSender?.framing ?? 0;
    return Math.max(0, sent - this.#contentAt - framing);
  }

  /** Takes the last answer back; false if some of it may have been sent. */
  retract(): boolean {
    if (!this.#begun) return true;
    if (this.#output.sent !== this.#sentBefore || this.#output.isSending) {
      return false;
    }
    this.#output.buffer.truncate(this.#start);
    return true;
  }

  get #sender(): PieceSender {
    return this.#pieceSender ??= new PieceSender(this.#output);
  }

  #begin(response: HttpResponse, exchange: Exchange): void {
    this.#sentBefore = this.#output.sent;
    this.#start = this.#output.buffer.length;
    exchange.begun = this.#begun = true;
    this.#status = response.status;
    this.#contentAt = Infinity;
  }

  #beginHead(response: HttpResponse, exchange: Exchange): void {
    this.#begin(response, exchange);
    const out = this.#output.buffer;
    this.#encoder.beginHead(out, response.status, linesOf(response));
  }

  // A whole head, of a content whose length is known.
  #writeHead(
    response: HttpResponse,
    length: number,
    exchange: Exchange,
  ): void {
    if (!exchange.keepAlive || exchange.minorVersion === 0) {
      this.#beginHead(response, exchange);
      return this.#endHead(length, exchange);
    }
    this.#begin(response, exchange);
    const out = this.#output.buffer;
    this.#encoder.appendHead(out, response.status, linesOf(response), length);
    this.#contentAt = this.#output.end;
  }

  #appendConnection(exchange: Exchange): void {
    if (!exchange.keepAlive) appendConnection(this.#output.buffer, false);
    else if (exchange.minorVersion === 0) {
      appendConnection(this.#output.buffer, true);
    }
  }

  // Ends a head whose content has `length` bytes; UNKNOWN means chunks, or in
  // HTTP/1.0 all up to the connection's end.
  #endHead(length: number, exchange: Exchange): void {
    const out = this.#output.buffer;
    const isChunked = length < 0 && exchange.minorVersion > 0;
    if (length < 0 && !isChunked) exchange.keepAlive = false;
    this.#appendConnection(exchange);
    if (isChunked) appendChunkedCoding(out);
    else if (length >= 0) appendContentLength(out, length);
    this.#closeHead();
  }

  #closeHead(): void {
    endHead(this.#output.buffer);
    this.#contentAt = this.#output.end;
  }

  // The head that the content would have had (RFC 9110 9.3.2), none of its
  // framing for a status without content (RFC 9110 8.6).
  #writeBodiless(response: HttpResponse, exchange: Exchange): void {
    this.#beginHead(response, exchange);
    const out = this.#output.buffer;
    this.#appendConnection(exchange);
    const length = isBodiless(response.status)
      ? UNKNOWN
      : contentLength(response);
    if (length >= 0) appendContentLength(out, length);
    else if (!isBodiless(response.status) && exchange.minorVersion > 0) {
      appendChunkedCoding(out);
    }
    this.#closeHead();
  }

  #writeEmpty(
    response: HttpResponse,
    exchange: Exchange,
  ): void | Promise<void> {
    this.#writeHead(response, 0, exchange);
    return discardBody(response.body);
  }

  async #writeLarge(
    response: HttpResponse,
    body: Uint8Array,
    exchange: Exchange,
  ): Promise<void> {
    this.#writeHead(response, body.length, exchange);
    this.#output.buffer.append(body.subarray(0, FIRST_BYTES));
    await this.#output.write(body.subarray(FIRST_BYTES));
  }

  // Trailers need chunks; a client of HTTP/1.0 goes without.
  async #writeWithTrailers(
    response: HttpResponse,
    exchange: Exchange,
  ): Promise<void> {
    const bytes = await response.bytes();
    const trailers = await readTrailers(response.trailers);
    this.#beginHead(response, exchange);
    if (exchange.minorVersion === 0) {
      this.#endHead(bytes.length, exchange);
      this.#output.buffer.append(bytes);
      return;
    }
    this.#endHead(UNKNOWN, exchange);
    await this.#sender.append(bytes);
    this.#sender.appendLastChunk(trailers.lines);
  }

  async #writePieces(
    response: HttpResponse,
    exchange: Exchange,
  ): Promise<void> {
    const { body } = response;
    if (
      body instanceof StreamBody && exchange.minorVersion > 0 &&
      contentLength(response) < 0
    ) {
      return await this.#writeStream(body, response, exchange);
    }
    const { pool, isReleased } = this.#output;
    // Of a long file each piece costs a write: 512 KiB a time take 11 % less.
    const isLong = body instanceof FileBody && body.length > LONG_FILE_BYTES;
    const lent = isLong && !isReleased ? pool.takeLarge() : null;
    this.#lent = lent;
    try {
      const pieces = openPieces(body, lent?.bytes);
      this.#pieces = pieces;
      await this.#sendPieces(pieces, response, exchange);
      if (lent !== null) pool.give(lent);
    } catch (error) {
      this.#forgetLent();
      throw error;
    } finally {
      this.#pieces = this.#lent = null;
    }
  }

  async #writeStream(
    body: StreamBody,
    response: HttpResponse,
    exchange: Exchange,
  ): Promise<void> {
    const stream = new StreamSender(this.#sender, () => {
      this.#beginHead(response, exchange);
      this.#endHead(UNKNOWN, exchange);
    });
    this.#pieces = stream;
    try {
      await stream.send(body);
    } finally {
      this.#pieces = null;
    }
    await this.#endChunks(response.trailers);
  }

  // A read into it may still be under way, or never end.
  #forgetLent(): void {
    if (this.#lent !== null) this.#output.pool.forget(this.#lent);
  }

  // The head waits a moment for the first piece: the source may be the body of
  // the request, whose sender wants `100 Continue` first.
  async #sendPieces(
    pieces: Pieces,
    response: HttpResponse,
    exchange: Exchange,
  ): Promise<void> {
    try {
      const next = pieces.next();
      const first = await settledSoon(next);
      this.#beginHead(response, exchange);
      const length = contentLength(response);
      if (length >= 0) {
        this.#endHead(length, exchange);
        if (first === PENDING) await this.#output.flush();
        await this.#sender.sendPlain(pieces, next, length);
      } else if (first === PENDING || response.trailers !== undefined) {
        this.#endHead(UNKNOWN, exchange);
        if (first === PENDING) await this.#output.flush();
        await this.#sendUndeclared(pieces, next, response.trailers, exchange);
      } else await this.#sendHeld(pieces, first, exchange);
    } catch (error) {
      await pieces.cancel(error);
      throw error;
    }
    await pieces.end();
  }

  /** Gives up the content that is being sent, if there is one: nobody is left to take it. */
  cancel(): void {
    if (this.#pieces === null) return;
    this.#forgetLent();
    // Made only then: an error costs a tenth of a connection that comes and goes.
    const reason = new DOMException("The connection ended", "AbortError");
    // A generator that waits for something hears of it when that has come.
    this.#pieces.cancel(reason);
  }

  // A content that is complete at once goes out with its length, in one write:
  // so does the short body of most web Responses.
  async #sendHeld(
    pieces: Pieces,
    first: Uint8Array | null,
    exchange: Exchange,
  ): Promise<void> {
    if (first === null) return this.#endHead(0, exchange);
    if (exchange.minorVersion === 0) {
      return await this.#sendHeldWhole(pieces, first, exchange);
    }
    const start = this.#output.buffer.length;
    this.#endHead(UNKNOWN, exchange);
    await this.#sender.append(first);
    const next = pieces.next();
    if (
      this.#output.sent === this.#sentBefore && await isEndSoon(next)
    ) return this.#declareLength(start, first.length, exchange);
    // A source that fails behind its first piece must be seen to be cut.
    await this.#sender.sendChunks(pieces, next);
    this.#sender.appendLastChunk(null);
  }

  // Without chunks the end of an undeclared content is that of the connection.
  async #sendHeldWhole(
    pieces: Pieces,
    first: Uint8Array,
    exchange: Exchange,
  ): Promise<void> {
    // The source may use its buffer again for the next piece.
    const held = first.slice();
    const next = pieces.next();
    const isWhole = await isEndSoon(next);
    this.#endHead(isWhole ? held.length : UNKNOWN, exchange);
    this.#output.buffer.append(held);
    if (isWhole) return;
    await this.#output.flush();
    await this.#sender.sendPlain(pieces, next, UNKNOWN);
  }

  // Of a content that was appended as one chunk behind what starts at `start`.
  // The length takes less room than what it goes in place of.
  #declareLength(start: number, length: number, exchange: Exchange): void {
    const out = this.#output.buffer;
    const end = out.length - CHUNK_END_BYTES;
    out.truncate(start);
    this.#endHead(length, exchange);
    out.bytes.copyWithin(out.length, end - length, end);
    out.truncate(out.length + length);
    this.#sender.framing = 0;
  }

  async #sendUndeclared(
    pieces: Pieces,
    next: Promise<Uint8Array | null>,
    trailers: Trailers | undefined,
    exchange: Exchange,
  ): Promise<void> {
    if (exchange.minorVersion === 0) {
      return await this.#sender.sendPlain(pieces, next, UNKNOWN);
    }
    await this.#sender.sendChunks(pieces, next);
    await this.#endChunks(trailers);
  }

  async #endChunks(trailers: Trailers | undefined): Promise<void> {
    if (trailers === undefined) return this.#sender.appendLastChunk(null);
    const coming = readTrailers(trailers);
    if (await settledSoon(coming) === PENDING) await this.#output.flush();
    this.#sender.appendLastChunk((await coming).lines);
  }
}

function asksToClose(response: HttpResponse): boolean {
  const lines = linesOf(response);
  if (lines.constant) return false;
  const connection = fieldValue(lines, "connection");
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
