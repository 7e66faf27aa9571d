/**
 * {@linkcode compression}: answers compressed as the client likes it best.
 *
 * @example As the client likes it
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { compression } from "@x/httpserver/middleware/compression";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(compression()).get("/", () => ok("hello ".repeat(1000)));
 * const headers = { "accept-encoding": "gzip" };
 * const response = await server.inject({ headers });
 * assertEquals(response.header("content-encoding"), "gzip");
 * ```
 *
 * @module
 */

import { parseEntityTag, parseEntityTagList } from "../http/etag.ts";
import { FileBody } from "../http/file_body.ts";
import type { Middleware } from "../http/handler.ts";
import type { HeaderList } from "../http/headers.ts";
import { acceptsEncodings } from "../http/negotiation.ts";
import { openPieces } from "../http/pieces.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse, type ResponseBody } from "../http/response.ts";
import { isBodiless } from "../http/status.ts";
import { addVary } from "../http/vary.ts";
import { essenceOf } from "./coding/compressible.ts";
import { EncodedBody } from "./coding/encoded_body.ts";
import { type Coder, makeCoder } from "./coding/encoder.ts";
import { gather, piecesOf } from "./coding/gather.ts";
import { SLICE_BYTES } from "./coding/turns.ts";
import {
  type ContentCoding,
  hasCoding,
  loadedZlib,
  loadZlib,
  type Zlib,
} from "./coding/zlib.ts";
import {
  type CompressionOptions,
  type CompressionPolicy,
  resolvePolicy,
} from "./compression_options.ts";

export { isCompressible } from "./coding/compressible.ts";
export type { ContentCoding } from "./coding/zlib.ts";
export type {
  CompressionLevels,
  CompressionOptions,
} from "./compression_options.ts";

// Each tells that the content is coded already, or of which bytes it is.
const FORBIDDING = [
  "content-encoding",
  "content-digest",
  "repr-digest",
  "digest",
  "content-md5",
];
const NO_TRANSFORM = /(?:^|,)\s*no-transform\s*(?:,|$)/i;
const ENCODER = new TextEncoder();
const NOTHING = new Uint8Array(0);

function isTransformable(headers: HeaderList): boolean {
  if (FORBIDDING.some((name) => headers.has(name))) return false;
  return !NO_TRANSFORM.test(headers.get("cache-control") ?? "");
}

function byteLength(text: string, enough: number): number {
  // Each unit of a string becomes one to three bytes.
  if (text.length >= enough || text.length * 3 < enough) return text.length;
  return ENCODER.encode(text).length;
}

/** The length of the content as far as it matters here; `Infinity` if unknown. */
function sizeOf(
  request: AnyRequest,
  response: HttpResponse,
  enough: number,
): number {
  const { body, headers } = response;
  // A handler may answer HEAD by the head alone.
  if (body === null && request.method !== "HEAD") return 0;
  if (typeof body === "string") return byteLength(body, enough);
  if (body instanceof Uint8Array || body instanceof FileBody) {
    return body.length;
  }
  const declared = headers.get("content-length");
  if (declared !== null) return Number(declared);
  return body === null ? 0 : Infinity;
}

// RFC 9110 12.5.3: by "identity;q=0" or "*;q=0".
function refusesIdentity(field: string | null): boolean {
  return field !== null && acceptsEncodings(field, []) === null;
}

function weaken(headers: HeaderList): void {
  const tag = headers.get("etag");
  if (tag !== null && !tag.startsWith("W/")) headers.set("ETag", `W/${tag}`);
}

// A 304 must name the tag as the client's copy has it: a strong one updates no
// copy whose tag is weak (RFC 9111 4.3.4).
function hasWeakCopy(request: AnyRequest, etag: string): boolean {
  const tag = parseEntityTag(etag);
  const list = parseEntityTagList(request.header("if-none-match") ?? "");
  if (tag === null || list === "*") return false;
  const same = list.filter((other) => other.value === tag.value);
  return same.length > 0 && same.every((other) => other.weak);
}

/** Sets the fields of a coded content. */
function describeCoded(headers: HeaderList, coding: string): void {
  headers.set("Content-Encoding", coding);
  headers.delete("content-length");
  // Ranges are of the content as it is sent, and that differs each time.
  headers.delete("accept-ranges");
  weaken(headers);
}

class Compressor {
  readonly #policy: CompressionPolicy;
  #coders: ReadonlyMap<string, Coder> | null = null;
  #available: readonly ContentCoding[];

  constructor(policy: CompressionPolicy) {
    this.#policy = policy;
    this.#available = policy.encodings;
  }

  /** Compresses an answer if that can be done and is wanted. */
  compress(
    request: AnyRequest,
    response: HttpResponse,
  ): HttpResponse | Promise<HttpResponse> {
    if (response.status === 304) return this.#alignUnchanged(request, response);
    const field = request.header("accept-encoding");
    if (!this.#couldBeCoded(request, response, field)) return response;
    // Also where it is not coded: another client would get it coded.
    addVary(response.headers, "Accept-Encoding");
    if (response.status === 206 || this.#choose(field) === null) {
      return response;
    }
    const zlib = loadedZlib();
    return zlib === null
      ? loadZlib().then((zlib) => this.#encode(zlib, request, response))
      : this.#encode(zlib, request, response);
  }

  #choose(field: string | null): ContentCoding | null {
    const choice = acceptsEncodings(field, this.#available);
    return this.#available.find((coding) => coding === choice) ?? null;
  }

  #alignUnchanged(request: AnyRequest, response: HttpResponse): HttpResponse {
    const { headers } = response;
    const type = headers.get("content-type");
    // Mostly it has no type: then the 200 may have been one to compress.
    if (type !== null && !this.#policy.types(type)) return response;
    if (!isTransformable(headers)) return response;
    addVary(headers, "Accept-Encoding");
    if (hasWeakCopy(request, headers.get("etag") ?? "")) weaken(headers);
    return response;
  }

  #couldBeCoded(
    request: AnyRequest,
    response: HttpResponse,
    field: string | null,
  ): boolean {
    const { status, headers } = response;
    if (isBodiless(status) || status === 205) return false;
    const isPart = status === 206;
    // Of a 416.
    if (!isPart && headers.has("content-range")) return false;
    const isForced = !isPart && refusesIdentity(field);
    if (!isForced && !this.#isWorthIt(headers, isPart)) return false;
    if (!isTransformable(headers)) return false;
    const enough = isForced ? 1 : Math.max(this.#policy.minSize, 1);
    // Not `<`: a declared length may be no number at all.
    if (!isPart && !(sizeOf(request, response, enough) >= enough)) return false;
    return this.#policy.filter(request, response);
  }

  #isWorthIt(headers: HeaderList, isPart: boolean): boolean {
    const type = headers.get("content-type");
    if (type === null) return false;
    // RFC 9110 15.3.7: a 206 has the Vary of the 200.
    return this.#policy.types(type) ||
      (isPart && essenceOf(type) === "multipart/byteranges");
  }

  #coderFor(zlib: Zlib, field: string | null): [string, Coder] | null {
    if (this.#coders === null) {
      const { encodings, levels } = this.#policy;
      this.#available = encodings.filter((coding) => hasCoding(zlib, coding));
      this.#coders = new Map(
        this.#available.map((name) => [name, makeCoder(zlib, name, levels)]),
      );
    }
    const coding = this.#choose(field);
    const coder = coding === null ? undefined : this.#coders.get(coding);
    return coding === null || coder === undefined ? null : [coding, coder];
  }

  #encode(
    zlib: Zlib,
    request: AnyRequest,
    response: HttpResponse,
  ): HttpResponse | Promise<HttpResponse> {
    const found = this.#coderFor(zlib, request.header("accept-encoding"));
    if (found === null) return response;
    const [coding, coder] = found;
    const type = response.header("content-type") ?? "";
    const isLive = essenceOf(type) === "text/event-stream";
    const { body } = response;
    const isStream = isUndeclared(body) && !response.headers.has(
      "content-length",
    );
    if (isStream && !isLive) return this.#gather(request, response, found);
    describeCoded(response.headers, coding);
    response.body = codedBody(request, body, coder, isLive);
    return response;
  }

  // The body of a web Response is a stream, however short it is.
  async #gather(
    request: AnyRequest,
    response: HttpResponse,
    [coding, coder]: [string, Coder],
  ): Promise<HttpResponse> {
    const content = await gather(response.body, SLICE_BYTES);
    if (content instanceof Uint8Array) {
      response.body = content;
      if (content.length < Math.max(this.#policy.minSize, 1)) return response;
      response.body = codedBody(request, content, coder, false);
    } else response.body = new EncodedBody(() => content, coder, false);
    describeCoded(response.headers, coding);
    return response;
  }
}

function isUndeclared(body: ResponseBody): boolean {
  return typeof body === "object" && body !== null &&
    !(body instanceof Uint8Array) && !(body instanceof FileBody);
}

function codedBody(
  request: AnyRequest,
  body: ResponseBody,
  coder: Coder,
  isLive: boolean,
): ResponseBody {
  const content = typeof body === "string"
    ? ENCODER.encode(body)
    : body ?? NOTHING;
  if (!(content instanceof Uint8Array)) {
    return new EncodedBody(() => openPieces(content), coder, isLive);
  }
  // For HEAD the content is only described: nothing is compressed, and no
  // length is told that was not counted (RFC 9110 8.6).
  if (request.method === "HEAD" || content.length > SLICE_BYTES) {
    return new EncodedBody(() => piecesOf(content), coder, isLive);
  }
  return coder.whole(content);
}

/**
 * Makes a middleware that compresses answers by the content coding that the
 * client likes best (RFC 9110 12.5.3): by weight, among equal weights in the
 * server's order. A client that refuses the content as it is (`identity;q=0`) gets
 * any content coded; one that accepts no coding at all gets it as it is.
 *
 * Never coded are answers without content, parts (206), what is coded already
 * or carries a digest, and what says `Cache-Control: no-transform`. Contents of
 * up to 64 KiB that are at hand are coded at once and keep a length; others as
 * they are sent, in slices between which the server answers others, at the
 * pace of the client. An event stream is flushed after each piece, any other
 * content when its source pauses for 20 ms.
 *
 * It reads `Accept-Encoding`; sets `Content-Encoding` and, on all that another
 * client would get coded, `Vary`; takes `Accept-Ranges` and a `Content-Length`
 * away; makes an `ETag` weak, also in a 304 to a client that has the weak one. An
 * answer to HEAD has the fields of that to GET, but no length: nothing is
 * compressed to learn it. Since a weak tag never satisfies `If-Match`, answers
 * whose tags are used to guard updates want `no-transform`.
 *
 * Its place: outside of whatever makes or reads contents (`etag`, handlers, static
 * files), inside of `logging`, which counts what is sent.
 *
 * @throws {TypeError} If an option is unknown or has the wrong shape.
 * @throws {RangeError} If `minSize` or a level is out of bounds.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { compression } from "@x/httpserver/middleware/compression";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(compression())
 *   .get("/", () => text("hello ".repeat(1000)));
 * const response = await server.inject({
 *   path: "/",
 *   headers: { "accept-encoding": "gzip, br" },
 * });
 * assertEquals(response.header("content-encoding"), "br");
 * assertEquals(response.header("vary"), "Accept-Encoding");
 * assert((await response.bytes()).length < 100);
 * ```
 */
export function compression(options: CompressionOptions = {}): Middleware {
  const compressor = new Compressor(resolvePolicy(options));

  return function compression(request, next) {
    const answer = next();
    return answer instanceof HttpResponse
      ? compressor.compress(request, answer)
      : answer.then((response) => compressor.compress(request, response));
  };
}
