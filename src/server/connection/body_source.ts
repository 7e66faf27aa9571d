/**
 * {@linkcode ConnectionBodySource}: the body of the current request, pulled
 * from its connection.
 *
 * @module
 */

import { HttpError } from "../../http/errors.ts";
import { HeaderList, readFieldLines } from "../../http/headers.ts";
import type { BodySource } from "../../http/request_body.ts";
import type { BodyDecoder } from "../../protocol/body_decoder.ts";
import { ProtocolError, TRUNCATED } from "../../protocol/errors.ts";
import type { Input } from "./input.ts";

/** The connection, as the body of a request sees it. */
export interface BodyConnection {
  /** What has arrived. */
  readonly input: Input;
  /** The decoder of the body. */
  readonly decoder: BodyDecoder;
  /** Waits for more bytes; the peer is invited to send them if it waits for that. */
  receiveBody(): Promise<void>;
  /** Notes that some of the body was taken out of the input. */
  bodyUsed(): void;
  /** Notes that nothing behind this body can be understood. */
  breakFraming(error: ProtocolError): void;
}

// Framing, routing and authentication are settled before the body is read, so
// these are never taken from a trailer section (RFC 9110 6.5.1).
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "max-forwards",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

// What a chunked body is expected to bring with the next read.
const CHUNKED_READ_BYTES = 64 * 1024;

/** How many bytes of a body are still to come, as far as that is known. */
export function expectedBytes(decoder: BodyDecoder): number {
  return decoder.chunked ? CHUNKED_READ_BYTES : decoder.left;
}

/** Pulls one body from its connection. */
export class ConnectionBodySource implements BodySource {
  readonly #connection: BodyConnection;
  /** The declared length in bytes; `null` for a chunked body. */
  readonly length: number | null;
  #detached = false;
  #trailers = "";

  /** Pulls the body that `connection` stands before. */
  constructor(connection: BodyConnection, length: number | null) {
    this.#connection = connection;
    this.length = length;
  }

  /** The whole body, if it lies in the buffer already. */
  takeWhole<Result>(use: (bytes: Uint8Array) => Result): Result | null {
    const { input, decoder } = this.#connection;
    const isWhole = !this.#detached && !decoder.chunked && !decoder.done &&
      input.length >= decoder.left;
    if (!isWhole) return null;
    const { bytes, start } = input;
    input.start = decoder.decode(bytes, start, input.end);
    const result = use(bytes.subarray(start, input.start));
    // Last: more may be read into the buffer from here on.
    this.#connection.bodyUsed();
    return result;
  }

  /** The next piece; `null` at the end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      this.#checkAttached();
      const { decoder } = this.#connection;
      if (decoder.done) return null;
      const piece = this.#decode();
      if (piece.length > 0) return piece;
      if (decoder.done) return null;
      // Only now: the last bytes may come together with the peer's end.
      if (this.#connection.input.ended) this.#fail(TRUNCATED);
      await this.#connection.receiveBody();
    }
  }

  #checkAttached(): void {
    if (this.#detached) {
      throw new TypeError(
        "Cannot read the request body any more, as the request was answered: read it before the handler answers",
      );
    }
  }

  // All data that have arrived, as one piece: a piece for each chunk would let
  // a client that sends chunks of a byte take 500 times the memory of its body.
  #decode(): Uint8Array<ArrayBuffer> {
    const { input, decoder } = this.#connection;
    const { bytes } = input;
    const from = input.start;
    let start = 0;
    let end = 0;
    for (;;) {
      const at = decoder.decode(bytes, input.start, input.end);
      if (at < 0) return this.#fail(at);
      const { dataStart, dataEnd } = decoder;
      if (end === 0) start = end = dataStart;
      if (end !== dataStart) bytes.copyWithin(end, dataStart, dataEnd);
      end += dataEnd - dataStart;
      const isStuck = at === input.start;
      input.start = at;
      if (decoder.done || isStuck || at === input.end) break;
    }
    if (decoder.done) this.#trailers = decoder.trailers;
    const piece = bytes.slice(start, end);
    if (input.start > from) this.#connection.bodyUsed();
    return piece;
  }

  #fail(fault: number): never {
    const cause = ProtocolError.of(fault);
    this.#connection.breakFraming(cause);
    throw new HttpError(cause.status, cause.message, { cause });
  }

  /** The trailer section, without fields that must not stand in one. */
  trailers(): HeaderList {
    const list = new HeaderList();
    const { names, keys, values } = readFieldLines(this.#trailers);
    for (let at = 0; at < names.length; at++) {
      if (!NOT_IN_TRAILERS.has(keys[at])) list.append(names[at], values[at]);
    }
    return list;
  }

  /** Nothing to do: what is left unread is dropped after the answer. */
  cancel(): void {}

  /** Ends it: the connection goes on to another request. */
  detach(): void {
    this.#detached = true;
  }
}

/** Drops what is left of a body; false if that is over `limit` bytes or broken. */
export async function dropBody(
  connection: BodyConnection,
  limit: number,
): Promise<boolean> {
  const { input, decoder } = connection;
  let dropped = 0;
  while (!decoder.done) {
    const at = decoder.decode(input.bytes, input.start, input.end);
    if (at < 0) return false;
    dropped += at - input.start;
    if (dropped > limit) return false;
    const isStuck = at === input.start || at === input.end;
    input.start = at;
    if (decoder.done || !isStuck) continue;
    if (input.ended) return false;
    await connection.receiveBody();
  }
  return true;
}
