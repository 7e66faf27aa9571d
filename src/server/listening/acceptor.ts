/**
 * {@linkcode Acceptor}: takes connections from a listener for as long as there
 * is room, and never dies of a failing accept.
 *
 * @module
 */

import { isConnectionError } from "../connection/net_errors.ts";
import { nextTurn } from "./turns.ts";

/** A connection that nobody has taken over yet. */
export interface Closable {
  /** Closes it. */
  close(): void;
}

/** A listener, as much of it as accepting needs; `Deno.Listener` is one. */
export interface ConnectionListener<Conn extends Closable> {
  /** The next connection. */
  accept(): Promise<Conn>;
  /** Stops listening. */
  close(): void;
}

/** What an {@linkcode Acceptor} tells and asks. */
export interface AcceptorHost<Conn extends Closable> {
  /** Takes over a connection. */
  accepted(conn: Conn): void;
  /** Resolves once there is room for a connection more, beside `held` that are not handed over yet. */
  room(held: number): Promise<void> | null;
  /** Hears of a failed accept, now and then while they fail. */
  failed(error: unknown): void;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;
const REPORT_EVERY_MS = 10_000;
// In one turn of the event loop the runtime gives at most 128 results at once;
// what else is there already comes within two.
const TURNS = 2;
// A flood of connections must not keep the listener open.
const MOST_LOOKS = 100;

/** Accepts until it is closed. */
export class Acceptor<Conn extends Closable> {
  readonly #listener: ConnectionListener<Conn>;
  readonly #host: AcceptorHost<Conn>;
  readonly #ended = Promise.withResolvers<void>();
  #isClosed = false;
  #isHolding = false;
  #held: Conn[] = [];
  #pauseMs = 0;
  #silentUntil = 0;
  #wake: (() => void) | null = null;
  #hasten: (() => void) | null = null;

  /** Accepts from `listener` for `host`. */
  constructor(listener: ConnectionListener<Conn>, host: AcceptorHost<Conn>) {
    this.#listener = listener;
    this.#host = host;
  }

  /** Accepts until it is closed; never rejects. */
  async run(): Promise<void> {
    while (!this.#isClosed) {
      const room = this.#host.room(this.#held.length);
      // There may be none again when it is our turn.
      if (room !== null) await Promise.race([room, this.#untilClosed()]);
      else await this.#acceptOne();
    }
    this.#ended.resolve();
  }

  async #acceptOne(): Promise<void> {
    try {
      const conn = await this.#listener.accept();
      this.#pauseMs = 0;
      if (this.#isHolding) this.#held.push(conn);
      // Nobody would end it any more.
      else if (this.#isClosed) conn.close();
      else this.#host.accepted(conn);
    } catch (error) {
      if (!this.#isClosed) await this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof Deno.errors.BadResource) {
      // Somebody else has closed the listener: to ask again would never end.
      this.#host.failed(error);
      return this.close();
    }
    // The peer left before it was taken: that is no reason to pause.
    if (isConnectionError(error)) return;
    this.#report(error);
    this.#pauseMs = nextPause(this.#pauseMs);
    await this.#pause(this.#pauseMs);
  }

  // With clients that come and go, accepting fails and succeeds by turns.
  #report(error: unknown): void {
    const now = performance.now();
    if (now < this.#silentUntil) return;
    this.#silentUntil = now + REPORT_EVERY_MS;
    this.#host.failed(error);
  }

  #untilClosed(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  // Out of descriptors (EMFILE), the listener lives on: it is asked again
  // later, while open connections are served and some of them end.
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer = setTimeout(resolve, ms);
      this.#hasten = () => {
        this.#hasten = null;
        clearTimeout(timer);
        // The runtime closes a descriptor a little later.
        timer = setTimeout(resolve, FIRST_PAUSE_MS);
      };
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Hears that a connection has ended: descriptors may lack no longer. */
  connectionEnded(): void {
    this.#hasten?.();
  }

  /**
   * Stops accepting so that the kernel holds no connection, which it would
   * reset. For `holdMs` those that come are not served: clients that wait for
   * an answer open no others. Resolves once all are handed over.
   */
  async closeBehindQueue(holdMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isHolding = true;
    const timer = setTimeout(() => this.#closeOnceQuiet(), holdMs);
    await this.#ended.promise;
    clearTimeout(timer);
    this.#isHolding = false;
    for (const conn of this.#held.splice(0)) this.#host.accepted(conn);
  }

  async #closeOnceQuiet(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS; look++) {
      const count = this.#held.length;
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      if (this.#held.length === count) break;
    }
    this.#closeListener();
  }

  /** Stops accepting, closes the listener and what is not handed over yet. */
  close(): void {
    this.#isHolding = false;
    for (const conn of this.#held.splice(0)) conn.close();
    this.#closeListener();
  }

  #closeListener(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wake?.();
    try {
      this.#listener.close();
    } catch {
      // Somebody else has closed it.
    }
  }
}

function nextPause(ms: number): number {
  return ms === 0 ? FIRST_PAUSE_MS : Math.min(ms * 2, LONGEST_PAUSE_MS);
}
