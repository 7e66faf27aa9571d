/**
 * {@linkcode Durations}: how long requests took, as a metric.
 *
 * @module
 */

import {
  type Attributes,
  type Histogram,
  type Meter,
  metrics,
} from "@opentelemetry/api";
import type { AnyRequest } from "../../http/request.ts";
import { methodOf, schemeOf, SCOPE } from "./attributes.ts";
import type { MeterSource } from "./options.ts";

// The conventions name these, in seconds.
const BUCKETS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
];

/** Records durations in `http.server.request.duration`. */
export class Durations {
  readonly #provider: MeterSource | undefined;
  #histogram: Histogram | null = null;

  /** Records by a provider, or else by the global one. */
  constructor(provider: MeterSource | undefined) {
    this.#provider = provider;
  }

  /** Records a request that has ended, with what came of it. */
  record(request: AnyRequest, seconds: number, result: Attributes): void {
    this.#histogram ??= this.#makeHistogram();
    this.#histogram.record(seconds, {
      "http.request.method": methodOf(request),
      "url.scheme": schemeOf(request),
      "network.protocol.version": request.version,
      ...request.route !== null && { "http.route": request.route },
      ...result,
    });
  }

  // Not before the first request: unlike tracers, meters that were made before
  // their provider came never measure.
  #makeHistogram(): Histogram {
    const provider = this.#provider ?? metrics;
    const meter = provider.getMeter(SCOPE) as Meter;
    return meter.createHistogram(
      "http.server.request.duration",
      {
        description: "Duration of HTTP server requests.",
        unit: "s",
        advice: { explicitBucketBoundaries: BUCKETS },
      },
    );
  }
}
