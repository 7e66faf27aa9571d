/** An SDK of OpenTelemetry that keeps what it gets. */
import {
  context,
  type HrTime,
  propagation,
  type SpanStatus,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import {
  DataPointType,
  type HistogramMetricData,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";

/** Registers what makes spans active and reads `traceparent` and `baggage`. */
export function registerContext(): void {
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [
        new W3CTraceContextPropagator(),
        new W3CBaggagePropagator(),
      ],
    }),
  );
}

/** Makes spans and keeps those that have ended. */
export class SpanKeeper {
  /** The spans that have ended, the first to end first. */
  readonly spans: ReadableSpan[] = [];
  /** Makes the tracers. */
  readonly provider: TracerProvider = new TracerProvider({
    spanProcessors: [{
      onStart: () => {},
      onEnd: (span) => void this.spans.push(span),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    }],
  });

  /** The only span that has ended. */
  get only(): ReadableSpan {
    const [span, ...others] = this.spans;
    if (span === undefined || others.length > 0) {
      throw new Error(`${this.spans.length} spans have ended`);
    }
    return span;
  }
}

/** The status of a span without what is not set. */
export function statusOf({ status }: { status: SpanStatus }): unknown[] {
  return status.message === undefined
    ? [status.code]
    : [status.code, status.message];
}

/** A duration in seconds. */
export function secondsOf([seconds, nanos]: HrTime): number {
  return seconds + nanos / 1e9;
}

/** Keeps what is measured, until it is asked for. */
class HandReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Makes meters and keeps the only histogram. */
export class DurationKeeper {
  readonly #reader = new HandReader();
  /** Makes the meters. */
  readonly provider: MeterProvider = new MeterProvider({
    readers: [this.#reader],
  });

  /** What was measured. */
  async histogram(): Promise<HistogramMetricData> {
    const { resourceMetrics } = await this.#reader.collect();
    const [data, ...others] = resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics
    );
    if (data?.dataPointType === DataPointType.HISTOGRAM && !others.length) {
      return data;
    }
    throw new Error("There is not just one histogram");
  }
}
