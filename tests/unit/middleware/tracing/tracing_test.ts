import {
  assert,
  assertEquals,
  assertGreater,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { DataPointType } from "@opentelemetry/sdk-metrics";
import {
  HttpError,
  HttpResponse,
  HttpServer,
  type HttpServerOptions,
  ok,
} from "../../../../mod.ts";
import {
  tracing,
  type TracingOptions,
} from "../../../../src/middleware/tracing/mod.ts";
import { logging } from "../../../../src/middleware/logging/mod.ts";
import { trustProxies } from "../../../../src/server/proxies.ts";
import {
  DurationKeeper,
  registerContext,
  secondsOf,
  SpanKeeper,
  statusOf,
} from "../../../support/spans.ts";

registerContext();

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const ENCODER = new TextEncoder();
const { OK: _, ERROR, UNSET } = SpanStatusCode;

interface Traced {
  readonly server: HttpServer;
  readonly keeper: SpanKeeper;
}

function make(
  options: TracingOptions = {},
  serverOptions: HttpServerOptions = {},
): Traced {
  const keeper = new SpanKeeper();
  const server = new HttpServer({ log: () => {}, ...serverOptions });
  server.use(tracing({ tracerProvider: keeper.provider, ...options }));
  server.get("/users/:id", () => ok("user"));
  return { server, keeper };
}

Deno.test("tracing() makes a span of a server, named by method and route", async () => {
  const { server, keeper } = make();
  await server.inject({
    path: "/users/7?token=secret",
    headers: { host: "shop.example:8443", "user-agent": "test/1" },
    remoteAddress: { transport: "tcp", hostname: "192.0.2.1", port: 5555 },
  });
  const { name, kind, attributes, parentSpanContext } = keeper.only;
  assertEquals([name, kind], ["GET /users/:id", SpanKind.SERVER]);
  assertEquals(parentSpanContext, undefined);
  assertEquals(attributes, {
    "http.request.method": "GET",
    "http.route": "/users/:id",
    "http.response.status_code": 200,
    "url.scheme": "http",
    "url.path": "/users/7",
    "network.protocol.version": "1.1",
    "user_agent.original": "test/1",
    "server.address": "shop.example",
    "server.port": 8443,
    "client.address": "192.0.2.1",
    "network.peer.address": "192.0.2.1",
    "network.peer.port": 5555,
  });
});

Deno.test("tracing() gives spans names of few values, whatever clients send", async () => {
  const table: [method: string, path: string, name: string][] = [
    ["GET", "/none/of/these", "GET"],
    ["HEAD", "/users/1", "HEAD /users/:id"],
    ["POST", "/users/1", "POST"],
    ["OPTIONS", "/users/1", "OPTIONS"],
    ["PURGE", "/users/1", "HTTP"],
    ["get", "/users/1", "HTTP"],
    ["GET", "/%zz", "GET"],
  ];
  for (const [method, path, name] of table) {
    const { server, keeper } = make();
    await server.inject({ method, path });
    assertEquals(keeper.only.name, name, `${method} ${path}`);
    const isKnown = name !== "HTTP";
    const { attributes } = keeper.only;
    const shown = [
      attributes["http.request.method"],
      attributes["http.request.method_original"],
    ];
    assertEquals(shown, isKnown ? [method, undefined] : ["_OTHER", method]);
    assertEquals(attributes["url.path"], path);
  }
});

Deno.test("tracing() takes the address of the server from Host, in every form", async () => {
  const table: [host: string, address?: string, port?: number][] = [
    ["example.com", "example.com", 80],
    ["EXAMPLE.com:81", "example.com", 81],
    ["[::1]:8080", "::1", 8080],
    ["127.0.0.1", "127.0.0.1", 80],
    ["999.1.1.1"],
  ];
  for (const [host, address, port] of table) {
    const { server, keeper } = make();
    await server.inject({ path: "/users/1", headers: { host } });
    const { attributes } = keeper.only;
    assertEquals(attributes["server.address"], address, host);
    assertEquals(attributes["server.port"], port, host);
  }
});

Deno.test("tracing() believes a proxy that is trusted", async () => {
  const { server, keeper } = make({}, {
    clientAddress: trustProxies(["192.0.2.0/24"], { host: true }),
  });
  await server.inject({
    path: "/users/1",
    headers: {
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example",
    },
    remoteAddress: { transport: "tcp", hostname: "192.0.2.1", port: 5555 },
  });
  const { attributes } = keeper.only;
  assertEquals(attributes["client.address"], "203.0.113.9");
  assertEquals(attributes["network.peer.address"], "192.0.2.1");
  assertEquals(attributes["url.scheme"], "https");
  assertEquals(attributes["server.address"], "shop.example");
  assertEquals(attributes["server.port"], 443);
});

Deno.test("tracing() knows no client address behind a Unix socket", async () => {
  const { server, keeper } = make();
  await server.inject({
    path: "/users/1",
    remoteAddress: { transport: "unix", path: "/run/app.sock" },
  });
  const { attributes } = keeper.only;
  for (const name of ["client.address", "network.peer.address"]) {
    assertEquals(attributes[name], undefined);
  }
});

Deno.test("tracing() continues the trace that the request names", async () => {
  const { server, keeper } = make();
  const seen: (string | undefined)[] = [];
  server.get("/baggage", () => {
    seen.push(propagation.getActiveBaggage()?.getEntry("user")?.value);
    return ok("");
  });
  const headers = {
    traceparent: TRACEPARENT,
    tracestate: "vendor=1",
    baggage: "user=ada",
  };
  await server.inject({ path: "/baggage", headers });
  const span = keeper.only;
  assertEquals(span.spanContext().traceId, TRACE);
  assertEquals(span.parentSpanContext?.spanId, PARENT);
  assertEquals(span.spanContext().traceState?.serialize(), "vendor=1");
  assertEquals(seen, ["ada"]);
});

Deno.test("tracing() tells the ids to handlers and to the log", async () => {
  const keeper = new SpanKeeper();
  const lines: string[] = [];
  const server = new HttpServer()
    .use(tracing({ tracerProvider: keeper.provider }))
    .use(logging({ format: "json", sink: (line) => void lines.push(line) }))
    .get("/", (request) => ok({ ...request.state.trace?.headers }))
    .get("/parent", (request) => ok(request.state.trace?.parentId));
  const vendors = { traceparent: TRACEPARENT, tracestate: "vendor=1" };
  const tables = [{}, { traceparent: TRACEPARENT }, vendors];
  for (const headers of tables as Record<string, string>[]) {
    keeper.spans.length = lines.length = 0;
    const answer = await server.inject({ path: "/", headers });
    const { traceId, spanId } = keeper.only.spanContext();
    const { traceparent, tracestate } = await answer.json<typeof vendors>();
    assertEquals(traceparent.slice(0, 52), `00-${traceId}-${spanId}`);
    assertEquals(traceparent.slice(-1), "1");
    assertEquals(tracestate, headers.tracestate);
    const { traceId: logged, spanId: span } = JSON.parse(lines[0]);
    assertEquals([logged, span], [traceId, spanId]);
  }
  const answer = await server.inject({ path: "/parent", headers: vendors });
  assertEquals(await answer.text(), PARENT);
});

Deno.test("tracing() tells no ids where there is no SDK", async () => {
  const server = new HttpServer().use(tracing())
    .get("/", (request) => ok(`${request.state.trace}`));
  assertEquals(await (await server.inject()).text(), "undefined");
});

Deno.test("tracing() begins a trace when the one named is malformed or named twice", async () => {
  const table = [
    "",
    "00-zz-b7ad6b7169203331-01",
    `00-${"0".repeat(32)}-${PARENT}-01`,
    `${TRACEPARENT}, ${TRACEPARENT}`,
    `ff-${TRACE}-${PARENT}-01`,
    "x".repeat(10_000),
  ];
  for (const traceparent of table) {
    const { server, keeper } = make();
    await server.inject({ path: "/users/1", headers: { traceparent } });
    assertEquals(keeper.only.parentSpanContext, undefined, traceparent);
  }
});

Deno.test("tracing() only links to the trace of a stranger when it is not to be trusted", async () => {
  const { server, keeper } = make({ trustIncoming: false });
  let baggage: unknown = "unset";
  server.get("/baggage", () => {
    baggage = propagation.getActiveBaggage();
    return ok("");
  });
  const headers = { traceparent: TRACEPARENT, baggage: "user=ada" };
  await server.inject({ path: "/baggage", headers });
  const { parentSpanContext, links } = keeper.only;
  assertEquals(parentSpanContext, undefined);
  assert(keeper.only.spanContext().traceId !== TRACE);
  assertEquals(links.map(({ context }) => context.spanId), [PARENT]);
  assertEquals(baggage, undefined);
});

Deno.test("tracing() honours that a trace is not sampled", async () => {
  const { server, keeper } = make();
  const headers = { traceparent: `00-${TRACE}-${PARENT}-00` };
  const response = await server.inject({ path: "/users/1", headers });
  assertEquals([response.status, keeper.spans.length], [200, 0]);
});

Deno.test("tracing() makes the span active behind it, also after a wait", async () => {
  const { server, keeper } = make();
  const inner = keeper.provider.getTracer("test");
  server.get("/work", async () => {
    inner.startSpan("first").end();
    await new Promise((resolve) => setTimeout(resolve, 1));
    inner.startSpan("second").end();
    return ok("");
  });
  await Promise.all([
    server.inject({ path: "/work" }),
    server.inject({ path: "/work" }),
  ]);
  const roots = keeper.spans.filter(({ name }) => name === "GET /work");
  assertEquals([roots.length, keeper.spans.length], [2, 6]);
  for (const root of roots) {
    const { spanId } = root.spanContext();
    const children = keeper.spans.filter(({ parentSpanContext }) =>
      parentSpanContext?.spanId === spanId
    );
    assertEquals(children.map(({ name }) => name), ["first", "second"]);
  }
  assertEquals(trace.getActiveSpan(), undefined);
});

Deno.test("tracing() makes the span active in a generator that is the content", async () => {
  const { server, keeper } = make();
  const inner = keeper.provider.getTracer("test");
  let isEnded = false;
  server.get("/rows", () => {
    async function* rows() {
      try {
        inner.startSpan("query").end();
        yield ENCODER.encode("row");
        yield ENCODER.encode("row");
      } finally {
        isEnded = true;
      }
    }
    return new HttpResponse({ body: rows() });
  });
  const response = await server.inject({ path: "/rows" });
  assertEquals(await response.text(), "rowrow");
  const query = keeper.spans.find(({ name }) => name === "query");
  const root = keeper.spans.find(({ name }) => name === "GET /rows");
  assertEquals(
    query?.parentSpanContext?.spanId,
    root?.spanContext().spanId,
  );
  assert(isEnded);
});

Deno.test("tracing() calls it an error when the server failed, not when the client did", async () => {
  class DatabaseError extends Error {
    override name = "DatabaseError";
  }
  const table: [
    answer: () => HttpResponse,
    status: unknown[],
    type: string | undefined,
    exceptions: number,
  ][] = [
    [() => ok(""), [UNSET], undefined, 0],
    [() => new HttpResponse({ status: 304 }), [UNSET], undefined, 0],
    [() => new HttpResponse({ status: 404 }), [UNSET], undefined, 0],
    [() => new HttpResponse({ status: 503 }), [ERROR], "503", 0],
    [
      () => {
        throw new HttpError(409, "taken");
      },
      [UNSET],
      undefined,
      0,
    ],
    [
      () => {
        throw new HttpError(503, "later");
      },
      [ERROR, "later"],
      "503",
      1,
    ],
    [
      () => {
        throw new DatabaseError("gone");
      },
      [ERROR, "gone"],
      "DatabaseError",
      1,
    ],
    [
      () => {
        throw "text";
      },
      [ERROR],
      "500",
      0,
    ],
  ];
  for (const [answer, status, type, exceptions] of table) {
    const { server, keeper } = make();
    server.get("/", answer);
    await server.inject();
    const { attributes, events } = keeper.only;
    assertEquals(statusOf(keeper.only), status, `${answer}`);
    assertEquals(attributes["error.type"], type, `${answer}`);
    const names = events.map(({ name }) => name);
    assertEquals(names, Array(exceptions).fill("exception"), `${answer}`);
  }
});

Deno.test("tracing() records fields and a query only when told to, and no signature", async () => {
  const { server, keeper } = make({
    includeQuery: true,
    requestHeaders: ["X-Tenant", "X-None"],
    responseHeaders: ["Content-Type"],
    attributes: (request) => ({ "app.path": request.path, "url.path": "mine" }),
  });
  await server.inject({
    path: "/users/1?a=1&sig=abc&Signature=d&design=ok&X-Goog-Signature=e",
    headers: { "x-tenant": "acme" },
  });
  const { attributes } = keeper.only;
  assertEquals(attributes["http.request.header.x-tenant"], ["acme"]);
  assertEquals(attributes["http.request.header.x-none"], undefined);
  assertEquals(attributes["http.response.header.content-type"], [
    "text/plain; charset=utf-8",
  ]);
  assertEquals(attributes["app.path"], "/users/1");
  assertEquals(attributes["url.path"], "mine");
  assertEquals(
    attributes["url.query"],
    "a=1&sig=REDACTED&Signature=REDACTED&design=ok&X-Goog-Signature=REDACTED",
  );
});

Deno.test("tracing() skips what it is told to", async () => {
  const { server, keeper } = make({
    skip: (request) => request.route === "/users/:id",
  });
  await server.inject({ path: "/users/1" });
  await server.inject({ path: "/" });
  assertEquals(keeper.only.name, "GET");
});

Deno.test("tracing() takes a propagator of its own", async () => {
  const span = {
    traceId: TRACE,
    spanId: PARENT,
    traceFlags: 1,
    isRemote: true,
  };
  const propagator = {
    inject: () => {},
    fields: () => ["x-trace"],
    extract: (
      parent: Context,
      carrier: unknown,
      getter: {
        get(carrier: unknown, name: string): unknown;
        keys(carrier: unknown): string[];
      },
    ) => {
      assertEquals(getter.keys(carrier), ["x-trace", "host"]);
      assertEquals(getter.get(carrier, "x-none"), undefined);
      assertEquals(getter.get(carrier, "X-Trace"), "yes");
      return trace.setSpanContext(parent, span);
    },
  };
  const { server, keeper } = make({ propagator });
  await server.inject({ path: "/users/1", headers: { "x-trace": "yes" } });
  assertEquals(keeper.only.parentSpanContext?.spanId, PARENT);
});

Deno.test("tracing() is the child of an active span around the web entry", async () => {
  const { server, keeper } = make();
  const outer = keeper.provider.getTracer("test");
  const headers = { traceparent: TRACEPARENT };
  const request = () => new Request("http://localhost/users/1", { headers });
  await outer.startActiveSpan("outer", async (span) => {
    await (await server.fetch(request())).text();
    span.end();
  });
  const [inner, around] = keeper.spans;
  assertEquals(inner.name, "GET /users/:id");
  assertEquals(inner.parentSpanContext?.spanId, around.spanContext().spanId);
});

Deno.test("tracing() ends the span of a stream when that has ended", async () => {
  const { server, keeper } = make();
  const goOn = Promise.withResolvers<void>();
  server.get("/stream", () => {
    const body = new ReadableStream({
      async pull(controller) {
        await goOn.promise;
        controller.enqueue(ENCODER.encode("late"));
        controller.close();
      },
    });
    return new HttpResponse({ body });
  });
  const response = await server.fetch(new Request("http://localhost/stream"));
  assertEquals(keeper.spans.length, 0);
  const until = performance.now() + 5;
  while (performance.now() < until) await null;
  goOn.resolve();
  assertEquals(await response.text(), "late");
  assertGreater(secondsOf(keeper.only.duration), 0.004);
  assertEquals(statusOf(keeper.only), [UNSET]);
});

Deno.test("tracing() measures durations by method, route and status", async () => {
  const keeper = new DurationKeeper();
  const { server } = make({ meterProvider: keeper.provider });
  server.get("/fails", () => {
    throw new TypeError("broken");
  });
  for (const path of ["/users/1", "/users/2", "/none", "/fails"]) {
    await server.inject({ path });
  }
  const { descriptor, dataPoints, dataPointType } = await keeper.histogram();
  assertEquals([descriptor.name, descriptor.unit], [
    "http.server.request.duration",
    "s",
  ]);
  assertStrictEquals(dataPointType, DataPointType.HISTOGRAM);
  const common = {
    "http.request.method": "GET",
    "url.scheme": "http",
    "network.protocol.version": "1.1",
  };
  assertEquals(
    dataPoints.map(({ attributes, value }) => [value.count, attributes]),
    [
      [2, {
        ...common,
        "http.route": "/users/:id",
        "http.response.status_code": 200,
      }],
      [1, { ...common, "http.response.status_code": 404 }],
      [1, {
        ...common,
        "http.route": "/fails",
        "http.response.status_code": 500,
        "error.type": "TypeError",
      }],
    ],
  );
  assertEquals(dataPoints[0].value.buckets.boundaries.slice(0, 3), [
    0.005,
    0.01,
    0.025,
  ]);
});

Deno.test("tracing() throws when an option is wrong", () => {
  const table: [unknown, string][] = [
    [{ provider: 1 }, '"provider"'],
    [{ tracerProvider: {} }, '"tracerProvider"'],
    [{ meterProvider: null }, '"meterProvider"'],
    [{ propagator: 1 }, '"propagator"'],
    [{ skip: "/health" }, '"/health"'],
    [{ attributes: { a: 1 } }, 'a plain object as "attributes"'],
    [{ requestHeaders: "x" }, '"x"'],
    [{ responseHeaders: ["a b"] }, '"a b"'],
    [{ responseHeaders: [1] }, "1"],
  ];
  for (const [options, shown] of table) {
    assertThrows(() => tracing(options as TracingOptions), TypeError, shown);
  }
});
