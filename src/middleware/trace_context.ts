/**
 * {@linkcode traceContext}: puts each request into the distributed trace that it
 * belongs to, by W3C Trace Context.
 *
 * @example Part of the caller's trace
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { traceContext } from "@x/httpserver/middleware/trace-context";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(traceContext())
 *   .get("/", (request) => ok(request.state.trace.traceId));
 * const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
 * const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
 * assertEquals(await (await server.inject({ headers })).text(), traceId);
 * ```
 *
 * @module
 */

import { checkSwitch } from "../http/checks.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import {
  formatTraceParent,
  parseTraceParent,
  parseTraceState,
} from "./trace_parent.ts";

/** The place of a request in a trace. */
export interface TraceContext {
  /** The trace: 32 digits of lower-case hexadecimal. */
  readonly traceId: string;
  /** The span of whoever asked, 16 such digits; `null` if the trace begins here. */
  readonly parentId: string | null;
  /** The span of this request, 16 such digits. */
  readonly spanId: string;
  /** Whether the trace is recorded, as its caller says. */
  readonly sampled: boolean;
  /** The `tracestate` of the vendors on the way; empty if there is none. */
  readonly traceState: string;
  /** The value of `traceparent` for what this request asks of others. */
  readonly traceparent: string;
  /** The fields for that, `tracestate` among them if there is one. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What {@linkcode traceContext} adds to the state of a request. */
export interface TraceContextState {
  /** The request's place in its trace. */
  trace: TraceContext;
}

/** Options of {@linkcode traceContext}. */
export interface TraceContextOptions {
  /**
   * Whether a trace is continued that the client tells of, or a function that
   * decides so. Where clients are strangers, each could join the trace of
   * another, or have all of its requests recorded.
   *
   * @default {true}
   */
  trustIncoming?: boolean | ((request: AnyRequest) => boolean);
  /**
   * Whether a trace that begins here is to be recorded by the services behind, or
   * a function that decides so.
   *
   * @default {true}
   */
  sample?: boolean | ((request: AnyRequest) => boolean);
  /**
   * Whether the answer tells of the trace in `traceresponse`, so that a client
   * can name it in a report.
   *
   * @default {false}
   */
  respond?: boolean;
}

// 122 random bits; all of the last 7 bytes, as the flag "random" promises.
function newTraceId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

// 62 random bits.
function newSpanId(): string {
  const uuid = crypto.randomUUID();
  return uuid.slice(19, 23) + uuid.slice(24);
}

type Decision = (request: AnyRequest) => boolean;

function decision(
  name: string,
  value: boolean | Decision | undefined,
  otherwise: boolean,
): Decision {
  checkSwitch(`"${name}" of traceContext`, value);
  if (typeof value === "function") return (request) => value(request) === true;
  return () => value ?? otherwise;
}

class Trace implements TraceContext {
  readonly traceId: string;
  readonly parentId: string | null;
  readonly spanId: string = newSpanId();
  readonly sampled: boolean;
  readonly traceState: string;
  readonly #random: boolean;

  constructor(
    traceId: string,
    parentId: string | null,
    flags: { readonly sampled: boolean; readonly random: boolean },
    traceState: string,
  ) {
    this.traceId = traceId;
    this.parentId = parentId;
    this.sampled = flags.sampled;
    this.traceState = traceState;
    this.#random = flags.random;
  }

  get traceparent(): string {
    const { traceId, spanId, sampled } = this;
    return formatTraceParent(traceId, spanId, sampled, this.#random);
  }

  get headers(): Record<string, string> {
    const { traceparent, traceState } = this;
    return traceState === ""
      ? { traceparent }
      : { traceparent, tracestate: traceState };
  }
}

/** The trace that a client tells of; `null` if that is none. */
function continued(request: AnyRequest): Trace | null {
  const header = request.header("traceparent");
  const parent = header === null ? null : parseTraceParent(header);
  if (parent === null) return null;
  // Of use only together with a traceparent that is (3.3).
  const state = request.header("tracestate");
  return new Trace(
    parent.traceId,
    parent.parentId,
    parent,
    state === null ? "" : parseTraceState(state),
  );
}

/**
 * Makes a middleware for W3C Trace Context, level 2. A request with a valid
 * `traceparent` continues that trace with a span of its own; any other begins a
 * new one. It makes no records itself: `logging` puts the ids into its lines, and
 * `request.state.trace.headers` carries them to other services.
 *
 * It reads `traceparent` and `tracestate`; sets `request.state.trace` and, if
 * asked to, `traceresponse`. Its place: first, beside `requestId`.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { traceContext } from "@x/httpserver/middleware/trace-context";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(traceContext())
 *   // const answer = await fetch(url, { headers: request.state.trace.headers });
 *   .get("/", (request) => ok(request.state.trace.headers));
 * const response = await server.inject({
 *   headers: {
 *     traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
 *     tracestate: "vendor=1",
 *   },
 * });
 * const { traceparent, tracestate } = await response.json<
 *   Record<string, string>
 * >();
 * assertMatch(
 *   traceparent,
 *   /^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/,
 * );
 * assertEquals(tracestate, "vendor=1");
 * ```
 */
export function traceContext(
  options: TraceContextOptions = {},
): Middleware<TraceContextState> {
  checkOptionNames("traceContext", options, [
    "trustIncoming",
    "sample",
    "respond",
  ]);
  const trusts = decision("trustIncoming", options.trustIncoming, true);
  const samples = decision("sample", options.sample, true);
  const { respond = false } = options;

  function traceOf(request: AnyRequest): Trace {
    const known = trusts(request) ? continued(request) : null;
    if (known !== null) return known;
    const flags = { sampled: samples(request), random: true };
    return new Trace(newTraceId(), null, flags, "");
  }

  return function traceContext(request, next) {
    const trace = traceOf(request);
    request.state.trace = trace;
    const answer = next();
    if (!respond) return answer;
    function tell(response: HttpResponse): HttpResponse {
      response.headers.set("traceresponse", trace.traceparent);
      return response;
    }
    return answer instanceof HttpResponse ? tell(answer) : answer.then(tell);
  };
}
