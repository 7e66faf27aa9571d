/**
 * {@linkcode ServerCore}: the connections of a server and all that they share.
 *
 * @module
 */

import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import type { ClientResolver } from "../http/forwarded.ts";
import type { ServerState, ServerStats } from "../http/server_state.ts";
import { runShutdownTasks } from "../http/shutdown_tasks.ts";
import { reasonPhrase } from "../http/status.ts";
import { ResponseEncoder } from "../protocol/encoder.ts";
import { Acceptor } from "./listening/acceptor.ts";
import { AddressCounter } from "./listening/address_counter.ts";
import { OutputPool, ReadPool } from "./connection/buffer_pool.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Connection } from "./connection/connection.ts";
import type { ConnectionHost, Counters } from "./host.ts";
import { GivenUp } from "./listening/given_up.ts";
import type { OpenListener } from "./listening/listener.ts";
import { guardLog, type LogFunction, logToStderr } from "./log.ts";
import {
  type HttpServerOptions,
  resolveLimits,
  resolveTimeouts,
  type ServerLimits,
  type ServerTimeouts,
} from "./options.ts";
import { addressMatcher } from "./proxies.ts";
import {
  Shutdown,
  type ShutdownOptions,
  type ShutdownReport,
} from "./shutdown.ts";
import { DeadlineSweeper, tickFor } from "./timers.ts";
import { Turns } from "./listening/turns.ts";

/** Answers a request; never throws and never rejects. */
export type Pipeline = (
  request: AnyRequest,
) => HttpResponse | Promise<HttpResponse>;

// Those of a shutdown have timers of their own.
function sweptTimeouts(timeouts: ServerTimeouts): number[] {
  const { shutdownMs: _, shutdownDelayMs: __, ...swept } = timeouts;
  return Object.values(swept);
}

/** What options come to. */
type Resolved = Pick<
  ServerCore,
  "limits" | "timeouts" | "clientAddress" | "proxies" | "perAddress"
>;

function resolveOptions(options: HttpServerOptions): Resolved {
  const limits = resolveLimits(options.limits);
  return {
    limits,
    timeouts: resolveTimeouts(options.timeouts),
    clientAddress: options.clientAddress ?? null,
    proxies: options.proxyProtocol === undefined ? null : addressMatcher(
      options.proxyProtocol.trusted,
      "proxyProtocol.trusted",
    ),
    perAddress: new AddressCounter(limits.connectionsPerIp),
  };
}

/** Accepts, serves and ends connections. */
export class ServerCore implements ConnectionHost {
  /** The bounds of messages and connections. */
  limits: ServerLimits;
  /** The time-outs, ms. */
  timeouts: ServerTimeouts;
  /** Tells who the client behind a proxy is; `null` for the peer. */
  clientAddress: ClientResolver | null;
  /** Which peers send a PROXY protocol header; `null` for none. */
  proxies: ((ip: string) => boolean) | null;
  /** Sockets that nobody serves any more. */
  readonly givenUp: GivenUp = new GivenUp(() => this.#freed());
  /** Connections of each address. */
  perAddress: AddressCounter;
  /** Busy connections take turns. */
  readonly turns: Turns = new Turns();
  /** Deadlines. */
  sweeper: DeadlineSweeper;
  /** Heads of answers. */
  readonly encoder: ResponseEncoder = new ResponseEncoder(reasonPhrase);
  /** Read buffers. */
  readonly readPool: ReadPool = new ReadPool();
  /** Write buffers. */
  readonly outputPool: OutputPool = new OutputPool();
  /** Reports. */
  readonly log: LogFunction;
  /** What handlers see of the server. */
  readonly state: ServerState;
  /** Answers a request. */
  handle: Pipeline;
  /** The counts. */
  readonly counters: Counters = {
    connections: 0,
    requests: 0,
    active: 0,
    protocolErrors: 0,
    protocolErrorsByStatus: {},
    timeouts: 0,
    timeoutsByPhase: { headers: 0, body: 0, handler: 0, write: 0 },
    overloads: 0,
    bytesReceived: 0,
    bytesSent: 0,
  };
  /** The open connections. */
  readonly connections: Set<Connection> = new Set();
  /** Resolves once a shutdown is complete. */
  readonly finished: Promise<ShutdownReport>;

  readonly #clock: Clock;
  readonly #started: number;
  readonly #finish: (report: ShutdownReport) => void;
  #claimed = false;
  #acceptor: Acceptor<Deno.Conn> | null = null;
  #cleanUp: () => Promise<void> = () => Promise.resolve();
  #accepting: Promise<void> | null = null;
  #shutdown: Shutdown | null = null;
  #report: Promise<ShutdownReport> | null = null;
  #onRoom: (() => void) | null = null;
  #onDrained: (() => void) | null = null;
  readonly #hurried = Promise.withResolvers<void>();

  /** Prepares a server that answers by `pipeline`. */
  constructor(options: HttpServerOptions, pipeline: Pipeline) {
    const clock = options.clock ?? systemClock;
    const resolved = resolveOptions(options);
    this.limits = resolved.limits;
    this.timeouts = resolved.timeouts;
    this.clientAddress = resolved.clientAddress;
    this.proxies = resolved.proxies;
    this.perAddress = resolved.perAddress;
    this.log = guardLog(options.log ?? logToStderr);
    this.handle = pipeline;
    this.sweeper = this.#makeSweeper(clock);
    this.#clock = clock;
    this.#started = clock.now();
    const finished = Promise.withResolvers<ShutdownReport>();
    this.finished = finished.promise;
    this.#finish = finished.resolve;
    this.state = this.#makeState();
  }

  #makeSweeper(clock: Clock): DeadlineSweeper {
    return new DeadlineSweeper(
      clock,
      tickFor(sweptTimeouts(this.timeouts)),
      (date) => {
        this.encoder.setTime(date);
        this.turns.tick();
      },
    );
  }

  /**
   * Takes other options and another pipeline, before it listens. The clock and
   * the log stay.
   *
   * @throws {TypeError} If it listens, or for an option of the wrong type.
   * @throws {RangeError} For a bound that is none.
   */
  configure(options: HttpServerOptions, pipeline: Pipeline): void {
    if (this.#claimed) {
      throw new TypeError(
        "Cannot change the options of a server that listens: change them before",
      );
    }
    // As a whole, or not at all.
    Object.assign(this, resolveOptions(options));
    this.handle = pipeline;
    this.sweeper = this.#makeSweeper(this.#clock);
  }

  #makeState(): ServerState {
    const isDraining = () => this.#shutdown !== null;
    const stats = () => this.stats();
    return {
      get draining() {
        return isDraining();
      },
      stats,
      report: (report) => this.log(report),
    };
  }

  /** A snapshot of the counters. */
  stats(): ServerStats {
    const { counters, connections, sweeper } = this;
    return {
      connections: connections.size,
      totalConnections: counters.connections,
      activeRequests: counters.active,
      totalRequests: counters.requests,
      protocolErrors: counters.protocolErrors,
      protocolErrorsByStatus: { ...counters.protocolErrorsByStatus },
      timeouts: counters.timeouts,
      timeoutsByPhase: { ...counters.timeoutsByPhase },
      overloads: counters.overloads,
      bytesReceived: counters.bytesReceived,
      bytesSent: counters.bytesSent,
      eventLoopLagMs: sweeper.lagMs,
      uptimeMs: this.#clock.now() - this.#started,
    };
  }

  /**
   * Takes the one turn to listen.
   *
   * @throws {TypeError} If it is taken, or the server was shut down.
   */
  claim(): void {
    if (this.#shutdown !== null) {
      throw new TypeError(
        "Cannot listen after a shutdown: make a new HttpServer",
      );
    }
    if (this.#claimed) {
      throw new TypeError(
        "Cannot listen twice with one HttpServer: make a second one, or await its shutdown() and make a new one",
      );
    }
    this.#claimed = true;
  }

  /** Gives the turn back: listening has failed. */
  unclaim(): void {
    this.#claimed = false;
  }

  /** Serves the connections of a listener. */
  accept(opened: OpenListener): void {
    this.sweeper.start();
    this.#cleanUp = opened.cleanUp;
    this.#acceptor = new Acceptor(opened.listener, {
      accepted: (conn) => this.#accepted(conn, opened.secure),
      room: (held) => this.#room(held),
      // Without the error: to show its stack would take a descriptor.
      failed: (error) =>
        this.log({ level: "warn", message: `could not accept: ${error}` }),
    });
    this.#accepting = this.#acceptor.run();
  }

  #accepted(conn: Deno.Conn, secure: boolean): void {
    // Head and body leave in one write, so waiting for more gains nothing and
    // costs up to 43 ms with a peer that delays its acknowledgements.
    if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
    this.serve(new Connection(conn, this, secure));
  }

  /**
   * Serves a connection that came without a listener.
   *
   * @throws {TypeError} If the server was shut down.
   */
  join(connection: Connection): void {
    if (this.#shutdown !== null) {
      throw new TypeError(
        "Cannot connect to a server that was shut down: make a new HttpServer",
      );
    }
    this.sweeper.start();
    this.serve(connection);
  }

  /** Serves one connection. */
  serve(connection: Connection): void {
    this.counters.connections++;
    this.connections.add(connection);
    this.turns.connections = this.connections.size;
    this.sweeper.add(connection);
    connection.serve();
  }

  /** Hears that a connection has ended. */
  ended(connection: Connection): void {
    this.connections.delete(connection);
    this.turns.connections = this.connections.size;
    this.sweeper.delete(connection);
    this.#freed();
    if (this.connections.size === 0) this.#onDrained?.();
  }

  #freed(): void {
    this.#acceptor?.connectionEnded();
    this.#onRoom?.();
    this.#onRoom = null;
  }

  #room(held: number): Promise<void> | null {
    const count = this.connections.size + this.givenUp.size + held;
    if (count < this.limits.connections) return null;
    return new Promise((resolve) => this.#onRoom = resolve);
  }

  #drained(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained = resolve);
  }

  /** Ends the server; called again with `graceMs: 0` it cuts what is left. */
  shutdown(options: ShutdownOptions): Promise<ShutdownReport> {
    const graceMs = options.graceMs ??
      (this.timeouts.shutdownMs || Infinity);
    if (!(graceMs >= 0)) {
      throw new RangeError(
        `Cannot wait ${graceMs} ms for requests: take a number from 0`,
      );
    }
    if (this.#report !== null) {
      if (graceMs === 0) this.#hurry();
      return this.#report;
    }
    this.#shutdown = new Shutdown({
      connections: this.connections,
      acceptor: this.#acceptor,
      drained: () => this.#drained(),
      acceptMs: this.timeouts.shutdownDelayMs,
      answered: () => this.counters.requests - this.counters.active,
    });
    return this.#report = this.#end(this.#shutdown, graceMs);
  }

  #hurry(): void {
    this.#shutdown?.force();
    this.#hurried.resolve();
  }

  async #end(shutdown: Shutdown, graceMs: number): Promise<ShutdownReport> {
    const report = await shutdown.run(graceMs);
    if (report.forced) {
      const { cutRequests } = report;
      const message = `the shutdown cut ${cutRequests} requests`;
      this.log({ level: "warn", message });
    }
    this.givenUp.end();
    // The port is free only once the pending accept has heard of the end.
    await this.#accepting;
    await this.#cleanUp();
    this.sweeper.stop();
    await this.turns.end();
    const leftMs = report.forced ? 0 : graceMs - report.durationMs;
    await runShutdownTasks(this.state, leftMs, this.#hurried.promise);
    this.#finish(report);
    return report;
  }
}
