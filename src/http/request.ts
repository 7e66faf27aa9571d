/**
 * {@linkcode HttpRequest}: a request as a handler sees it, each part read when
 * it is first asked for.
 *
 * @module
 */

import { parseCookies } from "./cookies.ts";
import { HttpError } from "./errors.ts";
import type { ClientInfo } from "./forwarded.ts";
import type { FormOptions } from "./form.ts";
import {
  checkDepth,
  type FormFields,
  formTree,
  type FormTreeOptions,
} from "./form_tree.ts";
import { fieldValue, HeaderList } from "./headers.ts";
import type { JsonOptions } from "./json_guard.ts";
import { makeId } from "./made_id.ts";
import { accepts, acceptsEncodings, acceptsLanguages } from "./negotiation.ts";
import type { EndListener } from "./request_end.ts";
import { MemoryBodySource, RequestBody } from "./request_body.ts";
import type {
  HeadMemo,
  HttpRequestInit,
  RequestTransport,
} from "./request_init.ts";
import type { ServerState } from "./server_state.ts";
import { RequestDetails, tellClient } from "./request_details.ts";
import { decodePath, rawPath, rawQuery, urlOf } from "./target_path.ts";
import { webRequestOf } from "./web_request.ts";

export type { HeadMemo, HttpRequestInit, RequestTransport };

/** Any request, whatever its parameters and state. */
export type AnyRequest = HttpRequest<unknown, unknown>;

/** Aborts `request.signal`; for whoever carries the request. */
export let abortRequest: (request: AnyRequest, reason: unknown) => void;

/** Takes the listener for a request's end, or `null`; for whoever carries the request. */
export let takeEndListener: (request: AnyRequest) => EndListener | null;

/** What middleware has left in a request, if anything; makes no room for it. */
export let stateOf: (request: AnyRequest) => object | null;

/** Tells whether somebody wants to hear of a request's end. */
export let hasEndListener: (request: AnyRequest) => boolean;

/** The body behind a request; for whoever routes it and sets its limit. */
export let bodyOf: (request: AnyRequest) => RequestBody | null;

/** Gives a request another method; for whoever rewrites it ahead of routing. */
export let setMethod: (request: AnyRequest, method: string) => void;

/** The place for what is found out about the head of a request, if there is one. */
export let memoOf: (request: AnyRequest) => HeadMemo | null;

/** Likewise, as long as its fields are as sent. */
export let fieldMemoOf: (request: AnyRequest) => HeadMemo | null;

/** A number that tells a request from all others under way. */
export let serialOf: (request: AnyRequest) => number;

let serials = 0; // Small integers only: others are boxed.
const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(
  Object.create(null),
);

/**
 * A request. `Params` are the parameters of the route's pattern, `State` what
 * the middleware before the handler has added.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer().get("/users/:id", (request) =>
 *   ok({ id: request.params.id, sort: request.query.get("sort") }));
 * const response = await server.inject({ path: "/users/7?sort=name" });
 * assertEquals(await response.json(), { id: "7", sort: "name" });
 * ```
 */
export class HttpRequest<Params = Record<string, string>, State = object> {
  /** The route's parameters, each percent-decoded on its own. */
  readonly params: Params = NO_PARAMS as Params;
  /** The pattern of the route that matched; `null` if none did. */
  readonly route: string | null = null;

  // Shared by all requests with the same head on a connection.
  #head: HttpRequestInit;
  readonly #body: RequestBody | null;
  #details: RequestDetails | null = null;
  #state: State | null = null;
  #onEnd: EndListener | null = null;
  #id = "";
  #serial = 0;

  /** Makes a request of its parts, which must not change any more. */
  constructor(init: HttpRequestInit) {
    this.#head = init;
    this.#body = init.body;
  }

  /** The method, as sent: case-sensitive (RFC 9110 9.1). */
  get method(): string {
    return this.#head.method;
  }

  /** The request target, as sent (RFC 9112 3.2). */
  get target(): string {
    return this.#head.target;
  }

  /** The protocol version. */
  get version(): "1.0" | "1.1" {
    return this.#head.version;
  }

  /** The host and port that the request is for, as in the target or the Host field. */
  get authority(): string {
    return this.#head.authority;
  }

  /** Whether the client lets the connection be used for another request. */
  get isKeepAlive(): boolean {
    return this.#head.isKeepAlive;
  }

  get #known(): RequestDetails {
    return this.#details ??= new RequestDetails();
  }

  /** The fields, names in lower case, repeats joined. */
  get headers(): HeaderList {
    return this.#known.headers ??= HeaderList.from(this.#head.section.lines);
  }

  /**
   * The field lines as sent: the case of the names, the order, repeats. But for
   * `Host` where the target names the host itself: that overrides it (RFC 9112
   * 3.2.2).
   */
  get rawHeaders(): [name: string, value: string][] {
    const { names, values } = this.#head.section.lines;
    return names.map((name, at) => [name, values[at]]);
  }

  /** The value of a field, repeats joined, or `null`. */
  header(name: string): string | null {
    const headers = this.#details === null ? null : this.#details.headers;
    return headers === null
      ? fieldValue(this.#head.section.lines, name.toLowerCase())
      : headers.get(name);
  }

  /**
   * The path, percent-decoded once, except for `%2F`, which stays as it is: an
   * encoded slash does not separate segments (RFC 3986 2.2).
   *
   * @throws {HttpError} 400 for a bad escape, invalid UTF-8 or `%00`.
   */
  get path(): string {
    const place = this.#head.memo ?? this.#known;
    return place.path ??= decodePath(rawPath(this.target));
  }

  /** The parameters of the query. */
  get query(): URLSearchParams {
    return this.#known.query ??= new URLSearchParams(rawQuery(this.target));
  }

  /**
   * The whole URL.
   *
   * @throws {HttpError} 400 if the host is none that a URL can have.
   */
  get url(): URL {
    return this.#known.url ??= this.#makeUrl();
  }

  #makeUrl(): URL {
    const scheme = this.secure ? "https" : "http";
    const authority = this.#knowClient().host ?? this.authority;
    return urlOf(scheme, authority, this.target);
  }

  /** What middleware has left for the handlers after it. */
  get state(): State {
    return this.#state ??= {} as State;
  }

  /** The cookies by name. */
  get cookies(): ReadonlyMap<string, string> {
    return this.#known.cookies ??= parseCookies(this.header("cookie") ?? "");
  }

  /**
   * The best of these media types by `Accept`, the first among equals; `null` if
   * none is acceptable. An answer that depends on it needs `Vary: Accept`, and
   * likewise with the other two.
   *
   * @throws {TypeError} If one is not a media type, such as `text/html`.
   */
  accepts<Type extends string>(...types: readonly Type[]): Type | null {
    return accepts(this.header("accept"), types) as Type | null;
  }

  /**
   * The best of these content codings by `Accept-Encoding`, or `identity`; `null`
   * if not even that is acceptable.
   */
  acceptsEncodings<Coding extends string>(
    ...codings: readonly Coding[]
  ): Coding | "identity" | null {
    const header = this.header("accept-encoding");
    return acceptsEncodings(header, codings) as Coding | "identity" | null;
  }

  /** The best of these languages by `Accept-Language`; `null` if none fits. */
  acceptsLanguages<Tag extends string>(...tags: readonly Tag[]): Tag | null {
    return acceptsLanguages(this.header("accept-language"), tags) as Tag | null;
  }

  /** The address of the peer of the connection. */
  get remoteAddress(): Deno.Addr {
    return this.#head.transport.remoteAddress;
  }

  /** The client's IP address: of the peer, or told by a proxy that is trusted; empty on a Unix socket. */
  get ip(): string {
    return this.#knowClient().ip;
  }

  /** True over TLS, also one that a trusted proxy has ended. */
  get secure(): boolean {
    return this.#knowClient().secure ?? this.#head.transport.secure;
  }

  // None where fields may have been changed, or an application tells the client.
  get #fieldMemo(): HeadMemo | null {
    const { memo = null, transport } = this.#head;
    if (this.#details !== null && this.#details.headers !== null) return null;
    return transport.clientAddress ? null : memo;
  }

  #knowClient(): ClientInfo {
    const place = this.#fieldMemo ?? this.#known;
    return place.client ??= tellClient(this, this.#head.transport);
  }

  /** The server that runs this handler. */
  get server(): ServerState {
    return this.#head.transport.server;
  }

  /** An id of this request for the logs; a `requestId` middleware may set it. */
  get id(): string {
    if (this.#id === "") this.#id = makeId();
    return this.#id;
  }

  /** Sets the id; an id from outside must have been checked. */
  set id(id: string) {
    this.#id = id;
  }

  /** Aborts when the client has gone or a time-out has struck. */
  get signal(): AbortSignal {
    const known = this.#known;
    if (known.controller === null) {
      known.controller = new AbortController();
      if (known.abortReason !== undefined) {
        known.controller.abort(known.abortReason);
      }
      const abort = (reason: unknown) => abortRequest(this, reason);
      this.#head.transport.watchAbort?.(abort);
    }
    return known.controller.signal;
  }

  /**
   * Calls `listener` once the request has ended: when the last byte of its answer
   * was handed to the operating system, or it is known that it never will be.
   * To be called before the answer is returned.
   */
  onEnd(listener: EndListener): void {
    const before = this.#onEnd;
    this.#onEnd = before === null ? listener : (end) => {
      before(end);
      listener(end);
    };
  }

  /** The content as a stream; `null` if the request has none. */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#body === null ? null : this.#body.stream();
  }

  /** True once the content has begun to be read. */
  get bodyUsed(): boolean {
    return this.#body !== null && this.#body.used;
  }

  /** The declared length of the content in bytes; `null` if it is not known in advance. */
  get contentLength(): number | null {
    return this.#body === null ? 0 : this.#body.length;
  }

  /**
   * The content as bytes.
   *
   * @throws {HttpError} 413 if it is over the limit.
   * @throws {TypeError} If the content was read before.
   */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#body === null
      ? Promise.resolve(new Uint8Array(0))
      : this.#body.bytes();
  }

  /**
   * The content as text, read as UTF-8.
   *
   * @throws {HttpError} 413 if it is over the limit.
   * @throws {TypeError} If the content was read before.
   */
  text(): Promise<string> {
    return this.#body === null ? Promise.resolve("") : this.#body.text();
  }

  /**
   * The content as JSON, whatever its type says. A key `__proto__`, or
   * `constructor` with a `prototype` in it, is refused unless the options say
   * otherwise.
   *
   * @throws {HttpError} 400 if it is malformed or has a key that is refused, 413
   * if it is over the limit.
   * @throws {TypeError} If the content was read before.
   */
  json<T = unknown>(options?: JsonOptions): Promise<T> {
    return this.#body === null
      ? Promise.reject(new HttpError(400, "The request has no body"))
      : this.#body.json(options) as Promise<T>;
  }

  /**
   * The content as a form, `multipart/form-data` or urlencoded, within bounds.
   *
   * @throws {HttpError} 415 for another type, 400 if it is malformed, 413 if it
   * is over a bound or the limit.
   * @throws {TypeError} If the content was read before, or for a wrong option.
   * @throws {RangeError} For a bound that is negative.
   */
  formData(options?: FormOptions): Promise<FormData> {
    const body = this.#body ??
      new RequestBody(new MemoryBodySource(new Uint8Array(0)));
    return body.formData(this.header("content-type"), options);
  }

  /**
   * The content as the fields of a form, nested by the brackets in their names:
   * `a[b]=1` is `{ a: { b: "1" } }`, `a[]=1` and a name that is repeated are lists.
   * The values have no prototype and are as the client sent them: check them.
   *
   * @throws {HttpError} 415 for another type, 400 if it is malformed, nested too
   * deep or contradicts itself, 413 if it is over a bound or the limit.
   * @throws {TypeError} If the content was read before, or for a wrong option.
   * @throws {RangeError} For a bound that is negative.
   */
  async form(options: FormTreeOptions = {}): Promise<FormFields> {
    const { depth, ...bounds } = options;
    const most = checkDepth(depth);
    return formTree(await this.formData(bounds), most);
  }

  /**
   * The trailer section, once the content was read to its end; empty if there
   * is none (RFC 9110 6.5).
   *
   * @throws {TypeError} If the content was not read to its end.
   */
  trailers(): Promise<HeaderList> {
    return Promise.try(() => this.#body?.trailers() ?? new HeaderList());
  }

  /**
   * Sends `103 Early Hints` with these `Link` values ahead of the answer
   * (RFC 8297). Does nothing for an HTTP/1.0 client or a web transport.
   *
   * @throws {TypeError} If a value has a control character.
   */
  earlyHints(links: readonly string[]): Promise<void> {
    if (this.version === "1.0") return Promise.resolve();
    return this.#head.transport.earlyHints(this, links);
  }

  /**
   * A web `Request` with the same parts; its body is this request's.
   *
   * @throws {HttpError} 501 if the method is one that the web forbids: CONNECT,
   * TRACE or TRACK in any case; 400 if the URL is none of the web's.
   */
  toWeb(): Request {
    return webRequestOf(this);
  }

  /** What `console.log()` shows; not the fields, which authorize. */
  [Symbol.for("Deno.customInspect")](
    inspect: typeof Deno.inspect,
    options: Deno.InspectOptions,
  ): string {
    const { method, target, version, authority, route, params } = this;
    const seen = { method, target, version, authority, route, params };
    return `HttpRequest ${inspect(seen, options)}`;
  }

  static {
    abortRequest = (request, reason) => {
      const known = request.#known;
      known.abortReason ??= reason;
      known.controller?.abort(reason);
    };
    setMethod = (request, method) => {
      // What a router has found was for the other method.
      request.#head = { ...request.#head, method, memo: null };
    };
    memoOf = (request) => request.#head.memo ?? null;
    fieldMemoOf = (request) => request.#fieldMemo;
    bodyOf = (request) => request.#body;
    stateOf = (request) => request.#state as object | null;
    serialOf = (request) => {
      if (request.#serial === 0) {
        request.#serial = serials = (serials + 1) & 0x3fffffff || 1;
      }
      return request.#serial;
    };
    hasEndListener = (request) => request.#onEnd !== null;
    takeEndListener = (request) => {
      const listener = request.#onEnd;
      request.#onEnd = null;
      return listener;
    };
  }
}
