/**
 * {@linkcode FakeClock}: time that passes when a test says so.
 *
 * @module
 */

import type { Clock } from "../server/clock.ts";

interface Ticker {
  readonly ms: number;
  readonly tick: () => void;
  due: number;
}

/**
 * A clock for tests: time-outs of a server strike when it is advanced.
 *
 * @example Usage
 * ```ts ignore
 * const clock = new FakeClock();
 * const server = new HttpServer({ clock });
 * await server.listen({ port: 0 });
 * clock.advance(65_000); // idle connections are closed
 * ```
 */
export class FakeClock implements Clock {
  #now: number;
  readonly #tickers = new Set<Ticker>();

  /** Starts at a time in ms since 1970. */
  constructor(now: number = 0) {
    this.#now = now;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now;
  }

  /** Calls `tick` each time that `ms` have been advanced, until the returned function is called. */
  every(ms: number, tick: () => void): () => void {
    const ticker = { ms, tick, due: this.#now + ms };
    this.#tickers.add(ticker);
    return () => this.#tickers.delete(ticker);
  }

  /** Lets `ms` milliseconds pass, tick by tick. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = Math.min(...[...this.#tickers].map((one) => one.due));
      if (due > end) break;
      this.#now = due;
      for (const ticker of this.#tickers) this.#ring(ticker);
    }
    this.#now = end;
  }

  #ring(ticker: Ticker): void {
    if (ticker.due > this.#now) return;
    ticker.due += ticker.ms;
    ticker.tick();
  }
}
