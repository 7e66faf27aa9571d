/**
 * {@linkcode etag}: entity tags for answers that have none, and 304 for clients
 * that have the content already.
 *
 * @example 304 for who has it already
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { etag } from "@x/httpserver/middleware/etag";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(etag()).get("/", () => ok("hello"));
 * const tag = (await server.inject({})).header("etag") ?? "";
 * const headers = { "if-none-match": tag };
 * assertEquals((await server.inject({ headers })).status, 304);
 * ```
 *
 * @module
 */

import { checkBoolean, checkNumber } from "../http/checks.ts";
import { evaluateConditions, type Validators } from "../http/conditional.ts";
import { parseHttpDate } from "../grammar/dates.ts";
import { discardBody } from "../http/discard.ts";
import { HttpError } from "../http/errors.ts";
import { parseEntityTag } from "../http/etag.ts";
import type { Middleware } from "../http/handler.ts";
import type { HeaderList } from "../http/headers.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";

/** Options of {@linkcode etag}. */
export interface EtagOptions {
  /**
   * Whether the tags are weak: two contents that share one mean the same, but may
   * differ in their bytes. Strong ones are for answers that no middleware or
   * proxy changes afterwards; `compression` makes them weak.
   *
   * @default {true}
   */
  weak?: boolean;
  /**
   * Contents of more bytes get no tag: hashing takes 0.6 ms a MiB.
   *
   * @default {1048576}
   */
  maxBytes?: number;
}

type HashFunction = (content: string | Uint8Array) => string;

const NAMES: readonly (keyof EtagOptions)[] = ["weak", "maxBytes"];
const NO_STORE = /(?:^|,)\s*no-store\s*(?:,|$)/i;
// RFC 9110 15.4.5: of what describes the content a 304 has only what updates
// a cache's copy.
const NOT_IN_304 = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-type",
  "accept-ranges",
  "trailer",
];
// 128 bits: enough that nobody finds two contents with one tag by chance.
const TAG_LENGTH = 22;

let hash: HashFunction | null = null;

// Not by `crypto.subtle`: it is asynchronous, and slower for short contents.
async function loadHash(): Promise<HashFunction> {
  const { createHash } = (await import("node:crypto")).default;
  return hash = (content) =>
    createHash("sha256").update(content).digest("base64url").slice(
      0,
      TAG_LENGTH,
    );
}

/** The content to hash; `null` if there is none, or it is too long. */
function hashable(
  request: AnyRequest,
  response: HttpResponse,
  maxBytes: number,
): string | Uint8Array | null {
  const { body, headers } = response;
  if (NO_STORE.test(headers.get("cache-control") ?? "")) return null;
  // A handler may answer HEAD by the head alone: then the content is unknown.
  if (body === null) return request.method === "HEAD" ? null : "";
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return null;
  return body.length <= maxBytes ? body : null;
}

function validatorsOf(headers: HeaderList): Validators {
  const etag = headers.get("etag");
  const lastModified = parseHttpDate(headers.get("last-modified") ?? "");
  return {
    // What is no tag cannot be compared, and is not ours to refuse.
    etag: etag === null || parseEntityTag(etag) === null ? undefined : etag,
    lastModified: lastModified ?? undefined,
  };
}

function emptied(response: HttpResponse): HttpResponse {
  for (const name of NOT_IN_304) response.headers.delete(name);
  response.status = 304;
  response.body = null;
  response.trailers = undefined;
  return response;
}

function evaluate(
  request: AnyRequest,
  response: HttpResponse,
): HttpResponse | Promise<HttpResponse> {
  const { method, headers } = request;
  const validators = validatorsOf(response.headers);
  const result = evaluateConditions(method, headers, validators);
  if (result === "proceed") return response;
  const discarded = discardBody(response.body);
  const finish = result === "not-modified" ? emptied : refuse;
  return discarded === undefined
    ? finish(response)
    : discarded.then(() => finish(response));
}

function refuse(): never {
  throw new HttpError(412, "The content is not the one of the condition");
}

/**
 * Makes a middleware that gives an `ETag` to answers to GET and HEAD of status
 * 200 whose content is at hand, out of a hash of the content, unless they have
 * one or say `no-store`. It then evaluates the conditions of the request in the
 * order of RFC 9110 13.2.2, also by an `ETag` and a `Last-Modified` that the
 * handler has set, and answers 304 or 412. Streams and files are not touched,
 * except that they too become a 304 or 412 by what the handler has set.
 *
 * A 304 saves the transfer, not the work of the handler: one that knows a version
 * of its content without making it does better by
 * {@linkcode evaluateConditions}. Conditions of other methods are not looked at:
 * when the answer is known, the work is done.
 *
 * It reads `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`;
 * sets `ETag`. Its place: inside of `compression`, so that the tag is that of the
 * content before it is coded and a client keeps it whatever coding it takes.
 *
 * @throws {TypeError} If an option is unknown or has the wrong shape.
 * @throws {RangeError} If `maxBytes` is not a whole number from 0.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { etag } from "@x/httpserver/middleware/etag";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const server = new HttpServer().use(etag()).get("/", () => text("hello"));
 * const first = await server.inject({ path: "/" });
 * const tag = first.header("etag") ?? "";
 * assertMatch(tag, /^W\/"[\w-]{22}"$/);
 *
 * const headers = { "if-none-match": tag };
 * const second = await server.inject({ path: "/", headers });
 * assertEquals([second.status, await second.text()], [304, ""]);
 * ```
 */
export function etag(options: EtagOptions = {}): Middleware {
  checkOptionNames("etag", options, NAMES);
  const { weak = true, maxBytes = 1024 * 1024 } = options;
  checkBoolean('"weak" of etag', weak);
  const bounds = { least: 0, whole: true, unit: "bytes" };
  checkNumber('"maxBytes" of etag', maxBytes, bounds);
  const prefix = weak ? 'W/"' : '"';

  function tag(
    request: AnyRequest,
    response: HttpResponse,
    content: string | Uint8Array,
    hash: HashFunction,
  ): HttpResponse | Promise<HttpResponse> {
    response.headers.set("ETag", `${prefix}${hash(content)}"`);
    return evaluate(request, response);
  }

  function answer(
    request: AnyRequest,
    response: HttpResponse,
  ): HttpResponse | Promise<HttpResponse> {
    if (response.status !== 200) return response;
    if (response.headers.has("etag")) return evaluate(request, response);
    const content = hashable(request, response, maxBytes);
    if (content === null) return evaluate(request, response);
    return hash === null
      ? loadHash().then((hash) => tag(request, response, content, hash))
      : tag(request, response, content, hash);
  }

  return function etag(request, next) {
    const response = next();
    if (request.method !== "GET" && request.method !== "HEAD") return response;
    return response instanceof HttpResponse
      ? answer(request, response)
      : response.then((response) => answer(request, response));
  };
}
