/**
 * {@linkcode injectRequest}: a request through the real pipeline without a
 * socket, for tests.
 *
 * @module
 */

import { BYTES_TYPE, JSON_TYPE, TEXT_TYPE, toJson } from "../http/content.ts";
import { discardBody } from "../http/discard.ts";
import {
  HeaderList,
  HeaderSection,
  type HeadersLike,
} from "../http/headers.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { HttpRequest, type RequestTransport } from "../http/request.ts";
import {
  type BodySource,
  MemoryBodySource,
  RequestBody,
  StreamBodySource,
} from "../http/request_body.ts";
import { HttpResponse } from "../http/response.ts";
import { BAD_TARGET, ProtocolError } from "../protocol/errors.ts";
import { DEFAULT_LIMITS, type ProtocolLimits } from "../protocol/limits.ts";
import { RequestReader } from "../protocol/session.ts";
import { reportFailure } from "./log.ts";
import { UNLIMITED } from "./option_table.ts";
import { reportEnd } from "./web_ends.ts";
import { watchSignal, type WebHost } from "./web_entry.ts";

/** A request for `inject()`; each part has a default. */
export interface InjectInit {
  /** The method: a token, and none that a connection refuses, as CONNECT. @default {"GET"} */
  method?: string;
  /**
   * The request target as a client would send it: a path from `/` and a query,
   * percent-encoded.
   *
   * @default {"/"}
   */
  path?: string;
  /** The fields; `host` is `localhost` unless given. */
  headers?: HeadersLike;
  /**
   * The content, with the `Content-Type` that `fetch` would give it: text, bytes,
   * a `Blob`, `FormData`, `URLSearchParams`, a stream or an async iterable of
   * bytes. Any other value is sent as JSON.
   */
  body?: unknown;
  /** The peer's address. @default {127.0.0.1, port 0} */
  remoteAddress?: Deno.Addr;
  /** Aborts the request's signal. */
  signal?: AbortSignal;
}

const INIT_NAMES: readonly (keyof InjectInit)[] = [
  "method",
  "path",
  "headers",
  "body",
  "remoteAddress",
  "signal",
];

const LOOPBACK: Deno.NetAddr = Object.freeze({
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 0,
});

const UTF8 = new TextEncoder();

interface Content {
  readonly source: BodySource;
  /** `null` for a content that comes without a type. */
  readonly type: string | null;
}

function ofBytes(
  bytes: Uint8Array<ArrayBuffer>,
  type: string | null = BYTES_TYPE,
): Content {
  return { source: new MemoryBodySource(bytes), type };
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null &&
    Symbol.asyncIterator in body;
}

async function readContent(body: unknown): Promise<Content | null> {
  if (body === undefined || body === null) return null;
  if (typeof body === "string") return ofBytes(UTF8.encode(body), TEXT_TYPE);
  if (body instanceof ArrayBuffer) return ofBytes(new Uint8Array(body.slice()));
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body;
    return ofBytes(new Uint8Array(buffer, byteOffset, byteLength).slice());
  }
  if (
    body instanceof Blob || body instanceof FormData ||
    body instanceof URLSearchParams
  ) {
    const web = new Response(body);
    return ofBytes(await web.bytes(), web.headers.get("content-type"));
  }
  if (isIterable(body)) {
    const stream = body instanceof ReadableStream
      ? body
      : ReadableStream.from(body);
    return { source: new StreamBodySource(stream, null), type: BYTES_TYPE };
  }
  return ofBytes(UTF8.encode(toJson(body)), JSON_TYPE);
}

const UNBOUNDED: ProtocolLimits = {
  ...DEFAULT_LIMITS,
  requestLine: UNLIMITED,
  headerBytes: UNLIMITED,
};

// The parser of connections decides, so that no test passes by a request that
// could never arrive.
function readAuthority(method: string, path: string, host: string): string {
  const line = `${method} ${path} HTTP/1.1\r\n`;
  const bytes = UTF8.encode(`${line}Host: ${host}\r\n\r\n`);
  const reader = new RequestReader(UNBOUNDED);
  const end = reader.parseHead(bytes, 0, bytes.length);
  const { head, framing, headText } = reader;
  const isOneLine = head.methodStart === 0 && head.fieldsStart === line.length;
  if (end > 0 && isOneLine) {
    return headText.slice(framing.authorityStart, framing.authorityEnd);
  }
  const { status, message } = ProtocolError.of(end < 0 ? end : BAD_TARGET);
  throw new TypeError(
    `Cannot inject ${JSON.stringify(`${method} ${path}`)} for the host ${
      JSON.stringify(host)
    }: mend it, as a connection would answer ${status}: ${message}`,
  );
}

function describeContent(headers: HeaderList, content: Content): void {
  const { source, type } = content;
  if (type !== null && !headers.has("content-type")) {
    headers.set("Content-Type", type);
  }
  if (source.length !== null && !headers.has("content-length")) {
    headers.set("Content-Length", `${source.length}`);
  }
}

// A declared length of 0 is no body, as on a connection.
function openBody(content: Content | null, limit: number): RequestBody | null {
  if (content === null || content.source.length === 0) return null;
  return new RequestBody(content.source, limit);
}

/**
 * Runs a request through the pipeline of `server`; the answer to HEAD has no
 * content.
 *
 * @throws {TypeError} If the request could not arrive on a connection, or for an
 * unknown option.
 */
export async function injectRequest(
  init: InjectInit,
  server: WebHost,
): Promise<HttpResponse> {
  checkOptionNames("inject()", init, INIT_NAMES);
  const { method = "GET", path = "/" } = init;
  const headers = new HeaderList(init.headers);
  const host = headers.get("host") ?? "localhost";
  const authority = readAuthority(method, path, host);
  if (authority !== headers.get("host")) headers.set("Host", authority);
  const content = await readContent(init.body);
  if (content !== null) describeContent(headers, content);
  const transport: RequestTransport = {
    remoteAddress: init.remoteAddress ?? LOOPBACK,
    secure: false,
    server: server.state,
    clientAddress: server.clientAddress,
    earlyHints: () => Promise.resolve(),
    watchAbort: (abort) => init.signal && watchSignal(init.signal, abort),
  };
  const request = new HttpRequest({
    method,
    target: path,
    version: "1.1",
    section: HeaderSection.of(headers.lines),
    authority,
    body: openBody(content, server.bodyBytes),
    transport,
    isKeepAlive: true,
  });
  const response = await server.handle(request);
  reportFailure(server.log, request, response);
  reportEnd(request, response, server.log);
  return withoutContent(request.method, response);
}

async function withoutContent(
  method: string,
  response: HttpResponse,
): Promise<HttpResponse> {
  if (method !== "HEAD") return response;
  await discardBody(response.body);
  const { status, headers } = response;
  return new HttpResponse({ status, headers });
}
