/** A server whose handlers look at every part of a request. */
import {
  evaluateConditions,
  type Handler,
  type HttpRequest,
  HttpResponse,
  HttpServer,
  type LogRecord,
  noContent,
  ok,
  text,
} from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers";
import { accepts } from "@x/httpserver/negotiation";
import { cors, logging, requestId } from "@x/httpserver/middleware";

// Short, so that a silent connection ends soon; a half-closed one never needs
// its own, for its answers are at hand.
const TIMEOUTS = {
  headersMs: 250,
  bodyIdleMs: 250,
  bodyGraceMs: 250,
  keepAliveMs: 250,
  lingerMs: 200,
  writeIdleMs: 1000,
  halfCloseMs: 2000,
  shutdownMs: 1000,
};
const FILES = new URL("../../examples/site", import.meta.url);

type Answer = Handler<{ path: string }>;

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (const piece of ["one", "two", "three"]) {
    yield await Promise.resolve(new TextEncoder().encode(piece));
  }
}

function everyPart(request: HttpRequest<{ path: string }>): HttpResponse {
  const { headers, method } = request;
  return ok({
    path: request.path,
    params: request.params,
    query: [...request.query],
    url: request.url.href,
    cookies: [...request.cookies],
    fields: [...headers],
    raw: request.rawHeaders,
    ip: request.ip,
    id: request.id,
    type: accepts(request.header("accept"), ["text/html", "text/plain"]),
    condition: evaluateConditions(method, headers, { etag: '"a"' }),
    stays: request.isKeepAlive,
    aborted: request.signal.aborted,
  });
}

const ANSWERS: readonly Answer[] = [
  () => text("OK"),
  async (request) => ok(await request.bytes()),
  everyPart,
  (request) => new HttpResponse({ body: request.body ?? "" }),
  () => noContent(),
  () =>
    new HttpResponse({ body: pieces(), trailers: () => [["x-end", "done"]] }),
  async (request) => ok(await request.json()),
  async (request) => ok([...(await request.formData()).keys()]),
  async (request) => {
    await request.earlyHints(["</a.css>; rel=preload"]);
    return text(await request.text());
  },
  async (request) => ok([...(await request.bytes(), await request.trailers())]),
  async (request) => {
    const web = request.toWeb();
    return HttpResponse.from(new Response(await web.bytes()));
  },
];

/**
 * The server. What a request is answered with depends on its bytes alone, so
 * that a finding can be had again.
 */
export function fuzzedServer(log: (record: LogRecord) => void): HttpServer {
  const server = new HttpServer({ log, timeouts: TIMEOUTS });
  const files = staticFiles({ root: FILES });
  const answers: readonly Answer[] = [...ANSWERS, files];
  server.use(requestId(), logging({ sink: () => {} }), cors());
  server.all("/*path", (request) => {
    const { target, rawHeaders } = request;
    return answers[(target.length + rawHeaders.length) % answers.length](
      request,
    );
  });
  return server;
}
