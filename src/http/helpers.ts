/**
 * Helpers that make the usual answers in one call.
 *
 * @module
 */

import {
  BYTES_TYPE,
  HTML_TYPE,
  JSON_TYPE,
  TEXT_TYPE,
  toJson,
} from "./content.ts";
import { type FieldLines, fieldLines, HeaderList } from "./headers.ts";
import { formatLocation } from "./location.ts";
import { checkOptionNames } from "./option_names.ts";
import {
  HttpResponse,
  type ResponseBody,
  responseOf,
  type ResponseOptions,
  type Trailers,
} from "./response.ts";
import { StreamBody, type WriteBody } from "./stream_body.ts";
import { describeValue } from "./values.ts";

/** Options of {@linkcode created}. */
export interface CreatedOptions extends ResponseOptions {
  /** Where the new resource is, sent as `Location`. @default {undefined} */
  location?: string | URL;
}

/** Options of {@linkcode redirect}. */
export interface RedirectOptions extends ResponseOptions {
  /** Whether to answer 301 in place of 302. @default {false} */
  permanent?: boolean;
  /** 300, 301, 302, 303, 307 or 308. @default {302} */
  status?: number;
}

/** Options of {@linkcode stream}. */
export interface StreamOptions extends ResponseOptions {
  /** Fields to send behind the content (RFC 9110 6.5). @default {undefined} */
  trailers?: Trailers;
}

// Shared by all answers of a kind, so that they are encoded only once.
const TEXT: FieldLines = fieldLines(["Content-Type", TEXT_TYPE]);
const HTML: FieldLines = fieldLines(["Content-Type", HTML_TYPE]);
const JSON_LINES: FieldLines = fieldLines(["Content-Type", JSON_TYPE]);
const BYTES: FieldLines = fieldLines(["Content-Type", BYTES_TYPE]);
const NONE: FieldLines = fieldLines();

const ANSWER_OPTIONS = ["status", "headers"];
const CREATED_OPTIONS = [...ANSWER_OPTIONS, "location"];
const REDIRECT_OPTIONS = ["status", "headers", "permanent"];
const STREAM_OPTIONS = [...ANSWER_OPTIONS, "trailers"];
const REDIRECTS: readonly number[] = [300, 301, 302, 303, 307, 308];

function mergeHeaders(
  lines: FieldLines,
  options: ResponseOptions,
): HeaderList {
  if (options.headers === undefined) return HeaderList.from(lines);
  const headers = new HeaderList(options.headers);
  for (let at = 0; at < lines.names.length; at++) {
    if (headers.has(lines.keys[at])) continue;
    headers.set(lines.names[at], lines.values[at]);
  }
  return headers;
}

function answer(
  status: number,
  lines: FieldLines,
  body: ResponseBody,
  options: ResponseOptions | undefined,
): HttpResponse {
  if (options === undefined) return responseOf(status, lines, body);
  checkOptionNames("an answer", options, ANSWER_OPTIONS);
  return new HttpResponse({
    status: options.status ?? status,
    headers: mergeHeaders(lines, options),
    body,
  });
}

function asBytes(body: object): Uint8Array | null {
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (!ArrayBuffer.isView(body)) return null;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
}

function isStream(
  body: object,
): body is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> {
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

function noText(name: string, body: unknown): TypeError {
  return new TypeError(
    `Cannot answer by ${name}() with ${
      describeValue(body)
    }: pass a string, or call ok(value) for any other value`,
  );
}

function answerAny(
  status: number,
  body: unknown,
  options: ResponseOptions | undefined,
): HttpResponse {
  if (typeof body === "string") return answer(status, TEXT, body, options);
  if (body === undefined) return answer(status, NONE, null, options);
  if (typeof body === "object" && body !== null) {
    const bytes = isStream(body) ? body : asBytes(body);
    if (bytes !== null) return answer(status, BYTES, bytes, options);
  }
  return answer(status, JSON_LINES, toJson(body), options);
}

/**
 * Answers 200. A string is sent as text, bytes and streams as they are
 * (`application/octet-stream` unless `headers` tell another type), nothing as
 * no content, and any other value as JSON.
 *
 * @throws {TypeError} If the value is no JSON: a cycle, a bigint, a function, a
 * promise; or a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { ok } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = ok({ id: 7 }, { headers: { "cache-control": "no-store" } });
 * assertEquals(response.status, 200);
 * assertEquals(response.header("content-type"), "application/json");
 * assertEquals(await response.json(), { id: 7 });
 * ```
 */
export function ok(body?: unknown, options?: ResponseOptions): HttpResponse {
  return answerAny(200, body, options);
}

/**
 * Answers 201 with a body as by {@linkcode ok} and, where given, the place of what
 * was created (RFC 9110 15.3.2).
 *
 * @throws {TypeError} If the value is no JSON, or the location or a header is
 * invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { created } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = created({ id: 7 }, { location: "/users/7" });
 * assertEquals(response.status, 201);
 * assertEquals(response.header("location"), "/users/7");
 * ```
 */
export function created(
  body?: unknown,
  options?: CreatedOptions,
): HttpResponse {
  if (options === undefined) return answerAny(201, body, options);
  checkOptionNames("created()", options, CREATED_OPTIONS);
  const { location, ...others } = options;
  const response = answerAny(201, body, others);
  if (location !== undefined) {
    response.headers.set("Location", formatLocation(location));
  }
  return response;
}

/**
 * Answers 202, for work that goes on, with a body as by {@linkcode ok}
 * (RFC 9110 15.3.3).
 *
 * @throws {TypeError} If the value is no JSON or a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { accepted } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(accepted({ job: 7 }).status, 202);
 * ```
 */
export function accepted(
  body?: unknown,
  options?: ResponseOptions,
): HttpResponse {
  return answerAny(202, body, options);
}

/**
 * Answers 204 without content (RFC 9110 15.3.5).
 *
 * @throws {TypeError} If a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { noContent } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(noContent().status, 204);
 * ```
 */
export function noContent(options?: ResponseOptions): HttpResponse {
  return answer(204, NONE, null, options);
}

function redirectStatus(options: RedirectOptions): number {
  const status = options.status ?? (options.permanent ? 301 : 302);
  if (REDIRECTS.includes(status)) return status;
  throw new RangeError(
    `Cannot redirect with status ${describeValue(status)}: take one of ${
      REDIRECTS.join(", ")
    }`,
  );
}

/**
 * Sends the client elsewhere: 302, or 301 if `permanent`. Clients may repeat a
 * POST as a GET then; `status` 307 and 308 forbid that, 303 asks for it (RFC 9110
 * 15.4).
 *
 * What a URL cannot hold is percent-encoded, escapes stay as they are. Never
 * pass on a location that a client chose: it may lead to another site.
 *
 * @throws {TypeError} If the location is empty or holds a control character, such
 * as a line break that would split the answer, or a header is invalid.
 * @throws {RangeError} If the status is no redirect.
 *
 * @example Usage
 * ```ts
 * import { redirect } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = redirect("/new place", { permanent: true });
 * assertEquals(response.status, 301);
 * assertEquals(response.header("location"), "/new%20place");
 * ```
 */
export function redirect(
  to: string | URL,
  options: RedirectOptions = {},
): HttpResponse {
  checkOptionNames("redirect()", options, REDIRECT_OPTIONS);
  const status = redirectStatus(options);
  const headers = new HeaderList(options.headers);
  headers.set("Location", formatLocation(to));
  return new HttpResponse({ status, headers });
}

/**
 * Answers 200 with HTML in UTF-8. Nothing is escaped.
 *
 * @throws {TypeError} If it is no string, or a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { html } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = html("<h1>Hello</h1>");
 * assertEquals(response.header("content-type"), "text/html; charset=utf-8");
 * ```
 */
export function html(body: string, options?: ResponseOptions): HttpResponse {
  if (typeof body !== "string") throw noText("html", body);
  return answer(200, HTML, body, options);
}

/**
 * Answers 200 with plain text in UTF-8.
 *
 * @throws {TypeError} If it is no string, or a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { text } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await text("hello").text(), "hello");
 * ```
 */
export function text(body: string, options?: ResponseOptions): HttpResponse {
  if (typeof body !== "string") throw noText("text", body);
  return answer(200, TEXT, body, options);
}

/**
 * Answers 200 with a value as JSON, a string too.
 *
 * @throws {TypeError} If the value is no JSON: undefined, a cycle, a bigint, a
 * function, a promise; or a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { json } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await json("hello").text(), '"hello"');
 * ```
 */
export function json(value: unknown, options?: ResponseOptions): HttpResponse {
  return answer(200, JSON_LINES, toJson(value), options);
}

/**
 * Answers 200 with a content that a function writes bit by bit, and no type
 * unless `headers` give one. It takes less than a `ReadableStream` and reads like
 * a loop: `await` holds it while the client is slower.
 *
 * The function runs when the content is sent, so not for HEAD. When the client has
 * gone its next write rejects; `request.signal` tells without one. If it throws
 * before anything was sent the answer is a 500, after that the connection is cut.
 *
 * @throws {TypeError} If it is no function, or a header is invalid.
 * @throws {RangeError} If the status is not an integer from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, stream } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer().get("/rows", () =>
 *   stream(async (writer) => {
 *     for (let row = 1; row <= 3; row++) await writer.write(`${row}\n`);
 *   }, { headers: { "content-type": "text/csv" } }));
 * const response = await server.inject({ path: "/rows" });
 * assertEquals(await response.text(), "1\n2\n3\n");
 * ```
 */
export function stream(
  write: WriteBody,
  options: StreamOptions = {},
): HttpResponse {
  if (typeof write !== "function") {
    throw new TypeError(
      `Cannot stream ${
        describeValue(write)
      }: pass a function that writes, such as async (writer) => { await writer.write("text"); }`,
    );
  }
  checkOptionNames("stream()", options, STREAM_OPTIONS);
  const { status = 200, headers, trailers } = options;
  return new HttpResponse({
    status,
    headers,
    trailers,
    body: new StreamBody(write),
  });
}
