/**
 * {@linkcode Register}: names metrics and says where they go.
 *
 * @module
 */

import type { Registry } from "prom-client";

/** What all metrics are made with. */
export interface MetricParts {
  /** The whole name. */
  name: string;
  /** What it is. */
  help: string;
  /** Where it goes. */
  registers: Registry[];
}

/** Makes the parts of a metric of its name behind the prefix. */
export type Register = (name: string, help: string) => MetricParts;
