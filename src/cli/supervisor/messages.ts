/**
 * What the supervisor and its workers say to each other, a line of JSON each.
 *
 * Orders go through the standard input of the worker, whose end tells it that
 * the supervisor is gone. Reports come through its standard error, each behind
 * a mark that only the two know, so that the standard output stays with the
 * worker alone: its access log costs the supervisor nothing, and no socket, file
 * or permission is needed.
 *
 * @module
 */

import type { ServerStats } from "../../http/server_state.ts";
import type { ShutdownReport } from "../../server/shutdown.ts";

/** The first line to a worker. */
export interface StartOrder {
  /** Tells the kinds of orders apart. */
  readonly kind: "start";
  /** The secret that its reports carry. */
  readonly token: string;
  /** The port to listen on; 0 takes a free one. */
  readonly port: number;
}

/** What a worker is told later. */
export interface Order {
  /** To drain and end, to cut everything and end, or to report its counters. */
  readonly kind: "drain" | "cut" | "count";
}

/** What a worker has counted. */
export interface WorkerCounts {
  /** The counters of its server. */
  readonly stats: ServerStats;
  /** Answers that were a 5xx. */
  readonly failures: number;
}

/** What a worker reports. */
export type WorkerReport =
  | { readonly kind: "listening"; readonly address: Deno.NetAddr }
  | { readonly kind: "counts"; readonly counts: WorkerCounts }
  | {
    readonly kind: "ended";
    readonly report: ShutdownReport;
    readonly counts: WorkerCounts;
  };

const ENCODER = new TextEncoder();

/** The bytes of an order. */
export function encodeOrder(
  order: StartOrder | Order,
): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`${JSON.stringify(order)}\n`);
}

// A control character that no log writes as it is.
const RECORD_SEPARATOR = "\x1e";

/** What a report begins with. */
export function reportMark(token: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`${RECORD_SEPARATOR}${token} `);
}

/** The bytes of a report. */
export function encodeReport(
  token: string,
  report: WorkerReport,
): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(
    `${RECORD_SEPARATOR}${token} ${JSON.stringify(report)}\n`,
  );
}
