import { assertEquals } from "@std/assert";
import {
  closedCounts,
  sumCounted,
  sumReports,
  sumStats,
} from "../../../../src/cli/supervisor/totals.ts";
import { HttpServer } from "../../../../mod.ts";

Deno.test("sumStats() has every counter of a server", () => {
  const stats = new HttpServer().stats();
  assertEquals(Object.keys(sumStats([])), Object.keys(stats));
  assertEquals(sumStats([stats]), stats);
});

Deno.test("sumStats() sums counters and takes the largest of times", () => {
  const one = {
    ...sumStats([]),
    connections: 1,
    totalRequests: 10,
    protocolErrorsByStatus: { 400: 1, 431: 2 },
    timeoutsByPhase: { headers: 1, body: 0, handler: 0, write: 3 },
    eventLoopLagMs: 5,
    uptimeMs: 70,
  };
  const other = {
    ...one,
    protocolErrorsByStatus: { 400: 4 },
    eventLoopLagMs: 4,
    uptimeMs: 80,
  };
  assertEquals(sumStats([one, other]), {
    ...one,
    connections: 2,
    totalRequests: 20,
    protocolErrorsByStatus: { 400: 5, 431: 2 },
    timeoutsByPhase: { headers: 2, body: 0, handler: 0, write: 6 },
    eventLoopLagMs: 5,
    uptimeMs: 80,
  });
  const closed = closedCounts({ stats: one, failures: 3 });
  assertEquals(closed.stats.connections, 0);
  assertEquals(closed.stats.totalRequests, 10);
  assertEquals(sumCounted([closed, closed]).failures, 6);
  // Older versions of a server count less.
  assertEquals(sumStats([{ totalRequests: 2 }, one]).totalRequests, 12);
});

Deno.test("sumReports() is forced if one is, and takes as long as the longest", () => {
  const report = {
    forced: false,
    finishedRequests: 2,
    cutRequests: 0,
    durationMs: 120,
  };
  const cut = { ...report, forced: true, cutRequests: 1, durationMs: 90 };
  assertEquals(sumReports([report, cut]), {
    forced: true,
    finishedRequests: 4,
    cutRequests: 1,
    durationMs: 120,
  });
});
