/**
 * What a `SeriesTable` has counted, as metrics of a registry.
 *
 * @module
 */

import { Counter, Histogram } from "prom-client";
import type { MetricParts, Register } from "./register.ts";
import type { RequestSeries, SeriesTable } from "./series.ts";

const LABELS = ["method", "route", "status"] as const;
type Label = typeof LABELS[number];
type Values = Awaited<ReturnType<Histogram<Label>["get"]>>;

/** Adds the counter and the histogram of requests. */
export function addRequestMetrics(
  register: Register,
  table: SeriesTable,
): void {
  new Counter({
    ...register("requests_total", "Requests that have ended"),
    labelNames: LABELS,
    collect() {
      this.reset();
      for (const { labels, count } of table) this.inc({ ...labels }, count);
    },
  });
  new DurationHistogram(register, table);
}

const DURATION = "request_duration_seconds";
const DURATION_HELP =
  "Time from the head of a request to the last byte of its answer";

// The registry's own one hashes the labels in each observation, which costs
// more than all else that is measured of a request.
class DurationHistogram extends Histogram<Label> {
  readonly #table: SeriesTable;
  readonly #bounds: readonly string[];
  readonly #parts: MetricParts;

  constructor(register: Register, table: SeriesTable) {
    const parts = register(DURATION, DURATION_HELP);
    super({ ...parts, labelNames: LABELS, buckets: [...table.bounds] });
    this.#parts = parts;
    this.#table = table;
    this.#bounds = table.bounds.map(formatBound);
  }

  override get(): Promise<Values> {
    const { name, help } = this.#parts;
    const values = [...this.#table].flatMap((series) => this.#values(series));
    const metric = { name, help, type: "histogram", aggregator: "sum", values };
    // Its types name numbers where there are words.
    return Promise.resolve(metric as unknown as Values);
  }

  /** What the registry asks for in place of `get()`. */
  getForPromString(): Promise<Values> {
    return this.get();
  }

  #values({ labels, count, seconds, buckets }: RequestSeries) {
    const { name } = this.#parts;
    let sum = 0;
    const bucket = (le: string, value: number) => ({
      metricName: `${name}_bucket`,
      labels: { le, ...labels },
      value,
    });
    return [
      ...this.#bounds.map((le, at) => bucket(le, sum += buckets[at])),
      bucket("+Inf", count),
      { metricName: `${name}_sum`, labels: { ...labels }, value: seconds },
      { metricName: `${name}_count`, labels: { ...labels }, value: count },
    ];
  }
}

// As OpenMetrics wants it: with a point, so that a bound is the same text in
// both formats.
function formatBound(bound: number): string {
  return Number.isInteger(bound) && bound < 1e21 ? `${bound}.0` : `${bound}`;
}
