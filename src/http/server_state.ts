/**
 * What handlers may see of the server that runs them.
 *
 * @module
 */

/** Time-outs by what was waited for. */
export interface TimeoutCounts {
  /** The head of a request. */
  headers: number;
  /** The body of a request. */
  body: number;
  /** A handler. */
  handler: number;
  /** A peer that takes its answer. */
  write: number;
}

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
  /** Such messages by the status of the answer. */
  protocolErrorsByStatus: Record<number, number>;
  /** Connections closed by a time-out. */
  timeouts: number;
  /** Time-outs by what was waited for. */
  timeoutsByPhase: TimeoutCounts;
  /** Requests answered 503 because of a limit on requests or connections. */
  overloads: number;
  /** Bytes received on all connections, those of TLS left out. */
  bytesReceived: number;
  /** Bytes sent on all connections, those of TLS left out. */
  bytesSent: number;
  /** The longest, ms, that the event loop was late in the last 10 to 20 seconds. */
  eventLoopLagMs: number;
  /** Milliseconds since the server was made. */
  uptimeMs: number;
}

/** Something that the log of the server should tell. */
export interface ServerReport {
  /** How much it matters. */
  level: "info" | "warn" | "error";
  /** What happened, in a few words that never change. */
  message: string;
  /** The error behind it. */
  error?: unknown;
}

/** The server as a handler sees it: health checks and metrics read it. */
export interface ServerState {
  /** True once a shutdown has begun: readiness must fail. */
  readonly draining: boolean;
  /** A snapshot of the counters. */
  stats(): ServerStats;
  /**
   * Puts into the log of the server what is about more than one request, such
   * as a store that cannot be reached.
   */
  report?(report: ServerReport): void;
}
