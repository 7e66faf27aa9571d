/**
 * {@linkcode decompression}: compressed request bodies, decoded within bounds.
 *
 * @example Compressed uploads, 1 MB at most
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { decompression } from "@x/httpserver/middleware/decompression";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(decompression({ limit: 1_000_000 }));
 * server.post("/", async (request) => ok(await request.text()));
 * const headers = { "content-encoding": "lzma" };
 * const response = await server.inject({ method: "POST", headers, body: "?" });
 * assertEquals(response.status, 415);
 * ```
 *
 * @module
 */

import { splitList } from "../grammar/lists.ts";
import { cannotUse, checkList, checkNumber } from "../http/checks.ts";
import { HttpError } from "../http/errors.ts";
import type { HandlerResult, Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { type AnyRequest, bodyOf } from "../http/request.ts";
import type { RequestBody } from "../http/request_body.ts";
import { DecodingSource } from "./coding/decoder.ts";
import {
  CODINGS,
  type ContentCoding,
  hasCoding,
  loadedZlib,
  loadZlib,
  type Zlib,
} from "./coding/zlib.ts";

export type { ContentCoding } from "./coding/zlib.ts";

/** Options of {@linkcode decompression}. */
export interface DecompressionOptions {
  /**
   * The most bytes of a decoded body; more is answered 413. The body limit of the
   * server or the route holds too, and counts decoded bytes as well.
   *
   * @default {undefined} the limit of the server or the route
   */
  limit?: number;
  /**
   * How many times as long as its coded form a body may become, counted from
   * 1 MiB on; more is answered 413.
   *
   * @default {200}
   */
  maxRatio?: number;
  /**
   * The codings that are taken; any other is answered 415.
   *
   * @default {["zstd", "br", "gzip", "deflate"]}
   */
  encodings?: readonly ContentCoding[];
}

const NAMES: readonly (keyof DecompressionOptions)[] = [
  "limit",
  "maxRatio",
  "encodings",
];

// Each one multiplies what a few bytes can come to.
const MAX_CODINGS = 2;

function checkEncodings(
  encodings: readonly ContentCoding[],
): readonly ContentCoding[] {
  const what = '"encodings" of decompression';
  const known: readonly unknown[] = CODINGS;
  const names = `one or more of ${CODINGS.join(", ")}`;
  checkList(what, encodings, names, (name) => known.includes(name));
  if (encodings.length > 0) return [...encodings];
  throw new TypeError(`${cannotUse(what, encodings)}a list of ${names}`);
}

class Decompressor {
  readonly #limit: number;
  readonly #ratio: number;
  readonly #encodings: readonly ContentCoding[];

  constructor(options: DecompressionOptions) {
    checkOptionNames("decompression", options, NAMES);
    const { limit, maxRatio = 200, encodings = CODINGS } = options;
    const bytes = { least: 0, whole: true, unit: "bytes" };
    this.#limit = limit === undefined
      ? Infinity
      : checkNumber('"limit" of decompression', limit, bytes);
    const ratios = { least: 1, infinite: true };
    this.#ratio = checkNumber('"maxRatio" of decompression', maxRatio, ratios);
    this.#encodings = checkEncodings(encodings);
  }

  /** Has the body of a request decoded when it is read. */
  prepare(
    zlib: Zlib,
    request: AnyRequest,
    body: RequestBody,
    field: string,
  ): void {
    // Asked for as it is read: the route may yet set its own limit.
    const bytes = () => Math.min(body.limit, this.#limit);
    // The last one in the list was applied last (RFC 9110 8.4).
    const codings = this.#read(zlib, field).reverse();
    for (const [at, coding] of codings.entries()) {
      const isLast = at === codings.length - 1;
      const bounds = { bytes, isLast, ratio: this.#ratio };
      body.decode((source) => {
        const decoding = new DecodingSource(source, zlib, coding, bounds);
        // A handler may leave a body half read. Where bytes are not known, what
        // it answered with is still to be read, and may be the body.
        request.onEnd(({ bytes }) => bytes === null || decoding.close());
        return decoding;
      });
    }
    request.headers.delete("content-encoding").delete("content-length");
  }

  #read(zlib: Zlib, field: string): ContentCoding[] {
    const available = this.#encodings.filter((name) => hasCoding(zlib, name));
    const codings: ContentCoding[] = [];
    for (const member of splitList(field)) {
      // RFC 9110 8.4.1.3: the old name means the same.
      const name = member.toLowerCase().replace(/^x-gzip$/, "gzip");
      if (name === "identity") continue;
      const coding = available.find((known) => known === name);
      if (coding === undefined || codings.length === MAX_CODINGS) {
        throw unsupported(available);
      }
      codings.push(coding);
    }
    return codings;
  }
}

// RFC 9110 15.5.16: the client learns what it may send instead.
function unsupported(available: readonly ContentCoding[]): HttpError {
  return new HttpError(415, "The content coding of the body is not supported", {
    headers: { "Accept-Encoding": available.join(", ") },
  });
}

/**
 * Makes a middleware that decodes request bodies by their `Content-Encoding`
 * (RFC 9110 8.4): gzip, deflate, br and zstd, at most two on top of each other.
 * Handlers get the decoded body by any of the request's methods and see neither
 * `Content-Encoding` nor `Content-Length`. Without this middleware they get the
 * bytes as they were sent.
 *
 * Nothing is decoded before it is read, and no more at a time than is read, so a
 * body that would expand to gigabytes costs some KiB: over the body limit, which
 * counts decoded bytes, or over the ratio it is answered 413. Another coding is
 * answered 415 with `Accept-Encoding`; a body that is malformed, cut short, or
 * followed by other bytes fails with 400 as it is read.
 *
 * It reads and takes away `Content-Encoding` and `Content-Length` of the request,
 * and sets nothing but `Accept-Encoding` with a 415.
 * Its place: inside of what may refuse a request by its head (`cors`, rate limits,
 * authentication), outside of whatever reads bodies. A signature or digest of
 * the body as it was sent must be checked outside of it.
 *
 * @throws {TypeError} If an option is unknown or has the wrong shape.
 * @throws {RangeError} If `limit` or `maxRatio` is out of bounds.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { decompression } from "@x/httpserver/middleware/decompression";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(decompression())
 *   .post("/", async (request) => text(await request.text()));
 *
 * const gzip = new Blob(["hello"]).stream()
 *   .pipeThrough(new CompressionStream("gzip"));
 * const response = await server.inject({
 *   method: "POST",
 *   path: "/",
 *   headers: { "content-encoding": "gzip" },
 *   body: await new Response(gzip).bytes(),
 * });
 * assertEquals(await response.text(), "hello");
 * ```
 */
export function decompression(options: DecompressionOptions = {}): Middleware {
  const decompressor = new Decompressor(options);

  return function decompression(request, next): HandlerResult {
    const field = request.header("content-encoding");
    const body = bodyOf(request);
    if (field === null || body === null) return next();
    const zlib = loadedZlib();
    if (zlib !== null) {
      decompressor.prepare(zlib, request, body, field);
      return next();
    }
    return loadZlib().then((zlib) => {
      decompressor.prepare(zlib, request, body, field);
      return next();
    });
  };
}
