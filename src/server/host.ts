/**
 * What a connection needs of the server that it belongs to.
 *
 * @module
 */

import type { ClientResolver } from "../http/forwarded.ts";
import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import type { ServerState, TimeoutCounts } from "../http/server_state.ts";
import type { ResponseEncoder } from "../protocol/encoder.ts";
import type { AddressCounter } from "./listening/address_counter.ts";
import type { OutputPool, ReadPool } from "./connection/buffer_pool.ts";
import type { Connection } from "./connection/connection.ts";
import type { GivenUp } from "./listening/given_up.ts";
import type { LogFunction } from "./log.ts";
import type { ServerLimits, ServerTimeouts } from "./options.ts";
import type { DeadlineSweeper } from "./timers.ts";
import type { Turns } from "./listening/turns.ts";

/** Counts the bytes of connections. */
export interface Traffic {
  /** Bytes received. */
  bytesReceived: number;
  /** Bytes sent. */
  bytesSent: number;
}

/** Counts that go nowhere. */
export function noTraffic(): Traffic {
  return { bytesReceived: 0, bytesSent: 0 };
}

/** Counts that connections keep for their server. */
export interface Counters extends Traffic {
  /** Connections accepted. */
  connections: number;
  /** Requests received. */
  requests: number;
  /** Requests whose answer is not complete. */
  active: number;
  /** Messages refused because they broke the protocol. */
  protocolErrors: number;
  /** Such messages by the status of the answer. */
  readonly protocolErrorsByStatus: Record<number, number>;
  /** Connections closed by a time-out. */
  timeouts: number;
  /** Time-outs by what was waited for. */
  readonly timeoutsByPhase: TimeoutCounts;
  /** Requests answered 503 because of a limit. */
  overloads: number;
}

/** Counts a message that broke the protocol. */
export function countFault(counters: Counters, status: number): void {
  counters.protocolErrors++;
  const before = counters.protocolErrorsByStatus[status] ?? 0;
  counters.protocolErrorsByStatus[status] = before + 1;
}

/** The server, as one of its connections sees it. */
export interface ConnectionHost {
  /** The bounds of messages and connections. */
  readonly limits: ServerLimits;
  /** The time-outs, ms. */
  readonly timeouts: ServerTimeouts;
  /** What handlers see of the server. */
  readonly state: ServerState;
  /** The counts. */
  readonly counters: Counters;
  /** Tells who the client behind a proxy is; `null` for the peer. */
  readonly clientAddress: ClientResolver | null;
  /** Which peers send a PROXY protocol header; `null` for none. */
  readonly proxies: ((ip: string) => boolean) | null;
  /** Sockets that nobody serves any more. */
  readonly givenUp: GivenUp;
  /** Connections of each address. */
  readonly perAddress: AddressCounter;
  /** Busy connections take turns. */
  readonly turns: Turns;
  /** Deadlines. */
  readonly sweeper: DeadlineSweeper;
  /** Heads of answers. */
  readonly encoder: ResponseEncoder;
  /** Read buffers. */
  readonly readPool: ReadPool;
  /** Write buffers. */
  readonly outputPool: OutputPool;
  /** Reports. */
  readonly log: LogFunction;
  /** Answers a request; never throws and never rejects. */
  handle(request: AnyRequest): HttpResponse | Promise<HttpResponse>;
  /** Called once a connection has ended. */
  ended(connection: Connection): void;
}

/** Counts a time-out that struck in a phase of a request. */
export function countTimeout(
  counters: Counters,
  phase: keyof TimeoutCounts,
): void {
  counters.timeouts++;
  counters.timeoutsByPhase[phase]++;
}
