/**
 * {@linkcode FakeClock}: time that passes when a test says so.
 *
 * @module
 */

import { checkNumber } from "../http/checks.ts";
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
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { FakeClock } from "@x/httpserver/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * await using server = new HttpServer({ clock });
 * const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
 * const conn = await Deno.connect({ port });
 * // The server has taken the connection once it answers on it.
 * await conn.write(
 *   new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
 * );
 * const buffer = new Uint8Array(1024);
 * await conn.read(buffer);
 *
 * clock.advance(70_000); // longer than timeouts.keepAliveMs
 * assertEquals(await conn.read(buffer), null);
 * conn.close();
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

  /** The same. */
  date(): number {
    return this.#now;
  }

  /** Calls `tick` each time that `ms` have been advanced, until the returned function is called. */
  every(ms: number, tick: () => void): () => void {
    const ticker = { ms, tick, due: this.#now + ms };
    this.#tickers.add(ticker);
    return () => this.#tickers.delete(ticker);
  }

  /**
   * Lets `ms` milliseconds pass, tick by tick.
   *
   * @throws {TypeError} If it is no number.
   * @throws {RangeError} If it is negative or infinite: time does not go back.
   */
  advance(ms: number): void {
    const bounds = { least: 0, unit: "milliseconds" };
    checkNumber("the time of advance()", ms, bounds);
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
