/**
 * {@linkcode SeriesTable}: what is counted for each method, route and status.
 *
 * @module
 */

import { KNOWN_METHODS } from "../known_methods.ts";

/** The labels of a request. */
export interface RequestLabels {
  /** The method; `"OTHER"` for one that HTTP does not define. */
  readonly method: string;
  /** The pattern of the route; `"none"` if none matched. */
  readonly route: string;
  /** The status code; `"none"` if no answer was begun. */
  readonly status: string;
}

/** The requests that have the same labels. */
export interface RequestSeries {
  /** What they have in common. */
  readonly labels: RequestLabels;
  /** How many there were. */
  count: number;
  /** Seconds that they took in all. */
  seconds: number;
  /** How many took no longer than a bound, and longer than the one before. */
  readonly buckets: number[];
}

const OTHER = "OTHER";
const NONE = "none";
const METHOD_INDEX = new Map(KNOWN_METHODS.map((name, at) => [name, at]));
const STATUSES = 1000;

/** Counts requests by method, route pattern and status. */
export class SeriesTable {
  /** Upper bounds of durations in seconds, ascending. */
  readonly bounds: readonly number[];

  readonly #routes = new Map<string | null, Map<number, RequestSeries>>();

  /** Counts durations between `bounds`. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  /** Counts a request. */
  observe(
    method: string,
    route: string | null,
    status: number | null,
    seconds: number,
  ): void {
    const series = this.#find(method, route, status);
    series.count++;
    series.seconds += seconds;
    const { bounds } = this;
    for (let at = 0; at < bounds.length; at++) {
      if (seconds > bounds[at]) continue;
      series.buckets[at]++;
      return;
    }
  }

  #find(
    method: string,
    route: string | null,
    status: number | null,
  ): RequestSeries {
    const index = METHOD_INDEX.get(method) ?? KNOWN_METHODS.length;
    const key = index * STATUSES + (status ?? 0);
    const ofRoute = this.#routes.get(route) ?? this.#addRoute(route);
    const found = ofRoute.get(key);
    if (found !== undefined) return found;
    const added: RequestSeries = {
      labels: {
        method: KNOWN_METHODS[index] ?? OTHER,
        route: route ?? NONE,
        status: status === null ? NONE : `${status}`,
      },
      count: 0,
      seconds: 0,
      buckets: this.bounds.map(() => 0),
    };
    ofRoute.set(key, added);
    return added;
  }

  #addRoute(route: string | null): Map<number, RequestSeries> {
    const added = new Map<number, RequestSeries>();
    this.#routes.set(route, added);
    return added;
  }

  /** All that were counted. */
  *[Symbol.iterator](): Generator<RequestSeries> {
    for (const ofRoute of this.#routes.values()) yield* ofRoute.values();
  }
}
