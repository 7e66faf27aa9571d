/** Requests without a connection, and what stands behind a middleware. */
import type { Middleware, Next } from "../../../src/http/handler.ts";
import { fieldLines, HeaderSection } from "../../../src/http/headers.ts";
import {
  HttpRequest,
  type RequestTransport,
} from "../../../src/http/request.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import type { ServerStats } from "../../../src/http/server_state.ts";

/** A request of a client at 192.0.2.1. */
export interface FakeRequestInit {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  remoteAddress?: Deno.Addr;
  draining?: boolean;
  stats?: Partial<ServerStats>;
}

const STATS = {
  connections: 0,
  totalConnections: 0,
  activeRequests: 0,
  totalRequests: 0,
  protocolErrors: 0,
  protocolErrorsByStatus: {},
  timeouts: 0,
  timeoutsByPhase: { headers: 0, body: 0, handler: 0, write: 0 },
  overloads: 0,
  bytesReceived: 0,
  bytesSent: 0,
  eventLoopLagMs: 0,
  uptimeMs: 0,
};

function fakeTransport(init: FakeRequestInit): RequestTransport {
  return {
    remoteAddress: init.remoteAddress ??
      { transport: "tcp", hostname: "192.0.2.1", port: 50000 },
    secure: false,
    server: {
      draining: init.draining ?? false,
      stats: () => ({ ...STATS, ...init.stats }),
    },
    earlyHints: () => Promise.resolve(),
  };
}

export function fakeRequest<State = object>(
  init: FakeRequestInit = {},
): HttpRequest<Record<string, string>, State> {
  const { method = "GET", target = "/", headers = {} } = init;
  return new HttpRequest({
    method,
    target,
    version: "1.1",
    section: HeaderSection.of(fieldLines(...Object.entries(headers))),
    authority: "example.com",
    body: null,
    transport: fakeTransport(init),
    isKeepAlive: true,
  });
}

/** Runs a middleware as the server does, in front of `next`. */
export async function run<Adds>(
  middleware: Middleware<Adds>,
  request: HttpRequest<Record<string, string>, Partial<Adds>>,
  next: Next = () => new HttpResponse(),
): Promise<HttpResponse> {
  const response = await middleware(request, next);
  if (response instanceof HttpResponse) return response;
  throw new TypeError("The middleware answered with a web Response");
}
