/**
 * A server that can be watched: health checks for an orchestrator, metrics for
 * Prometheus, and traces for OpenTelemetry.
 *
 *   deno task deno run -A examples/09_observability.ts
 *   curl http://127.0.0.1:8080/health/ready
 *   curl http://127.0.0.1:8080/metrics
 *
 * With OTEL_DENO=true the runtime sends the spans to a collector, by default to
 * http://localhost:4318; an SDK of OpenTelemetry does so too.
 */
import { trace } from "@opentelemetry/api";
import { HttpServer, ok } from "@x/httpserver";
import { HealthCheck } from "@x/httpserver/handlers/health";
import { Metrics } from "@x/httpserver/metrics";
import { tracing } from "@x/httpserver/tracing";
import { Gauge, Registry } from "prom-client";
import { printUrl } from "./print_url.ts";

const stock = new Map([["apples", 7], ["pears", 0]]);
const hidden = ["/metrics", "/health/live", "/health/ready", "/health/startup"];
const tracer = trace.getTracer("shop");

const registry = new Registry();
const metrics = new Metrics({ registry });
// Numbers of the application go into the same registry.
new Gauge({
  name: "shop_stock",
  help: "Pieces in stock",
  labelNames: ["item"],
  registers: [registry],
  collect() {
    for (const [item, pieces] of stock) this.set({ item }, pieces);
  },
});

const health = new HealthCheck({
  // Details for the machine itself, the status for everybody.
  details: ({ ip }) => ip === "127.0.0.1" || ip === "::1" ? "full" : "none",
});
// All checks run at once. This one is asked at most once in 5 seconds, and has
// one second to answer.
health.addCheck(
  "stock",
  () => ({ healthy: stock.size > 0, message: `${stock.size} items` }),
  { timeoutMs: 1_000, cacheMs: 5_000 },
);
// What is not critical makes the answer "degraded", and the status stays 200.
health.addCheck("pears", () => ({ healthy: stock.get("pears") !== 0 }), {
  critical: false,
});

const server = new HttpServer();

// First of all, so that they see every answer: also 404 and errors.
server.use(metrics.middleware);
server.use(tracing({
  skip: ({ route }) => route !== null && hidden.includes(route),
}));

server.get("/metrics", metrics.handler);
server.get("/health/live", health.liveness);
server.get("/health/ready", health.readiness);
server.get("/health/startup", health.startup);

server.get("/stock/:item", (request) => {
  const { item } = request.params;
  // A span of its own inside that of the request.
  return tracer.startActiveSpan("look up", (span) => {
    span.setAttribute("shop.item", item);
    span.end();
    return ok({ item, pieces: stock.get(item) ?? 0 });
  });
});

await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
