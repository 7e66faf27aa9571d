/**
 * What handlers may see of the server that runs them.
 *
 * @module
 */

/** Counters of a server, a snapshot. */
export interface ServerStats {
  /** Connections that are open now. */
  connections: number;
  /** Connections accepted since the start. */
  totalConnections: number;
  /** Requests whose answer is not complete yet. */
  activeRequests: number;
  /** Requests received since the start. */
  totalRequests: number;
  /** Messages refused because they broke the protocol. */
  protocolErrors: number;
  /** Connections closed by a time-out. */
  timeouts: number;
  /** Milliseconds since the server was made. */
  uptimeMs: number;
}

/** The server as a handler sees it: health checks and metrics read it. */
export interface ServerState {
  /** True once a shutdown has begun: readiness must fail. */
  readonly draining: boolean;
  /** A snapshot of the counters. */
  stats(): ServerStats;
}
