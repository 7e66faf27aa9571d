/**
 * Logs: one JSON line a request into a file that rotates, with the ids of the
 * request and its trace, and the times of its parts for developers.
 *
 *   deno task deno run -A examples/07_logging.ts
 *   curl -i http://127.0.0.1:8080/orders/7?token=secret
 *   tail access.log
 *
 * `LOG_FILE` names the file, `LOG_FORMAT` another format: text, logfmt, combined.
 */
import { HttpError, HttpServer, ok } from "@x/httpserver";
import {
  fileSink,
  type LogFormat,
  logging,
} from "@x/httpserver/middleware/logging";
import { requestId } from "@x/httpserver/middleware/request-id";
import { timing } from "@x/httpserver/middleware/timing";
import { traceContext } from "@x/httpserver/middleware/trace-context";
import { printUrl } from "./print_url.ts";

const sink = fileSink({
  path: Deno.env.get("LOG_FILE") ?? "access.log",
  // access.log, and access.log.1 to access.log.5.
  maxBytes: 10 * 1024 * 1024,
  maxFiles: 5,
});

const server = new HttpServer()
  .use(requestId({ trustIncoming: ({ ip }) => ip === "127.0.0.1" }))
  .use(traceContext({ respond: true }))
  .use(logging({
    format: (Deno.env.get("LOG_FORMAT") ?? "json") as LogFormat,
    sink,
    includeQuery: true, // Tokens and passwords in it are masked.
    skip: (request) => request.path === "/health",
    headers: ["accept-language"],
    fields: (request) => ({ order: request.params }),
  }))
  // Times tell strangers what a server does.
  .use(timing({ show: ({ ip }) => ip === "127.0.0.1" }));

server.get("/health", () => ok("fine"));

server.get("/orders/:id", async (request) => {
  const { timing, trace } = request.state;
  const order = await timing.measure("db", () => findOrder(request.params.id));
  // What this server asks of others belongs to the same trace.
  return ok({ ...order, askedWith: Object.keys(trace.headers) });
});

server.get("/broken", () => {
  // The log tells of it with its stack, the client learns nothing.
  throw new Error("no such column");
});

function findOrder(id: string): Promise<{ id: string }> {
  if (!/^\d+$/.test(id)) throw new HttpError(404, "no such order");
  return Promise.resolve({ id });
}

// At SIGTERM it waits until the last line is written.
await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
