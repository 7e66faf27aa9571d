/**
 * {@linkcode SpanTrace}: the span of a request as `traceContext` would tell it.
 *
 * @module
 */

import type { SpanContext } from "@opentelemetry/api";
import type { TraceContext } from "../trace_context.ts";
import { formatTraceParent } from "../trace_parent.ts";

const SAMPLED = 1;
const RANDOM = 2;

/** The place of a request in its trace, by its span. */
export class SpanTrace implements TraceContext {
  /** The span of whoever asked; `null` if the trace begins here. */
  readonly parentId: string | null;
  readonly #span: SpanContext;

  /** Tells of a span and of its parent. */
  constructor(span: SpanContext, parent: SpanContext | undefined) {
    this.#span = span;
    this.parentId = parent?.spanId ?? null;
  }

  /** The trace. */
  get traceId(): string {
    return this.#span.traceId;
  }

  /** The span of this request. */
  get spanId(): string {
    return this.#span.spanId;
  }

  /** Whether the trace is recorded. */
  get sampled(): boolean {
    return (this.#span.traceFlags & SAMPLED) !== 0;
  }

  /** The `tracestate` of the vendors on the way. */
  get traceState(): string {
    return this.#span.traceState?.serialize() ?? "";
  }

  /** The value of `traceparent` for what this request asks of others. */
  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span;
    const isRandom = (traceFlags & RANDOM) !== 0;
    return formatTraceParent(traceId, spanId, this.sampled, isRandom);
  }

  /** The fields for that. */
  get headers(): Record<string, string> {
    const { traceparent, traceState } = this;
    return traceState === ""
      ? { traceparent }
      : { traceparent, tracestate: traceState };
  }
}
