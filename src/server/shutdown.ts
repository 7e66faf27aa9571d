/**
 * How a server ends: no new connections, those between two requests closed,
 * requests under way finished, and what is left at the deadline cut.
 *
 * @module
 */

import type { Acceptor } from "./listening/acceptor.ts";
import type { Connection } from "./connection/connection.ts";
import { nextTurn } from "./listening/turns.ts";

/** What a shutdown came to. */
export interface ShutdownReport {
  /** True if requests or answers had to be cut, by the deadline or a second call. */
  forced: boolean;
  /** Requests that were finished while it drained. */
  finishedRequests: number;
  /** Requests that were cut. */
  cutRequests: number;
  /** How long it took, ms. */
  durationMs: number;
}

/** Options of a shutdown. */
export interface ShutdownOptions {
  /** How long to wait for requests under way, ms; 0 cuts them at once. @default {timeouts.shutdownMs} */
  graceMs?: number;
}

/** What a shutdown works on. */
export interface ShutdownHost {
  /** The open connections. */
  readonly connections: ReadonlySet<Connection>;
  /** The acceptor, if the server listens. */
  readonly acceptor: Acceptor<Deno.Conn> | null;
  /** How long to go on accepting, ms. */
  readonly acceptMs: number;
  /** Resolves once no connection is open. */
  drained(): Promise<void>;
  /** Requests answered or cut so far. */
  answered(): number;
}

// Connections that the kernel has taken before the listener closes would be
// reset by it, so accepting goes on for this long.
const ACCEPT_QUEUE_MS = 100;
// With a delay, idle connections stay open for this long: one that a busy proxy
// uses meanwhile is answered with `Connection: close`, one that it does not use
// it can close first, so that no request meets a connection that is closing.
const IDLE_MS = 500;
// Turns of the event loop in which all that has come is read.
const TURNS = 2;
// Those of the last moment are served when the listener has closed.
const HOLD_MS = 20;
// A timer can't be set further ahead.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs one shutdown; a second call of {@linkcode Shutdown.force} ends the waiting. */
export class Shutdown {
  readonly #host: ShutdownHost;
  readonly #forced = Promise.withResolvers<"forced">();

  /** Prepares the end of `host`. */
  constructor(host: ShutdownHost) {
    this.#host = host;
  }

  /** Cuts what is still open now. */
  force(): void {
    this.#forced.resolve("forced");
  }

  /** Ends the server and tells what became of its requests. */
  async run(graceMs: number): Promise<ShutdownReport> {
    const started = performance.now();
    const before = this.#host.answered();
    const ended = await this.#race(this.#drain(), graceMs);
    this.force();
    const { requests, hasCut } = ended === "forced"
      ? this.#cut()
      : { requests: 0, hasCut: false };
    await this.#host.drained();
    return {
      forced: hasCut,
      finishedRequests: this.#host.answered() - before - requests,
      cutRequests: requests,
      durationMs: performance.now() - started,
    };
  }

  async #drain(): Promise<"drained"> {
    // Answers tell to close from now on. Who asks again meanwhile is answered;
    // closed at once, a busy connection between two requests would lose one.
    if (this.#host.acceptor !== null) await this.#endAccepting();
    this.#drainConnections();
    await this.#host.drained();
    return "drained";
  }

  async #endAccepting(): Promise<void> {
    const { acceptor, acceptMs } = this.#host;
    const idleMs = Math.max(ACCEPT_QUEUE_MS, Math.min(acceptMs, IDLE_MS));
    await this.#race(this.#forced.promise, idleMs);
    if (acceptMs > idleMs) {
      // What came while the process was busy is there, and not read yet.
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      // A load balancer needs an open port for its probes, not idle connections.
      this.#drainConnections();
      await this.#race(this.#forced.promise, acceptMs - idleMs);
    }
    await acceptor?.closeBehindQueue(HOLD_MS);
  }

  #drainConnections(): void {
    for (const connection of this.#host.connections) connection.drain();
  }

  async #race<T>(
    work: Promise<T>,
    limitMs: number,
  ): Promise<T | "forced"> {
    const limit = Promise.withResolvers<"forced">();
    const timer = setTimeout(
      () => limit.resolve("forced"),
      Math.min(limitMs, LONGEST_TIMER_MS),
    );
    try {
      return await Promise.race([work, limit.promise, this.#forced.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #cut(): { requests: number; hasCut: boolean } {
    this.#host.acceptor?.close();
    const reason = new DOMException("The server shuts down", "AbortError");
    let requests = 0;
    let hasCut = false;
    for (const connection of [...this.#host.connections]) {
      if (connection.isAnswering) requests++;
      if (connection.isAnswering || connection.hasUnsent) hasCut = true;
      connection.cut(reason);
    }
    return { requests, hasCut };
  }
}
