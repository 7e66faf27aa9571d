/**
 * {@linkcode LagMeter}: how late the event loop is.
 *
 * @module
 */

import type { ServerState } from "../http/server_state.ts";
import { atShutdown } from "../http/shutdown_tasks.ts";

const PERIOD_MS = 10;

/** What a meter needs of the runtime; a test may bring its own. */
export interface LagClock {
  /** Milliseconds since any moment. */
  now(): number;
  /** Calls once `ms` have passed; does not hold the process. */
  after(ms: number, call: () => void): number;
  /** Takes such a call back. */
  cancel(id: number): void;
}

interface Runtime {
  Deno?: { unrefTimer?(id: number): void };
}

const SYSTEM_CLOCK: LagClock = {
  now: () => performance.now(),
  after(ms, call) {
    const id = setTimeout(call, ms) as unknown as number;
    (globalThis as Runtime).Deno?.unrefTimer?.(id);
    return id;
  },
  cancel: (id) => clearTimeout(id),
};

/**
 * Measures, from the first question on, how much later than asked for a timer is
 * called; ends by itself a period after the last question.
 */
export class LagMeter {
  readonly #isBusy: () => boolean;
  readonly #clock: LagClock;
  readonly #servers = new WeakSet<ServerState>();
  readonly #onTimer: () => void;
  #timer: number | null = null;
  #due = Infinity;
  #lastMs = 0;
  #wasAsked = false;

  /** Goes on measuring, without a question, while `isBusy` says so. */
  constructor(isBusy: () => boolean, clock: LagClock = SYSTEM_CLOCK) {
    this.#isBusy = isBusy;
    this.#clock = clock;
    this.#onTimer = () => this.#measure();
  }

  #measure(): void {
    if (!this.#wasAsked && !this.#isBusy()) return this.stop();
    this.#lastMs = this.#clock.now() - this.#due;
    this.#arm();
  }

  #arm(): void {
    this.#wasAsked = false;
    this.#due = this.#clock.now() + PERIOD_MS;
    this.#timer = this.#clock.after(PERIOD_MS, this.#onTimer);
  }

  /** Ends measuring until the next question. */
  stop(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#due = Infinity;
    this.#lastMs = 0;
  }

  /**
   * The lateness, ms: of the last call, or of the one that is due by now if that
   * is worse, so that a turn that takes long is noticed while it lasts. The end of
   * the server that asks ends measuring.
   */
  lagMs(server: ServerState): number {
    if (this.#timer === null) {
      this.#arm();
      if (!this.#servers.has(server)) {
        this.#servers.add(server);
        atShutdown(server, () => this.stop());
      }
    }
    this.#wasAsked = true;
    return Math.max(this.#lastMs, this.#clock.now() - this.#due, 0);
  }
}
