/**
 * {@linkcode injectRequest}: a request through the real pipeline without a
 * socket, for tests.
 *
 * @module
 */

import {
  HeaderList,
  HeaderSection,
  type HeadersLike,
} from "../http/headers.ts";
import { HttpRequest, type RequestTransport } from "../http/request.ts";
import {
  type BodySource,
  MemoryBodySource,
  RequestBody,
  StreamBodySource,
} from "../http/request_body.ts";
import { HttpResponse } from "../http/response.ts";
import { reportFailure } from "./log.ts";
import { discardBody } from "./pieces.ts";
import { watchSignal, type WebHost } from "./web_entry.ts";

/** A request for `inject()`; each part has a default. */
export interface InjectInit {
  /** The method. @default {"GET"} */
  method?: string;
  /** The path and the query, undecoded. @default {"/"} */
  path?: string;
  /** The fields; `host` is `localhost` unless given. */
  headers?: HeadersLike;
  /** The content; a value that is neither text, bytes nor a stream is sent as JSON. */
  body?: unknown;
  /** The peer's address. @default {127.0.0.1, port 0} */
  remoteAddress?: Deno.Addr;
  /** Aborts the request's signal. */
  signal?: AbortSignal;
}

const LOOPBACK: Deno.NetAddr = Object.freeze({
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 0,
});

interface Content {
  readonly source: BodySource;
  readonly type: string;
}

function readContent(body: unknown): Content | null {
  if (body === undefined || body === null) return null;
  if (body instanceof ReadableStream) {
    const source = new StreamBodySource(body, null);
    return { source, type: "application/octet-stream" };
  }
  const [bytes, type] = encodeContent(body);
  return { source: new MemoryBodySource(bytes), type };
}

function encodeContent(body: unknown): [Uint8Array<ArrayBuffer>, string] {
  if (body instanceof Uint8Array) {
    return [new Uint8Array(body), "application/octet-stream"];
  }
  const isText = typeof body === "string";
  const text = isText ? body : JSON.stringify(body);
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  return [new TextEncoder().encode(text), type];
}

function prepareHeaders(init: InjectInit, content: Content | null): HeaderList {
  const headers = new HeaderList(init.headers);
  if (!headers.has("host")) headers.set("Host", "localhost");
  if (content === null) return headers;
  if (!headers.has("content-type")) headers.set("Content-Type", content.type);
  if (content.source.length !== null && !headers.has("content-length")) {
    headers.set("Content-Length", `${content.source.length}`);
  }
  return headers;
}

/** Runs a request through the pipeline of `host`; the answer to HEAD has no content. */
export async function injectRequest(
  init: InjectInit,
  host: WebHost,
): Promise<HttpResponse> {
  const content = readContent(init.body);
  const headers = prepareHeaders(init, content);
  const transport: RequestTransport = {
    remoteAddress: init.remoteAddress ?? LOOPBACK,
    secure: false,
    server: host.state,
    clientAddress: host.clientAddress,
    earlyHints: () => Promise.resolve(),
    watchAbort: (abort) => init.signal && watchSignal(init.signal, abort),
  };
  const request = new HttpRequest({
    method: init.method ?? "GET",
    target: init.path ?? "/",
    version: "1.1",
    section: HeaderSection.of(headers.lines),
    authority: headers.get("host") ?? "",
    body: content && new RequestBody(content.source, host.bodyBytes),
    transport,
    isKeepAlive: true,
  });
  const response = await host.handle(request);
  reportFailure(host.log, request, response);
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
