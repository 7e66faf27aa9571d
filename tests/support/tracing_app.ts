/** A server that is traced by whatever the runtime brings. */
import { trace } from "@opentelemetry/api";
import { HttpServer, ok } from "@x/httpserver";
import { tracing } from "@x/httpserver/tracing";
import { printUrl } from "../../examples/print_url.ts";

const server = new HttpServer().use(tracing()).get("/users/:id", async () => {
  await Promise.resolve();
  trace.getTracer("app").startSpan("work").end();
  return ok(trace.getActiveSpan()?.spanContext().traceId ?? "none");
});
await server.run({ hostname: "127.0.0.1", port: 0, onListen: printUrl });
