/**
 * {@linkcode sumStats}: the counters of several workers as those of one server.
 *
 * @module
 */

import type { ServerStats } from "../../http/server_state.ts";
import type { ShutdownReport } from "../../server/shutdown.ts";
import type { WorkerCounts } from "./messages.ts";

function sumCounts<T extends object>(all: readonly T[]): T {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) {
      sums[name] = (sums[name] ?? 0) + Number(count);
    }
  }
  return sums as unknown as T;
}

function noStats(): ServerStats {
  return {
    connections: 0,
    totalConnections: 0,
    activeRequests: 0,
    totalRequests: 0,
    protocolErrors: 0,
    protocolErrorsByStatus: {},
    timeouts: 0,
    timeoutsByPhase: { headers: 0, body: 0, handler: 0, write: 0 },
    overloads: 0,
    bytesReceived: 0,
    bytesSent: 0,
    eventLoopLagMs: 0,
    uptimeMs: 0,
  };
}

function largest(values: readonly number[]): number {
  return Math.max(0, ...values);
}

/**
 * Sums the counters of workers, where one that is missing is 0; of the lag of the event loop and the time since
 * the start it takes the largest.
 */
export function sumStats(given: readonly Partial<ServerStats>[]): ServerStats {
  const all = given.map((stats) => ({ ...noStats(), ...stats }));
  const plain = all.map((stats) => {
    const { protocolErrorsByStatus: _a, timeoutsByPhase: _b, ...rest } = stats;
    return rest;
  });
  return {
    ...noStats(),
    ...sumCounts(plain),
    protocolErrorsByStatus: sumCounts(
      all.map((stats) => stats.protocolErrorsByStatus),
    ),
    timeoutsByPhase: sumCounts(
      [noStats(), ...all].map((stats) => stats.timeoutsByPhase),
    ),
    eventLoopLagMs: largest(all.map((stats) => stats.eventLoopLagMs)),
    uptimeMs: largest(all.map((stats) => stats.uptimeMs)),
  };
}

/** Sums what workers have counted. */
export function sumCounted(all: readonly WorkerCounts[]): WorkerCounts {
  return {
    stats: sumStats(all.map(({ stats }) => stats)),
    failures: all.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/** What a worker that is gone has counted: nothing of it is open any more. */
export function closedCounts({ stats, failures }: WorkerCounts): WorkerCounts {
  const closed = { connections: 0, activeRequests: 0, eventLoopLagMs: 0 };
  return { stats: { ...stats, ...closed }, failures };
}

/** Joins the reports of workers that were shut down together. */
export function sumReports(all: readonly ShutdownReport[]): ShutdownReport {
  return {
    forced: all.some(({ forced }) => forced),
    finishedRequests: all.reduce((sum, each) => sum + each.finishedRequests, 0),
    cutRequests: all.reduce((sum, each) => sum + each.cutRequests, 0),
    durationMs: largest(all.map(({ durationMs }) => durationMs)),
  };
}
