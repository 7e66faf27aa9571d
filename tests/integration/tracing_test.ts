/** Traces across servers and processes, as a collector gets them over HTTP. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { context, propagation, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { HttpResponse, ok } from "@x/httpserver";
import { tracing } from "@x/httpserver/tracing";
import { Collector, runtimeTraces } from "../support/collector.ts";
import { startServer } from "../support/program.ts";
import { ResettingClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import { registerContext, SpanKeeper, statusOf } from "../support/spans.ts";
import { within } from "../support/within.ts";

registerContext();

const SERVER = 2;

/** A provider whose spans go to the collector. */
function exportTo(collector: Collector): TracerProvider {
  const exporter = new OTLPTraceExporter({
    url: `${collector.origin}/v1/traces`,
    // Its connections would stay open behind a test.
    httpAgentOptions: { keepAlive: false },
  });
  return new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
}

Deno.test("tracing() joins the spans of two servers, as an exporter tells a collector", async () => {
  await using collector = await Collector.start();
  const [front, back] = [exportTo(collector), exportTo(collector)];
  await using backend = await Site.start((server) =>
    server.use(tracing({ tracerProvider: back }))
      .get("/stock/:id", (request) => ok(request.params))
  );
  await using frontend = await Site.start((server) =>
    server.use(tracing({ tracerProvider: front }))
      .get("/shop/:id", async (request) => {
        const headers: Record<string, string> = {};
        propagation.inject(context.active(), headers);
        const url = `http://127.0.0.1:${backend.port}/stock/7`;
        const response = await fetch(url, { headers });
        return ok({ id: request.params.id, stock: await response.json() });
      })
  );
  using client = await frontend.connect();
  const answer = await client.ask(get("/shop/9", "User-Agent: test/1\r\n"));
  assertEquals(answer.status, 200);
  await Promise.all([front.shutdown(), back.shutdown()]);

  assertEquals(
    new Set(collector.exports),
    new Set(["/v1/traces application/json"]),
  );
  const [shop] = collector.named("GET /shop/:id");
  const [stock] = collector.named("GET /stock/:id");
  assertEquals(collector.spans.length, 2);
  assertMatch(shop.traceId, /^[\da-f]{32}$/);
  assertEquals(stock.traceId, shop.traceId);
  assertEquals([shop.parentSpanId, stock.parentSpanId], ["", shop.spanId]);
  assertEquals([shop.kind, stock.kind, shop.status], [SERVER, SERVER, 0]);
  const { "network.peer.port": port, ...attributes } = shop.attributes;
  assert(Number(port) > 0);
  assertEquals(attributes, {
    "http.request.method": "GET",
    "http.route": "/shop/:id",
    "http.response.status_code": 200,
    "url.scheme": "http",
    "url.path": "/shop/9",
    "server.address": "a",
    "server.port": 80,
    "client.address": "127.0.0.1",
    "network.peer.address": "127.0.0.1",
    "network.protocol.version": "1.1",
    "user_agent.original": "test/1",
  });
});

Deno.test("tracing() keeps the spans of pipelined requests apart", async () => {
  const keeper = new SpanKeeper();
  const seen: (string | undefined)[] = [];
  await using site = await Site.start((server) =>
    server.use(tracing({ tracerProvider: keeper.provider }))
      .get("/:id", async () => {
        const id = trace.getActiveSpan()?.spanContext().spanId;
        await turn();
        assertEquals(trace.getActiveSpan()?.spanContext().spanId, id);
        seen.push(id);
        return ok("");
      })
  );
  await site.exchange(["/1", "/2", "/3"].map((path) => get(path)).join(""));
  const ids = keeper.spans.map((span) => span.spanContext().spanId);
  assertEquals([new Set(ids).size, seen], [3, ids]);
  const parents = keeper.spans.map((span) => span.parentSpanContext);
  assertEquals(parents, [undefined, undefined, undefined]);
});

Deno.test("tracing() begins a trace for each request when the server was started in a span", async () => {
  const keeper = new SpanKeeper();
  const tracer = keeper.provider.getTracer("test");
  await using site = await tracer.startActiveSpan("start", async (span) => {
    const site = await Site.start((server) =>
      server.use(tracing({ tracerProvider: keeper.provider }))
        .get("/", () => ok(""))
    );
    span.end();
    return site;
  });
  await site.exchange(get("/"));
  const [started, request] = keeper.spans;
  assertEquals([started.name, request.name], ["start", "GET /"]);
  assertEquals(request.parentSpanContext, undefined);
});

Deno.test("tracing() ends every span, whatever becomes of the answer", async () => {
  const keeper = new SpanKeeper();
  const started = gate();
  await using site = await Site.start((server) => {
    server.use(tracing({ tracerProvider: keeper.provider }));
    server.get("/endless", () => {
      async function* pieces() {
        for (;;) {
          yield new Uint8Array(100_000);
          started.open();
        }
      }
      return new HttpResponse({ body: pieces() });
    });
    server.get("/breaks", () => {
      async function* pieces() {
        yield new Uint8Array(10);
        await turn();
        throw new RangeError("broken");
      }
      return new HttpResponse({ body: pieces() });
    });
  });
  using leaving = await ResettingClient.send(site.port, get("/endless"));
  await started.passed;
  leaving.reset();
  await site.exchange(get("/breaks"));
  await site.exchange(get("/endless").replace("GET", "HEAD"));
  const ended = async () => {
    while (keeper.spans.length < 3) await turn();
  };
  await within("the spans", ended());
  const find = (name: string) => {
    const span = keeper.spans.find((span) => span.name === name);
    assert(span !== undefined, name);
    return span;
  };
  const names = (name: string) => find(name).events.map(({ name }) => name);
  assertEquals(names("GET /endless"), ["response.cut"]);
  assertEquals(statusOf(find("GET /endless")), [0]);
  assertEquals(names("GET /breaks"), ["exception", "response.cut"]);
  assertEquals(statusOf(find("GET /breaks")), [2, "broken"]);
  assertEquals(find("GET /breaks").attributes["error.type"], "RangeError");
  assertEquals(names("HEAD /endless"), []);
});

Deno.test("tracing() needs no SDK where the runtime brings its own", async () => {
  await using collector = await Collector.start();
  const file = "tests/support/tracing_app.ts";
  const env = runtimeTraces(collector);
  await using program = await startServer(file, [], { env });
  const url = await program.url();
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const response = await fetch(`${url}/users/7`, { headers });
  assertEquals(await response.text(), traceId);
  const [request] = await collector.wait("GET /users/:id");
  const [work] = await collector.wait("work");
  assertEquals([request.service, request.kind], ["shop", SERVER]);
  assertEquals(request.traceId, traceId);
  assertEquals(request.parentSpanId, "b7ad6b7169203331");
  assertEquals(work.parentSpanId, request.spanId);
  assertEquals(request.attributes["http.route"], "/users/:id");
});
