/**
 * {@linkcode Exposition}: a registry as text.
 *
 * @module
 */

import { Registry } from "prom-client";

/** The media types that a registry can be told in, the default first. */
export const EXPOSITION_TYPES: readonly [string, string] = [
  Registry.PROMETHEUS_CONTENT_TYPE,
  Registry.OPENMETRICS_CONTENT_TYPE,
];

type AnyRegistry = Registry<
  | typeof Registry.PROMETHEUS_CONTENT_TYPE
  | typeof Registry.OPENMETRICS_CONTENT_TYPE
>;

/** Writes a registry in either format. */
export class Exposition {
  readonly #registry: AnyRegistry;
  #turn: Promise<unknown> = Promise.resolve();

  /** Writes `registry`. */
  constructor(registry: Registry) {
    this.#registry = registry as AnyRegistry;
  }

  /** The registry as text of one of the types. */
  write(type: string): Promise<string> {
    // The format is a state of the registry: one at a time.
    const text = this.#turn.then(() => this.#writeAs(type));
    this.#turn = text.catch(() => {});
    return text;
  }

  // To write OpenMetrics takes `_total` off the names of counters for ever: the
  // next one who wants plain text would get series of other names.
  async #writeAs(type: string): Promise<string> {
    const registry = this.#registry;
    const before = registry.contentType;
    const metrics = registry.getMetricsAsArray();
    const names = metrics.map(({ name }) => name);
    try {
      registry.setContentType(type as typeof before);
      return await registry.metrics();
    } finally {
      registry.setContentType(before);
      metrics.forEach((metric, at) => metric.name = names[at]);
    }
  }
}
