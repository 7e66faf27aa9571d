/**
 * What a peer can do wrong. The parsers return a fault as a negative number;
 * one {@linkcode ProtocolError} is made of it when the message is refused.
 *
 * @module
 */

/** The method is not a token (RFC 9112 3.1). */
export const BAD_METHOD: number = -1;
/** The request target is malformed (RFC 9112 3.2). */
export const BAD_TARGET: number = -2;
/** The HTTP version is malformed (RFC 9112 2.3). */
export const BAD_VERSION: number = -3;
/** The HTTP version is not supported (RFC 9110 15.6.6). */
export const UNSUPPORTED_VERSION: number = -4;
/** A line does not end with CRLF (RFC 9112 2.2). */
export const BAD_LINE_END: number = -5;
/** A field name is not a token followed by a colon (RFC 9112 5.1). */
export const BAD_FIELD_NAME: number = -6;
/** A field value has a control character (RFC 9110 5.5). */
export const BAD_FIELD_VALUE: number = -7;
/** A field line is folded (RFC 9112 5.2). */
export const OBS_FOLD: number = -8;
/** The request line is too long (RFC 9112 3). */
export const REQUEST_LINE_TOO_LONG: number = -9;
/** The method is too long (RFC 9112 3). */
export const METHOD_TOO_LONG: number = -10;
/** The header fields are too large (RFC 6585 5). */
export const FIELDS_TOO_LARGE: number = -11;
/** There are too many header fields (RFC 6585 5). */
export const TOO_MANY_FIELDS: number = -12;
/** The Host field is missing, repeated or malformed (RFC 9112 3.2). */
export const BAD_HOST: number = -13;
/** The Content-Length is malformed or repeated (RFC 9112 6.3). */
export const BAD_CONTENT_LENGTH: number = -14;
/** Content-Length and Transfer-Encoding are both there (RFC 9112 6.3). */
export const LENGTH_AND_CODING: number = -15;
/** The Transfer-Encoding is malformed or does not end with chunked (RFC 9112 6.3). */
export const BAD_TRANSFER_ENCODING: number = -16;
/** The transfer coding is not implemented (RFC 9112 6.1). */
export const UNKNOWN_TRANSFER_CODING: number = -17;
/** A field that may stand once is repeated (RFC 9110 5.3). */
export const REPEATED_FIELD: number = -18;
/** The expectation is not supported (RFC 9110 10.1.1). */
export const EXPECTATION_FAILED: number = -19;
/** The method is not implemented (RFC 9110 15.6.2). */
export const NOT_IMPLEMENTED: number = -20;
/** A chunk size is malformed (RFC 9112 7.1). */
export const BAD_CHUNK_SIZE: number = -21;
/** A chunk extension is malformed (RFC 9112 7.1.1). */
export const BAD_CHUNK_EXTENSION: number = -22;
/** Chunk data do not end with CRLF (RFC 9112 7.1). */
export const BAD_CHUNK_END: number = -23;
/** A chunk line or all chunk extensions are too long (RFC 9112 7.1.1). */
export const CHUNK_LINE_TOO_LONG: number = -24;
/** The message ended before it was complete (RFC 9112 8). */
export const TRUNCATED: number = -25;
/** The request took too long to arrive (RFC 9110 15.5.9). */
export const REQUEST_TIMEOUT: number = -26;
/** The PROXY protocol header is malformed; nothing is answered to it. */
export const BAD_PROXY_HEADER: number = -27;

/** The name of a fault, stable for logs and metrics. */
export type ProtocolErrorCode =
  | "bad-method"
  | "bad-target"
  | "bad-version"
  | "unsupported-version"
  | "bad-line-end"
  | "bad-field-name"
  | "bad-field-value"
  | "obs-fold"
  | "request-line-too-long"
  | "method-too-long"
  | "fields-too-large"
  | "too-many-fields"
  | "bad-host"
  | "bad-content-length"
  | "length-and-coding"
  | "bad-transfer-encoding"
  | "unknown-transfer-coding"
  | "repeated-field"
  | "expectation-failed"
  | "not-implemented"
  | "bad-chunk-size"
  | "bad-chunk-extension"
  | "bad-chunk-end"
  | "chunk-line-too-long"
  | "truncated"
  | "request-timeout"
  | "bad-proxy-header";

/** A status with which a broken message is refused. */
export type RefusalStatus = 400 | 408 | 414 | 417 | 431 | 501 | 505;

type Fault = readonly [ProtocolErrorCode, RefusalStatus, string];

const FAULTS: readonly Fault[] = [
  ["bad-method", 400, "The method is not a token"],
  ["bad-target", 400, "The request target is malformed"],
  ["bad-version", 400, "The HTTP version is malformed"],
  ["unsupported-version", 505, "The HTTP version is not supported"],
  ["bad-line-end", 400, "A line does not end with CRLF"],
  ["bad-field-name", 400, "A field name is not a token followed by a colon"],
  ["bad-field-value", 400, "A field value has a control character"],
  ["obs-fold", 400, "A field line is folded"],
  ["request-line-too-long", 414, "The request line is too long"],
  ["method-too-long", 400, "The method is too long"],
  ["fields-too-large", 431, "The header fields are too large"],
  ["too-many-fields", 431, "There are too many header fields"],
  ["bad-host", 400, "The Host field is missing, repeated or malformed"],
  ["bad-content-length", 400, "The Content-Length is malformed or repeated"],
  [
    "length-and-coding",
    400,
    "Content-Length and Transfer-Encoding are both there",
  ],
  [
    "bad-transfer-encoding",
    400,
    "The Transfer-Encoding is malformed or does not end with chunked",
  ],
  ["unknown-transfer-coding", 501, "The transfer coding is not implemented"],
  ["repeated-field", 400, "A field that may stand once is repeated"],
  ["expectation-failed", 417, "The expectation is not supported"],
  ["not-implemented", 501, "The method is not implemented"],
  ["bad-chunk-size", 400, "A chunk size is malformed"],
  ["bad-chunk-extension", 400, "A chunk extension is malformed"],
  ["bad-chunk-end", 400, "Chunk data do not end with CRLF"],
  [
    "chunk-line-too-long",
    431,
    "A chunk line or all chunk extensions are too long",
  ],
  ["truncated", 400, "The message ended before it was complete"],
  ["request-timeout", 408, "The request took too long to arrive"],
  ["bad-proxy-header", 400, "The PROXY protocol header is malformed"],
];

/**
 * A message that breaks the protocol, and the status to refuse it with.
 *
 * @example Usage
 * ```ts
 * import { HeadParser, ProtocolError } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("GET / HTTP/3.0\r\n\r\n");
 * const fault = new HeadParser().parse(bytes, 0, bytes.length);
 * const error = ProtocolError.of(fault);
 * assertEquals(error.status, 505);
 * assertEquals(error.code, "unsupported-version");
 * ```
 */
export class ProtocolError extends Error {
  /** The name of the fault. */
  readonly code: ProtocolErrorCode;
  /** The status to answer. */
  readonly status: RefusalStatus;

  /** Makes an error of its parts; see {@linkcode ProtocolError.of}. */
  constructor(code: ProtocolErrorCode, status: RefusalStatus, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
    this.status = status;
  }

  /**
   * Makes the error of a fault that a parser returned.
   *
   * @throws {RangeError} If the number is none of the faults.
   */
  static of(fault: number): ProtocolError {
    const found = FAULTS[-fault - 1];
    if (found === undefined) {
      throw new RangeError(`Cannot find protocol fault ${fault}`);
    }
    return new ProtocolError(...found);
  }
}
