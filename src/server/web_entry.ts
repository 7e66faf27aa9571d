/**
 * The web entry: a web `Request` through the same pipeline, for `Deno.serve`,
 * `deno serve` and Deno Deploy. What the web's objects lack (early hints,
 * trailers, the raw target, our time-outs) does nothing there.
 *
 * @module
 */

import { discardBody } from "../http/discard.ts";
import type { ClientResolver } from "../http/forwarded.ts";
import { fieldLines, HeaderSection } from "../http/headers.ts";
import {
  type AnyRequest,
  HttpRequest,
  type RequestTransport,
} from "../http/request.ts";
import { errorResponse } from "../http/problem.ts";
import { RequestBody, StreamBodySource } from "../http/request_body.ts";
import type { HttpResponse } from "../http/response.ts";
import type { ServerState } from "../http/server_state.ts";
import { isBodiless } from "../http/status.ts";
import { describeValue } from "../http/values.ts";
import { type LogFunction, reportFailure } from "./log.ts";
import { reportWebEnd } from "./web_ends.ts";
import { contentLength } from "./connection/writer.ts";

/** What the web entry needs of its server. */
export interface WebHost {
  /** What handlers see of the server. */
  readonly state: ServerState;
  /** The most bytes of a body, unless its route says otherwise. */
  readonly bodyBytes: number;
  /** Answers a request; never throws and never rejects. */
  handle(request: AnyRequest): HttpResponse | Promise<HttpResponse>;
  /** Takes reports. */
  readonly log: LogFunction;
  /** Tells who the client behind a proxy is; `null` for the peer. */
  readonly clientAddress: ClientResolver | null;
}

/** What a runtime tells of a request beside it; `Deno.ServeHandlerInfo` is one. */
export interface WebInfo {
  /** The peer's address. */
  readonly remoteAddr?: Deno.Addr;
}

const UNKNOWN_ADDRESS: Deno.NetAddr = Object.freeze({
  transport: "tcp",
  hostname: "",
  port: 0,
});

/** A request that came as a web `Request`. */
function fromWeb(
  request: Request,
  info: WebInfo | undefined,
  host: WebHost,
): HttpRequest {
  const url = new URL(request.url);
  const transport: RequestTransport = {
    remoteAddress: info?.remoteAddr ?? UNKNOWN_ADDRESS,
    secure: url.protocol === "https:",
    server: host.state,
    clientAddress: host.clientAddress,
    earlyHints: () => Promise.resolve(),
    // Only if it is asked for: a runtime may abort it after each answer, and
    // warns of that whoever listens.
    watchAbort: (abort) => watchSignal(request.signal, abort),
  };
  return new HttpRequest({
    method: request.method,
    target: url.pathname + url.search,
    version: "1.1",
    section: HeaderSection.of(fieldLines(...request.headers)),
    authority: request.headers.get("host") ?? url.host,
    body: request.body === null ? null : webBody(request, host),
    transport,
    isKeepAlive: true,
  });
}

/** Calls `abort` once the signal aborts, at once if it has. */
export function watchSignal(
  signal: AbortSignal,
  abort: (reason: unknown) => void,
): void {
  if (signal.aborted) return abort(signal.reason);
  signal.addEventListener("abort", () => abort(signal.reason), { once: true });
}

function webBody(request: Request, host: WebHost): RequestBody | null {
  if (request.body === null) return null;
  const declared = request.headers.get("content-length");
  // As over a socket, where a runtime may give a stream of nothing.
  if (declared === "0") return null;
  const length = declared === null ? null : Number(declared);
  const source = new StreamBodySource(request.body, length);
  return new RequestBody(source, host.bodyBytes);
}

/** Answers a web `Request` with a web `Response`. */
export async function answerWeb(
  web: Request,
  info: WebInfo | undefined,
  host: WebHost,
): Promise<Response> {
  if (typeof web?.url !== "string") {
    throw new TypeError(
      `Cannot answer ${
        describeValue(web)
      } by fetch(): pass a Request, or call inject({ path: "/" })`,
    );
  }
  const request = fromWeb(web, info, host);
  const response = await host.handle(request);
  reportFailure(host.log, request, response);
  if (web.method !== "HEAD") return await toWeb(request, response, host);
  reportWebEnd(request, response, host.log);
  const headers = response.headers.toWeb();
  const { body, status } = response;
  // Or the runtime would tell the length of no content (RFC 9110 8.6).
  const length = isBodiless(status) ? -1 : contentLength(response);
  if (length >= 0) headers.set("content-length", `${length}`);
  await discardBody(body);
  return new Response(null, { status, headers });
}

// A content that cannot be sent becomes the same 500 as on a connection.
async function toWeb(
  request: HttpRequest,
  response: HttpResponse,
  host: WebHost,
): Promise<Response> {
  try {
    reportWebEnd(request, response, host.log);
    const { status, body } = response;
    const web = response.toWeb();
    if (isBodiless(status) || status === 205) await discardBody(body);
    return web;
  } catch (error) {
    const failed = errorResponse(error, request);
    reportFailure(host.log, request, failed);
    reportWebEnd(request, failed, host.log);
    return failed.toWeb();
  }
}
