/**
 * {@linkcode HttpRequest}: a request as a handler sees it, each part read when
 * it is first asked for.
 *
 * @module
 */

import { parseCookies } from "./cookies.ts";
import { HttpError } from "./errors.ts";
import { type ClientInfo, type ClientResolver, ipOf } from "./forwarded.ts";
import { fieldValue, HeaderList, type HeaderSection } from "./headers.ts";
import { MemoryBodySource, RequestBody } from "./request_body.ts";
import type { ServerState } from "./server_state.ts";
import { decodePath, rawPath, rawQuery } from "./target_path.ts";

/** What a request needs of whatever carried it. */
export interface RequestTransport {
  /** The peer's address. */
  readonly remoteAddress: Deno.Addr;
  /** True over TLS. */
  readonly secure: boolean;
  /** The server that runs the handlers. */
  readonly server: ServerState;
  /** Sends `103 Early Hints` ahead of the answer, where the transport can. */
  earlyHints(request: AnyRequest, links: readonly string[]): Promise<void>;
  /** Tells who the client behind a proxy is; without it, the peer. */
  readonly clientAddress?: ClientResolver | null;
  /** Called once somebody looks at `request.signal`, by a transport that is told of an abort itself. */
  watchAbort?(abort: (reason: unknown) => void): void;
}

/** The parts that an {@linkcode HttpRequest} is made from. */
export interface HttpRequestInit {
  /** The method, as sent. */
  method: string;
  /** The request target, as sent (RFC 9112 3.2). */
  target: string;
  /** The protocol version that the peer named. */
  version: "1.0" | "1.1";
  /** The header section. */
  section: HeaderSection;
  /** The host and port that the request is for. */
  authority: string;
  /** The content; `null` if there is none. */
  body: RequestBody | null;
  /** What carried the request. */
  transport: RequestTransport;
  /** Whether the connection may be used for another request. */
  isKeepAlive: boolean;
}

/** Any request, whatever its parameters and state. */
export type AnyRequest = HttpRequest<unknown, unknown>;

/** Aborts `request.signal`; for whoever carries the request. */
export let abortRequest: (request: AnyRequest, reason: unknown) => void;

/** The body behind a request; for whoever routes it and sets its limit. */
export let bodyOf: (request: AnyRequest) => RequestBody | null;

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
  /** The method, as sent: case-sensitive (RFC 9110 9.1). */
  readonly method: string;
  /** The request target, as sent (RFC 9112 3.2). */
  readonly target: string;
  /** The protocol version. */
  readonly version: "1.0" | "1.1";
  /** The host and port that the request is for, as in the target or the Host field. */
  readonly authority: string;
  /** Whether the client lets the connection be used for another request. */
  readonly isKeepAlive: boolean;
  /** The route's parameters, each percent-decoded on its own. */
  readonly params: Params;
  /** The pattern of the route that matched; `null` if none did. */
  readonly route: string | null = null;

  readonly #section: HeaderSection;
  readonly #transport: RequestTransport;
  readonly #body: RequestBody | null;
  #headers: HeaderList | null = null;
  #state: State | null = null;
  #path: string | null = null;
  #query: URLSearchParams | null = null;
  #url: URL | null = null;
  #cookies: ReadonlyMap<string, string> | null = null;
  #controller: AbortController | null = null;
  #abortReason: unknown = undefined;
  #client: ClientInfo | null = null;
  #id = "";

  /** Makes a request of its parts. */
  constructor(init: HttpRequestInit) {
    this.method = init.method;
    this.target = init.target;
    this.version = init.version;
    this.authority = init.authority;
    this.isKeepAlive = init.isKeepAlive;
    this.params = NO_PARAMS as Params;
    this.#section = init.section;
    this.#transport = init.transport;
    this.#body = init.body;
  }

  /** The fields, names in lower case, repeats joined. */
  get headers(): HeaderList {
    return this.#headers ??= HeaderList.from(this.#section.lines);
  }

  /** The field lines as sent: the case of the names, the order, repeats. */
  get rawHeaders(): [name: string, value: string][] {
    const { names, values } = this.#section.lines;
    return names.map((name, at) => [name, values[at]]);
  }

  /** The value of a field, repeats joined, or `null`. */
  header(name: string): string | null {
    if (this.#headers !== null) return this.#headers.get(name);
    return fieldValue(this.#section.lines, name.toLowerCase());
  }

  /**
   * The path, percent-decoded once, except for `%2F`, which stays as it is: an
   * encoded slash does not separate segments (RFC 3986 2.2).
   *
   * @throws {HttpError} 400 for a bad escape, invalid UTF-8 or `%00`.
   */
  get path(): string {
    return this.#path ??= decodePath(rawPath(this.target));
  }

  /** The parameters of the query. */
  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(rawQuery(this.target));
  }

  /**
   * The whole URL.
   *
   * @throws {HttpError} 400 if the host is none that a URL can have.
   */
  get url(): URL {
    return this.#url ??= this.#makeUrl();
  }

  #makeUrl(): URL {
    const scheme = this.secure ? "https" : "http";
    const host = this.#knowClient().host ?? this.authority;
    const authority = host === "" ? "localhost" : host;
    const path = rawPath(this.target);
    const query = rawQuery(this.target);
    const rest = (path === "*" ? "/" : path) + (query && `?${query}`);
    try {
      return new URL(`${scheme}://${authority}${rest}`);
    } catch (cause) {
      throw new HttpError(400, "The request has a bad host", { cause });
    }
  }

  /** What middleware has left for the handlers after it. */
  get state(): State {
    return this.#state ??= {} as State;
  }

  /** The cookies by name. */
  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies ??= parseCookies(this.header("cookie") ?? "");
  }

  /** The address of the peer of the connection. */
  get remoteAddress(): Deno.Addr {
    return this.#transport.remoteAddress;
  }

  /** The client's IP address: of the peer, or told by a proxy that is trusted; empty on a Unix socket. */
  get ip(): string {
    return this.#knowClient().ip;
  }

  /** True over TLS, also one that a trusted proxy has ended. */
  get secure(): boolean {
    return this.#knowClient().secure ?? this.#transport.secure;
  }

  #knowClient(): ClientInfo {
    if (this.#client !== null) return this.#client;
    const { remoteAddress, clientAddress } = this.#transport;
    return this.#client = clientAddress
      ? clientAddress(remoteAddress, (name) => this.header(name))
      : { ip: ipOf(remoteAddress) };
  }

  /** The server that runs this handler. */
  get server(): ServerState {
    return this.#transport.server;
  }

  /** An id of this request for the logs; a `requestId` middleware may set it. */
  get id(): string {
    if (this.#id === "") this.#id = crypto.randomUUID();
    return this.#id;
  }

  /** Sets the id; an id from outside must have been checked. */
  set id(id: string) {
    this.#id = id;
  }

  /** Aborts when the client has gone or a time-out has struck. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) {
        this.#controller.abort(this.#abortReason);
      }
      this.#transport.watchAbort?.((reason) => abortRequest(this, reason));
    }
    return this.#controller.signal;
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
   * The content as JSON, whatever its type says.
   *
   * @throws {HttpError} 400 if it is malformed, 413 if it is over the limit.
   * @throws {TypeError} If the content was read before.
   */
  json<T = unknown>(): Promise<T> {
    return this.#body === null
      ? Promise.reject(new HttpError(400, "The request has no body"))
      : this.#body.json() as Promise<T>;
  }

  /**
   * The content as a form, `multipart/form-data` or urlencoded.
   *
   * @throws {HttpError} 415 for another type, 400 if it is malformed, 413 if it
   * is over the limit.
   * @throws {TypeError} If the content was read before.
   */
  formData(): Promise<FormData> {
    const body = this.#body ??
      new RequestBody(new MemoryBodySource(new Uint8Array(0)));
    return body.formData(this.header("content-type"));
  }

  /**
   * The trailer section, once the content was read to its end; empty if there
   * is none (RFC 9110 6.5).
   *
   * @throws {TypeError} If the content was not read to its end.
   */
  trailers(): Promise<HeaderList> {
    try {
      return Promise.resolve(this.#body?.trailers() ?? new HeaderList());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends `103 Early Hints` with these `Link` values ahead of the answer
   * (RFC 8297). Does nothing for an HTTP/1.0 client or a web transport.
   *
   * @throws {TypeError} If a value has a control character.
   */
  earlyHints(links: readonly string[]): Promise<void> {
    if (this.version === "1.0") return Promise.resolve();
    return this.#transport.earlyHints(this, links);
  }

  /**
   * A web `Request` with the same parts; its body is this request's.
   *
   * @throws {TypeError} If the method is one that the web forbids (CONNECT, TRACE).
   */
  toWeb(): Request {
    const bodiless = this.method === "GET" || this.method === "HEAD";
    return new Request(this.url, {
      method: this.method,
      headers: this.headers.toWeb(),
      body: bodiless ? null : this.body,
      signal: this.signal,
    });
  }

  static {
    abortRequest = (request, reason) => {
      request.#abortReason ??= reason;
      request.#controller?.abort(reason);
    };
    bodyOf = (request) => request.#body;
  }
}

/** Writes the route's pattern and parameters into a request; for the router. */
export function setRoute(
  request: AnyRequest,
  route: string | null,
  params: Readonly<Record<string, string>> | null,
): void {
  const target = request as {
    route: string | null;
    params: Readonly<Record<string, string>>;
  };
  target.route = route;
  if (params !== null) target.params = params;
}
