/**
 * One health check: run within its time-out, shared by those who ask at once,
 * and remembered for a while.
 *
 * @module
 */

import { checkNumber, checkTimerMs } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { describeValue } from "../http/values.ts";

/** How something is. `degraded`: something that is not critical has failed. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy";

/** What a check has found. */
export interface HealthResult {
  /** Whether all is well. */
  healthy: boolean;
  /** In a few words; shown to whoever may see details. */
  message?: string;
}

/** Options of one check. */
export interface CheckOptions {
  /**
   * Milliseconds after which the check has failed, 1 to 2,147,483,647.
   *
   * @default {5000}
   */
  timeoutMs?: number;
  /**
   * Whether its failure makes the whole unhealthy, or only degraded.
   *
   * @default {true}
   */
  critical?: boolean;
  /**
   * Milliseconds for which a result, good or bad, is used again.
   *
   * @default {0}
   */
  cacheMs?: number;
}

/** What came of running a check. */
export interface ProbeOutcome {
  /** The name of the check. */
  readonly name: string;
  /** How it is. */
  readonly status: HealthStatus;
  /** In words that anyone may read. */
  readonly message: string | undefined;
  /** What was thrown. */
  readonly error: unknown;
  /** Milliseconds that it took. */
  readonly durationMs: number;
  /** When it ended, by the clock of the probe. */
  readonly endedAt: number;
}

type Check = (signal: AbortSignal) => HealthResult | Promise<HealthResult>;

type Verdict = Pick<ProbeOutcome, "message" | "error"> & {
  readonly healthy: boolean;
};

function checkTimes(name: string, timeoutMs: number, cacheMs: number): void {
  checkTimerMs(`"timeoutMs" of health check "${name}"`, timeoutMs);
  const bounds = { least: 0, infinite: true, unit: "milliseconds" };
  checkNumber(`"cacheMs" of health check "${name}"`, cacheMs, bounds);
}

function checkShape(name: string, check: Check): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot name a health check ${
        describeValue(name)
      }: take some text first, and the function second`,
    );
  }
  if (typeof check !== "function") {
    throw new TypeError(
      `Cannot run ${
        describeValue(check)
      } as health check "${name}": take a function that returns { healthy: true }`,
    );
  }
}

function verdictOf(name: string, result: HealthResult | undefined): Verdict {
  if (typeof result?.healthy !== "boolean") return noVerdict(name, result);
  const { healthy, message } = result;
  return {
    healthy,
    message: typeof message === "string" ? message : undefined,
    error: undefined,
  };
}

function noVerdict(name: string, result: unknown): Verdict {
  const error = new TypeError(
    `Cannot tell what health check "${name}" found, as it returned ${
      describeValue(result)
    }: return { healthy: true } or { healthy: false }`,
  );
  return { healthy: false, message: "The check told nothing", error };
}

function failed(error: unknown): Verdict {
  return { healthy: false, message: "The check failed", error };
}

function timedOut(name: string, timeoutMs: number): Verdict {
  const message = `The check took longer than ${timeoutMs} ms`;
  const error = new DOMException(
    `Health check "${name}" took longer than ${timeoutMs} ms`,
    "TimeoutError",
  );
  return { healthy: false, message, error };
}

const OPTION_NAMES: readonly (keyof CheckOptions)[] = [
  "timeoutMs",
  "critical",
  "cacheMs",
];

/** One check and what it found last. */
export class HealthProbe {
  readonly #name: string;
  readonly #check: Check;
  readonly #timeoutMs: number;
  readonly #failedStatus: HealthStatus;
  readonly #cacheMs: number;
  readonly #now: () => number;
  #running: Promise<ProbeOutcome> | null = null;
  #last: ProbeOutcome | null = null;
  #lastUntil = 0;

  /** Takes a check, its options and a clock in milliseconds. */
  constructor(
    name: string,
    check: Check,
    options: CheckOptions,
    now: () => number,
  ) {
    checkShape(name, check);
    checkOptionNames(`health check "${name}"`, options, OPTION_NAMES);
    const { timeoutMs = 5000, critical = true, cacheMs = 0 } = options;
    checkTimes(name, timeoutMs, cacheMs);
    this.#name = name;
    this.#check = check;
    this.#timeoutMs = timeoutMs;
    this.#failedStatus = critical ? "unhealthy" : "degraded";
    this.#cacheMs = cacheMs;
    this.#now = now;
  }

  /** How it is: remembered, about to be known, or found out now. Never rejects. */
  outcome(): Promise<ProbeOutcome> {
    if (this.#last !== null && this.#now() < this.#lastUntil) {
      return Promise.resolve(this.#last);
    }
    return this.#running ??= this.#run();
  }

  async #run(): Promise<ProbeOutcome> {
    const start = this.#now();
    const { healthy, message, error } = await this.#verdict();
    const end = this.#now();
    this.#running = null;
    this.#lastUntil = end + this.#cacheMs;
    return this.#last = {
      name: this.#name,
      status: healthy ? "healthy" : this.#failedStatus,
      message,
      error,
      durationMs: Math.round((end - start) * 1000) / 1000,
      endedAt: end,
    };
  }

  #verdict(): Promise<Verdict> {
    const controller = new AbortController();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const verdict = timedOut(this.#name, this.#timeoutMs);
        resolve(verdict);
        controller.abort(verdict.error);
      }, this.#timeoutMs);
      this.#attempt(controller.signal).then((verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      });
    });
  }

  async #attempt(signal: AbortSignal): Promise<Verdict> {
    try {
      return verdictOf(this.#name, await this.#check(signal));
    } catch (error) {
      return failed(error);
    }
  }
}
