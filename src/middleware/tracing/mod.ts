/**
 * {@linkcode tracing}: a span of OpenTelemetry for each request, by the package
 * `@opentelemetry/api`.
 *
 * @example A span for each request
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { tracing } from "@x/httpserver/tracing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * // First, so that it sees every answer. Without an SDK it costs next to nothing.
 * server.use(tracing()).get("/", () => ok("hello"));
 * assertEquals((await server.inject({})).status, 200);
 * ```
 *
 * @module
 */

import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type TextMapGetter,
  type TextMapPropagator,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Middleware } from "../../http/handler.ts";
import type { AnyRequest, HttpRequest } from "../../http/request.ts";
import type { TraceContext } from "../trace_context.ts";
import {
  fieldAttributes,
  requestAttributes,
  SCOPE,
  spanName,
} from "./attributes.ts";
import { Durations } from "./durations.ts";
import {
  checkTracingOptions,
  type MeterSource,
  type SpanAttributes,
  type TraceReader,
  type TracerSource,
  type TracingOptions,
} from "./options.ts";
import { SpanTrace } from "./span_trace.ts";
import { TracedRequest, type TracePlan } from "./traced_request.ts";

export type {
  MeterSource,
  SpanAttributes,
  TraceContext,
  TraceReader,
  TracerSource,
  TracingOptions,
};

/** What {@linkcode tracing} adds to the state of a request. */
export interface TracingState {
  /** The place of its span in its trace; missing where nothing is traced. */
  trace?: TraceContext;
}

const REQUEST_HEADER = "http.request.header.";

const FIELDS: TextMapGetter<AnyRequest> = {
  get: (request, name) => request.header(name) ?? undefined,
  keys: (request) => [...request.headers].map(([name]) => name),
};

class Tracing {
  readonly #options: TracingOptions;
  readonly #tracer: Tracer;
  readonly #propagator: Pick<TextMapPropagator, "extract">;
  readonly #plan: TracePlan;

  constructor(options: TracingOptions) {
    this.#options = options;
    this.#plan = {
      responseHeaders: options.responseHeaders ?? [],
      durations: new Durations(options.meterProvider),
    };
    const provider = options.tracerProvider ?? trace;
    this.#tracer = provider.getTracer(SCOPE) as Tracer;
    this.#propagator = options.propagator as TextMapPropagator ?? propagation;
  }

  begin(request: AnyRequest): TracedRequest {
    const { parent, links } = this.#originOf(request);
    const kind = SpanKind.SERVER;
    const attributes = this.#attributesOf(request);
    const span = this.#tracer.startSpan(
      spanName(request),
      { kind, attributes, links },
      parent,
    );
    const spanContext = span.spanContext();
    // Without an SDK there is none.
    if (isSpanContextValid(spanContext)) {
      const { state } = request as HttpRequest<unknown, TracingState>;
      state.trace = new SpanTrace(spanContext, trace.getSpanContext(parent));
    }
    const within = trace.setSpan(parent, span);
    return new TracedRequest(request, span, within, this.#plan);
  }

  #originOf(request: AnyRequest): { parent: Context; links?: Link[] } {
    // Whatever called the web entry has a span of its own. Any other one that is
    // active here was so when the server began to listen, and has ended.
    const active = context.active();
    if (trace.getSpan(active)?.isRecording()) return { parent: active };
    const { trustIncoming = true } = this.#options;
    const named = this.#propagator.extract(ROOT_CONTEXT, request, FIELDS);
    if (trustIncoming) return { parent: named };
    // Without the baggage, too.
    const origin = trace.getSpanContext(named);
    return {
      parent: ROOT_CONTEXT,
      links: origin === undefined ? undefined : [{ context: origin }],
    };
  }

  #attributesOf(request: AnyRequest): Attributes {
    const { includeQuery = false, requestHeaders, attributes } = this.#options;
    const known = requestAttributes(request, includeQuery);
    if (requestHeaders === undefined && attributes === undefined) return known;
    const read = (name: string) => request.header(name);
    return {
      ...known,
      ...fieldAttributes(REQUEST_HEADER, requestHeaders ?? [], read),
      ...attributes?.(request),
    };
  }
}

/**
 * Makes a middleware that traces requests by the stable semantic conventions of
 * OpenTelemetry for HTTP servers. It reads the trace from the request's fields
 * (`traceparent`, by the propagator), and sets `request.state.trace`, by which
 * `logging` tells the ids, in place of `traceContext`. It sets nothing on the
 * answer.
 *
 * The span is named by method and route, is active in everything behind the
 * middleware and in a generator that is the content, and ends when the last byte of the answer has been sent. An answer
 * from status 500 and a content that breaks make it an error, with the
 * exception; a status from 400 does not: that is the client's. Where the client
 * left, it has an event `response.cut`. Each request is also recorded in the
 * histogram `http.server.request.duration`.
 *
 * Spans go where the application's SDK sends them; without one nothing is
 * recorded. That the span is active needs a context manager and a `traceparent`
 * a propagator: an SDK brings both, and so does the runtime with
 * `OTEL_DENO=true`, which needs no SDK.
 *
 * Its place: first, before `logging` and all that may answer.
 *
 * @throws {TypeError} If an option is unknown or of the wrong kind.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { tracing } from "@x/httpserver/tracing";
 * import { trace } from "@opentelemetry/api";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(tracing({ skip: (request) => request.route === "/health" }))
 *   .get("/users/:id", (request) => {
 *     trace.getActiveSpan()?.setAttribute("user.id", request.params.id);
 *     return ok({ id: request.params.id });
 *   });
 * assertEquals((await server.inject({ path: "/users/7" })).status, 200);
 * ```
 */
export function tracing(
  options: TracingOptions = {},
): Middleware<TracingState> {
  checkTracingOptions(options);
  const spans = new Tracing({ ...options });
  const { skip } = options;

  return function tracing(request, next) {
    if (skip?.(request)) return next();
    const traced = spans.begin(request);
    request.onEnd((end) => traced.ended(end));
    return traced.run(next);
  };
}
