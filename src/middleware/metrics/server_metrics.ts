/**
 * The counters of servers as metrics.
 *
 * @module
 */

import { Counter, Gauge } from "prom-client";
import type { ServerStats } from "../../http/server_state.ts";
import type { Register } from "./register.ts";

/** Gives the counters of all servers. */
export type ReadStats = () => readonly ServerStats[];

type NumberName = {
  [Name in keyof ServerStats]: ServerStats[Name] extends number ? Name : never;
}[keyof ServerStats];

const COUNTERS: readonly (readonly [string, NumberName, string])[] = [
  ["connections_total", "totalConnections", "Connections accepted"],
  ["overloads_total", "overloads", "Requests answered 503 because of a limit"],
  ["received_bytes_total", "bytesReceived", "Bytes received, without TLS"],
  ["sent_bytes_total", "bytesSent", "Bytes sent, without TLS"],
];

// So that a rate sees the first one too.
const REFUSALS = [400, 413, 414, 417, 431, 501, 505];

/** Adds what the counters of servers tell. */
export function addServerMetrics(register: Register, read: ReadStats): void {
  for (const [name, source, help] of COUNTERS) {
    new Counter({
      ...register(name, help),
      collect() {
        this.reset();
        for (const stats of read()) this.inc(stats[source]);
      },
    });
  }
  addGauges(register, read);
  addFaults(register, read);
}

function addGauges(register: Register, read: ReadStats): void {
  new Gauge({
    ...register("open_connections", "Connections that are open"),
    collect() {
      this.reset();
      for (const { connections } of read()) this.inc(connections);
    },
  });
  new Gauge({
    ...register(
      "event_loop_lag_seconds",
      "Longest delay of the event loop in the last 10 to 20 seconds",
    ),
    collect() {
      const lags = read().map(({ eventLoopLagMs }) => eventLoopLagMs);
      this.set(Math.max(0, ...lags) / 1000);
    },
  });
}

function addFaults(register: Register, read: ReadStats): void {
  new Counter({
    ...register("protocol_errors_total", "Messages that broke the protocol"),
    labelNames: ["status"],
    collect() {
      this.reset();
      for (const status of REFUSALS) this.inc({ status }, 0);
      for (const { protocolErrorsByStatus } of read()) {
        for (const [status, count] of Object.entries(protocolErrorsByStatus)) {
          this.inc({ status }, count);
        }
      }
    },
  });
  new Counter({
    ...register("timeouts_total", "Time-outs by what was waited for"),
    labelNames: ["phase"],
    collect() {
      this.reset();
      for (const { timeoutsByPhase } of read()) {
        for (const [phase, count] of Object.entries(timeoutsByPhase)) {
          this.inc({ phase }, count);
        }
      }
    },
  });
}
