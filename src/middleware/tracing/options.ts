/**
 * The options of {@linkcode tracing}.
 *
 * @module
 */

import { isToken } from "../../grammar/chars.ts";
import { checkFunction, checkList } from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import type { AnyRequest } from "../../http/request.ts";
import { describeValue } from "../../http/values.ts";

// The parts of the package's types that count here: its own ones would put a
// large part of it into the documentation of this module.

/** Makes tracers; a `TracerProvider` of `@opentelemetry/api` is one. */
export interface TracerSource {
  /** Makes the tracer of a library. */
  getTracer(name: string): unknown;
}

/** Makes meters; a `MeterProvider` of `@opentelemetry/api` is one. */
export interface MeterSource {
  /** Makes the meter of a library. */
  getMeter(name: string): unknown;
}

/**
 * Reads a trace from the fields of a request; a `TextMapPropagator` of
 * `@opentelemetry/api` is one.
 */
export interface TraceReader {
  /** Adds to a context what the fields tell. */
  extract(context: never, carrier: unknown, getter: never): unknown;
}

/** What a span is described by. */
export type SpanAttributes = Record<
  string,
  string | number | boolean | string[] | number[] | boolean[] | undefined
>;

/** Options of `tracing()`. */
export interface TracingOptions {
  /**
   * Makes the tracer.
   *
   * @default {undefined} the global one, also if that is registered later
   */
  tracerProvider?: TracerSource;
  /**
   * Makes the meter of durations.
   *
   * @default {undefined} the global one at the time of the first request
   */
  meterProvider?: MeterSource;
  /**
   * Reads the trace that a request belongs to from its fields.
   *
   * @default {undefined} the global one
   */
  propagator?: TraceReader;
  /**
   * Whether a request continues the trace that it names. Turn it off where
   * strangers reach the server and should not choose ids or what is sampled:
   * each request then begins a trace, with a link to the one that it names.
   *
   * @default {true}
   */
  trustIncoming?: boolean;
  /**
   * Tells which requests not to trace, such as health checks.
   *
   * @default {undefined} none
   */
  skip?: (request: AnyRequest) => boolean;
  /**
   * More attributes of the span. It is called when the request has come.
   *
   * @default {undefined} none
   */
  attributes?: (request: AnyRequest) => SpanAttributes;
  /**
   * Whether the query is recorded as `url.query`, without the values of known
   * signatures. Queries often carry tokens and personal data.
   *
   * @default {false}
   */
  includeQuery?: boolean;
  /**
   * Request fields to record as `http.request.header.<name>`.
   *
   * @default {[]}
   */
  requestHeaders?: readonly string[];
  /**
   * Response fields to record as `http.response.header.<name>`.
   *
   * @default {[]}
   */
  responseHeaders?: readonly string[];
}

const NAMES: readonly (keyof TracingOptions)[] = [
  "tracerProvider",
  "meterProvider",
  "propagator",
  "trustIncoming",
  "skip",
  "attributes",
  "includeQuery",
  "requestHeaders",
  "responseHeaders",
];

const METHODS: readonly [keyof TracingOptions, string][] = [
  ["tracerProvider", "getTracer"],
  ["meterProvider", "getMeter"],
  ["propagator", "extract"],
];

/** Throws a TypeError that quotes the first wrong option. */
export function checkTracingOptions(options: TracingOptions): void {
  checkOptionNames("tracing", options, NAMES);
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, method] of METHODS) {
    const object = given[name] as Record<string, unknown> | null | undefined;
    if (object === undefined || typeof object?.[method] === "function") {
      continue;
    }
    throw new TypeError(
      `Cannot use ${
        describeValue(object)
      } as "${name}" of tracing: take an object of npm:@opentelemetry/api, with ${method}()`,
    );
  }
  for (const name of ["skip", "attributes"]) {
    checkFunction(`"${name}" of tracing`, given[name]);
  }
  checkFields("requestHeaders", options.requestHeaders);
  checkFields("responseHeaders", options.responseHeaders);
}

function checkFields(option: string, names: readonly string[] = []): void {
  const isName = (name: unknown) => typeof name === "string" && isToken(name);
  checkList(`"${option}" of tracing`, names, "names of fields", isName);
}
