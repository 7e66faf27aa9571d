/**
 * {@linkcode Acceptor}: takes connections from a listener for as long as there
 * is room, and never dies of a failing accept.
 *
 * @module
 */

import { isConnectionError } from "./net_errors.ts";

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
  /** Resolves once there is room for another connection. */
  room(): Promise<void> | null;
  /** Hears of a failed accept, once a row of failures. */
  failed(error: unknown): void;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;

/** Accepts until it is closed. */
export class Acceptor<Conn extends Closable> {
  readonly #listener: ConnectionListener<Conn>;
  readonly #host: AcceptorHost<Conn>;
  #closed = false;
  #wake: (() => void) | null = null;

  /** Accepts from `listener` for `host`. */
  constructor(listener: ConnectionListener<Conn>, host: AcceptorHost<Conn>) {
    this.#listener = listener;
    this.#host = host;
  }

  /** Accepts until {@linkcode Acceptor.close} is called; never rejects. */
  async run(): Promise<void> {
    let pauseMs = 0;
    while (!this.#closed) {
      const room = this.#host.room();
      if (room !== null) await Promise.race([room, this.#untilClosed()]);
      if (this.#closed) return;
      try {
        const conn = await this.#listener.accept();
        // Nobody would end it any more.
        if (this.#closed) return conn.close();
        this.#host.accepted(conn);
        pauseMs = 0;
      } catch (error) {
        if (this.#closed) return;
        // The peer left before it was taken: that is no reason to pause.
        if (isConnectionError(error)) continue;
        if (pauseMs === 0) this.#host.failed(error);
        pauseMs = nextPause(pauseMs);
        await this.#pause(pauseMs);
      }
    }
  }

  #untilClosed(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  // Out of descriptors (EMFILE), the listener lives on: it is asked again
  // later, while open connections are served and some of them end.
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Stops accepting and closes the listener. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.();
    this.#listener.close();
  }
}

function nextPause(ms: number): number {
  return ms === 0 ? FIRST_PAUSE_MS : Math.min(ms * 2, LONGEST_PAUSE_MS);
}
