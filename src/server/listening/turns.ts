/**
 * {@linkcode Turns}: busy connections take turns, so that none waits for long.
 *
 * @module
 */

import { Pulse } from "./pulse.ts";

/**
 * Resolves once everything has run that was due. A turn of `setImmediate` takes
 * 8 us, one of `setTimeout` 2 ms.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

// In one go the runtime completes 128 reads and writes. What is over is looked
// at in vain and must wait, woken in reverse order: with 1,000 busy connections
// some waited for seconds, and each request cost twice as much. A request is a
// read and a write, and some are left for new connections.
const TURN_UNITS = 60;
// As many connections have room in one go: to take turns would cost 3 % of CPU.
const MOST_AT_ONCE = 64;
// Where only a timer tells of the next turn, 1 to 2 ms lie between two.
const TIMER_TURN_UNITS = 256;
const QUIET_TICKS = 2;
const STALLED_TICKS = 8;
const MOST_END_MS = 200;
// About as many bytes of requests take as long as one more answer.
const UNIT_BITS = 9;

/** What tells that the runtime has looked at the sockets; a `Pulse` is one. */
export interface Beats {
  /** Resolves once it has; rejects after `close()`. */
  beat(): Promise<void>;
  /** Ends it. */
  close(): void;
}

interface Waiting {
  readonly units: number;
  readonly goOn: () => void;
}

function nextTimer(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

/**
 * Bounds how many connections read before the runtime looks at the sockets
 * again; the rest waits, first come, first served, with nothing asked of the
 * runtime meanwhile.
 */
export class Turns {
  /** How many connections there are. */
  connections = Infinity;

  readonly #openPulse: () => Promise<Beats | null>;
  #left = TURN_UNITS;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #hasEnded = false;
  #pulse: Beats | null = null;
  #quietTicks = 0;
  #stalledTicks = 0;
  // It told nothing for long.
  #isUseless = false;

  /** Takes what tells of the next turn from `openPulse`, once it is needed. */
  constructor(openPulse: () => Promise<Beats | null> = Pulse.open) {
    this.#openPulse = openPulse;
  }

  /** True while somebody waits. */
  get isCrowded(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Asks to read again, behind requests of so many `bytes`; `null` means at
   * once.
   *
   * @param mayWait Whether the next read waits for the socket. It does not if the
   * last one has left something.
   */
  take(bytes: number, mayWait: boolean): Promise<void> | null {
    if (mayWait && this.connections <= MOST_AT_ONCE) return null;
    const units = 1 + (bytes >> UNIT_BITS);
    if (this.#left > 0) {
      this.#left -= units;
      return null;
    }
    if (this.#hasEnded) return null;
    const turn = new Promise<void>((goOn) =>
      void this.#waiting.push({ units, goOn })
    );
    this.#running ??= this.#run();
    return turn;
  }

  /**
   * Looks after what tells of turns: it is given back once nobody has waited for
   * some ticks, and does not count if it tells nothing, as behind a firewall that
   * drops what goes over loopback.
   */
  tick(): void {
    if (this.#running === null) {
      if (++this.#quietTicks > QUIET_TICKS) this.#close();
    } else if (++this.#stalledTicks > STALLED_TICKS) {
      this.#isUseless = true;
      // What waits for it goes on; what waits for it to open does not.
      if (this.#pulse === null) this.#running = this.#run();
      this.#close();
    }
  }

  async #run(): Promise<void> {
    this.#quietTicks = this.#stalledTicks = 0;
    if (!this.#isUseless) this.#pulse ??= await this.#open();
    while (this.isCrowded) {
      const isTold = await this.#wait();
      this.#begin(isTold ? TURN_UNITS : TIMER_TURN_UNITS);
    }
    this.#running = null;
  }

  async #open(): Promise<Beats | null> {
    const pulse = await this.#openPulse();
    if (!this.#hasEnded && !this.#isUseless) return pulse;
    pulse?.close();
    return null;
  }

  // False if only a timer has told.
  async #wait(): Promise<boolean> {
    try {
      await this.#pulse?.beat();
      if (this.#pulse !== null) return true;
    } catch {
      this.#close();
    }
    await nextTimer();
    return false;
  }

  #begin(units: number): void {
    this.#stalledTicks = 0;
    this.#left = units;
    let at = 0;
    for (; at < this.#waiting.length && this.#left > 0; at++) {
      const { units, goOn } = this.#waiting[at];
      this.#left -= units;
      goOn();
    }
    this.#waiting.splice(0, at);
  }

  /**
   * Lets everybody go on, and nobody wait any more: their connections have ended.
   * Resolves once nothing of it is left open, or what opens does not.
   */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#begin(Infinity);
    this.#close();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, MOST_END_MS);
    await Promise.race([this.#running, late.promise]);
    clearTimeout(timer);
  }

  #close(): void {
    this.#pulse?.close();
    this.#pulse = null;
  }
}
