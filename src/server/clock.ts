/**
 * The clock that every time-out of the server reads, so that tests can bring
 * their own.
 *
 * @module
 */

/** A source of time. */
export interface Clock {
  /** Milliseconds since any moment, never stepping: deadlines count by it. */
  now(): number;
  /** Milliseconds since 1970, for the Date field. */
  date(): number;
  /** Calls `tick` each `ms` milliseconds until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};
