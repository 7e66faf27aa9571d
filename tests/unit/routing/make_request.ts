import { fieldLines, HeaderSection } from "../../../src/http/headers.ts";
import { HttpRequest } from "../../../src/http/request.ts";
import type { RequestTransport } from "../../../src/http/request.ts";
import {
  MemoryBodySource,
  RequestBody,
} from "../../../src/http/request_body.ts";
import type { HttpResponse } from "../../../src/http/response.ts";

const TRANSPORT: RequestTransport = {
  remoteAddress: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
  secure: false,
  server: {
    draining: false,
    stats: () => {
      throw new Error("A router does not ask for counters");
    },
  },
  earlyHints: () => Promise.resolve(),
};

/** A request as a connection would make it. */
export function makeRequest(
  method: string,
  target: string,
  { body, headers = {}, limit }: {
    body?: string;
    headers?: Record<string, string>;
    limit?: number;
  } = {},
): HttpRequest {
  const source = body === undefined
    ? null
    : new MemoryBodySource(new TextEncoder().encode(body));
  return new HttpRequest({
    method,
    target,
    version: "1.1",
    section: HeaderSection.of(fieldLines(...Object.entries(headers))),
    authority: "localhost",
    body: source && new RequestBody(source, limit),
    transport: TRANSPORT,
    isKeepAlive: true,
  });
}

/** Anything that answers requests. */
export interface Handling {
  handle(
    request: HttpRequest,
  ): HttpResponse | Promise<HttpResponse>;
}

/** The answer to a request of this method and target. */
export async function ask(
  router: Handling,
  method: string,
  target: string,
  options?: Parameters<typeof makeRequest>[2],
): Promise<HttpResponse> {
  return await router.handle(makeRequest(method, target, options));
}
