/**
 * {@linkcode HttpResponse}: an answer as a handler makes it.
 *
 * @module
 */

import type { FileBody } from "./file_body.ts";
import {
  type FieldLines,
  HeaderList,
  type HeadersLike,
  NO_LINES,
} from "./headers.ts";
import { replaceBodies, type Replaced } from "./discard.ts";
import { checkOptionNames } from "./option_names.ts";
import { isBodiless, reasonPhrase } from "./status.ts";
import { describeValue } from "./values.ts";

/** What an answer may have as its content. */
export type ResponseBody =
  | null
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | FileBody;

/** Fields sent behind a chunked body, or a function asked for them at its end. */
export type Trailers = HeadersLike | (() => HeadersLike | Promise<HeadersLike>);

/** The parts that an {@linkcode HttpResponse} is made from. */
export interface HttpResponseInit {
  /** The status code, 200 to 599. @default {200} */
  status?: number;
  /** The fields: a record, pairs, `Headers` or a {@linkcode HeaderList}. */
  headers?: HeadersLike;
  /** The content. @default {null} */
  body?: ResponseBody;
  /** Fields to send behind a chunked body (RFC 9110 6.5). */
  trailers?: Trailers;
}

/** Status and headers for the helpers that make a whole answer. */
export type ResponseOptions = Pick<HttpResponseInit, "status" | "headers">;

/**
 * Makes an answer one request's own before a middleware sees it: what is kept
 * for many requests, such as a constant, is copied. The fields are only copied
 * once they change.
 */
export let ownResponse: (
  response: HttpResponse,
  owner: number,
) => HttpResponse;

/** Takes a new answer, which nobody else has, as a request's own. */
export let adoptResponse: (
  response: HttpResponse,
  owner: number,
) => HttpResponse;

/** Tells whether an answer is the request's own. */
export let isOwnResponse: (response: HttpResponse, owner: number) => boolean;

/** Makes an answer of lines that are known to be valid, for the helpers: without a list until one is asked for. */
export let responseOf: (
  status: number,
  lines: FieldLines,
  body: ResponseBody,
) => HttpResponse;

/** The field lines of an answer, not to be changed. */
export let linesOf: (response: HttpResponse) => FieldLines;

/** The contents that an answer holds: its own, and the one it had before. */
export let bodiesOf: (response: HttpResponse) => readonly ResponseBody[];

/**
 * An answer in place of others: their contents end, and the one that it had
 * itself before it was given another.
 */
export let replaceResponses: (
  response: HttpResponse,
  replaced: readonly Replaced[],
) => HttpResponse;

const NO_INIT: HttpResponseInit = {};

/**
 * An answer. A middleware may change its status, headers and body before it is
 * sent.
 *
 * @example Usage
 * ```ts
 * import { HttpResponse } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new HttpResponse({
 *   status: 202,
 *   headers: { "content-type": "text/plain" },
 *   body: "later",
 * });
 * assertEquals(response.status, 202);
 * assertEquals(await response.text(), "later");
 * ```
 */
export class HttpResponse {
  #status: number;
  #lines: FieldLines | null = null;
  #headers: HeaderList | null = null;
  /** The content. */
  body: ResponseBody;
  /** Fields to send behind a chunked body. */
  trailers: Trailers | undefined;
  /** The error that this answer stands for: logged, never sent. */
  error: unknown = undefined;

  #owner = 0;
  // The content that it was taken with.
  #taken: ResponseBody = null;

  /**
   * Makes an answer.
   *
   * @throws {RangeError} If the status is not an integer from 200 to 599.
   * @throws {TypeError} If a header has a bad name or value.
   */
  constructor(init: HttpResponseInit = NO_INIT) {
    if (init === null) refuseInit(init);
    this.#status = init === NO_INIT
      ? 200
      : init.status === undefined
      ? defaultStatus(init)
      : checkStatus(init.status);
    // Never the caller's own list: it may serve many answers, and middleware
    // changes each.
    if (init.headers !== undefined) {
      this.#headers = new HeaderList(init.headers);
    }
    this.body = init.body === undefined ? null : checkBody(init.body);
    this.trailers = init.trailers;
  }

  /** The fields. */
  get headers(): HeaderList {
    return this.#headers ??= this.#lines === null
      ? new HeaderList()
      : HeaderList.from(this.#lines);
  }

  /** Sets all fields; a TypeError tells of what is no {@linkcode HeaderList}. */
  set headers(headers: HeaderList) {
    this.#headers = checkHeaders(headers);
  }

  /** The status code. */
  get status(): number {
    return this.#status;
  }

  /** Sets the status code; a RangeError tells of one that is no final status. */
  set status(status: number) {
    this.#status = checkStatus(status);
  }

  /** True for a status from 200 to 299. */
  get ok(): boolean {
    return this.#status < 300;
  }

  /** The value of a field, repeats joined, or `null`. */
  header(name: string): string | null {
    if (arguments.length > 1) {
      throw new TypeError(
        `Cannot set ${
          describeValue(name)
        } by header(), which reads: call headers.set(name, value)`,
      );
    }
    return this.headers.get(name);
  }

  /** The content as bytes. A stream is consumed by it. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#asWebBody().arrayBuffer());
  }

  /** The content as text, read as UTF-8. A stream is consumed by it. */
  text(): Promise<string> {
    return typeof this.body === "string"
      ? Promise.resolve(this.body)
      : this.#asWebBody().text();
  }

  /** The content as JSON. A stream is consumed by it. */
  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text());
  }

  #asWebBody(): Response {
    return new Response(webBody(this.body));
  }

  /** A web `Response` with the same parts. A content that is a stream goes with it. */
  toWeb(): Response {
    // RFC 9110 15.3.6: the web refuses content with a 205 too.
    const bodiless = isBodiless(this.#status) || this.#status === 205;
    const response = new Response(bodiless ? null : webBody(this.body), {
      status: this.#status,
      statusText: reasonPhrase(this.#status),
      headers: this.headers.toWeb(),
    });
    // The web gives a string a type of its own.
    if (!this.headers.has("content-type")) {
      response.headers.delete("content-type");
    }
    return response;
  }

  /**
   * Takes over a web `Response`.
   *
   * @throws {TypeError} If its body was used or its status is no final one.
   */
  static from(response: Response): HttpResponse {
    if (response.bodyUsed) {
      throw new TypeError(
        "Cannot answer with a Response whose body was used: return a fresh one or clone it first",
      );
    }
    if (response.status === 0 || response.status === 101) {
      throw new TypeError(
        `Cannot answer with a Response of status ${response.status}: take one of 200 to 599, as nothing else is a whole answer`,
      );
    }
    const answer = new HttpResponse({
      status: response.status,
      headers: response.headers,
      body: response.body,
    });
    // What fetch() gives is decoded, but still tells of the coded content.
    if (response.url !== "" && answer.headers.has("content-encoding")) {
      answer.headers.delete("content-encoding").delete("content-length");
    }
    return answer;
  }

  static {
    ownResponse = (response, owner) => {
      if (response.#owner === owner) return response;
      const copy = new HttpResponse(NO_INIT);
      copy.#status = response.#status;
      copy.#lines = response.#lines;
      if (response.#headers !== null) {
        copy.#headers = new HeaderList(response.#headers);
      }
      copy.body = response.body;
      copy.trailers = response.trailers;
      copy.error = response.error;
      return adoptResponse(copy, owner);
    };
    responseOf = (status, lines, body) => {
      const response = new HttpResponse(NO_INIT);
      response.#status = status;
      response.#lines = lines;
      response.body = body;
      return response;
    };
    linesOf = (response) => {
      const headers = response.#headers;
      return headers === null ? response.#lines ?? NO_LINES : headers.lines;
    };
    adoptResponse = (response, owner) => {
      response.#owner = owner;
      response.#taken = response.body;
      return response;
    };
    isOwnResponse = (response, owner) => response.#owner === owner;
    bodiesOf = (response) => [response.#taken, response.body];
    replaceResponses = (response, replaced) => {
      if (replaced.length === 0 && response.#taken === response.body) {
        return response;
      }
      const all = [response.#taken, ...replaced];
      const body = replaceBodies(response.body, all);
      response.#taken = response.body;
      if (body === response.body) return response;
      const guarded = new HttpResponse(response);
      guarded.body = body;
      guarded.error = response.error;
      return adoptResponse(guarded, response.#owner);
    };
  }
}

function checkHeaders(headers: HeaderList): HeaderList {
  if (headers instanceof HeaderList) return headers;
  throw new TypeError(
    `Cannot set headers to ${
      describeValue(headers)
    }: call headers.set(name, value) for each field`,
  );
}

const INIT_NAMES = ["status", "headers", "body", "trailers"];

// What gives no status may be no init at all, or have misspelt it; the helpers,
// which give one, pay for no check.
function defaultStatus(init: HttpResponseInit): number {
  const given: unknown = init;
  if (typeof given === "object" && given !== null) {
    checkOptionNames("HttpResponse", given, INIT_NAMES);
    return 200;
  }
  return refuseInit(given);
}

function refuseInit(given: unknown): never {
  throw new TypeError(
    `Cannot make an HttpResponse of ${
      describeValue(given)
    }: pass { status, headers, body }, or call a helper such as text("hello")`,
  );
}

function checkStatus(status: number): number {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(
      `Cannot answer with status ${
        describeValue(status)
      }: take an integer from 200 to 599`,
    );
  }
  return status;
}

function checkBody(body: ResponseBody): ResponseBody {
  if (
    body === null || typeof body === "string" ||
    (typeof body === "object" &&
      (body instanceof Uint8Array || Symbol.asyncIterator in body))
  ) return body;
  throw new TypeError(
    `Cannot answer with a body that is ${
      describeValue(body)
    }: take text, a Uint8Array, a stream or an async iterable, or call json(value)`,
  );
}

function webBody(body: ResponseBody): BodyInit | null {
  if (body === null || typeof body === "string") return body;
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  if (body instanceof ReadableStream) return body;
  return ReadableStream.from(body);
}
