/**
 * {@linkcode HealthCheck}: handlers that tell a load balancer or an
 * orchestrator how the application is.
 *
 * @example Live and ready
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { HealthCheck } from "@x/httpserver/handlers/health";
 * import { assertEquals } from "@std/assert";
 *
 * const health = new HealthCheck();
 * const server = new HttpServer();
 * server.get("/live", health.liveness).get("/ready", health.readiness);
 * assertEquals((await server.inject({ path: "/ready" })).status, 200);
 * ```
 *
 * @module
 */

import type { Handler } from "../http/handler.ts";
import { type FieldLines, fieldLines, HeaderList } from "../http/headers.ts";
import type { AnyRequest } from "../http/request.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";
import {
  type CheckOptions,
  HealthProbe,
  type HealthResult,
  type HealthStatus,
  type ProbeOutcome,
} from "./health_probe.ts";

export type { CheckOptions, HealthResult, HealthStatus };

/**
 * How much of the state goes to whoever asks. `"none"`: the overall status.
 * `"results"`: each check by name with the message it returned, but not what a
 * check has thrown, which may hold addresses and passwords. `"full"`: that too.
 */
export type HealthDetails = "none" | "results" | "full";

/** Options of {@linkcode HealthCheck}. */
export interface HealthCheckOptions {
  /**
   * How much is told, to all or depending on the request.
   *
   * @default {"results"}
   */
  details?: HealthDetails | ((request: AnyRequest) => HealthDetails);
  /**
   * What durations and caches are measured by, in milliseconds since any fixed
   * time.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** What an answer tells of one check. */
export interface CheckReport {
  /** `degraded` if the check failed and is not critical. */
  status: HealthStatus;
  /** Whether the check passed. */
  healthy: boolean;
  /** In a few words. */
  message?: string;
  /** Milliseconds that the check took. */
  durationMs: number;
  /** Milliseconds since then: more than 0 for a result that was remembered. */
  ageMs: number;
}

/** The content of an answer, as JSON. */
export interface HealthReport {
  /** The worst of all checks. */
  status: HealthStatus;
  /** What the status comes from, if not from a check. */
  message?: string;
  /** The checks by name. */
  checks?: Record<string, CheckReport>;
}

// A health answer out of a cache is no news.
const LINES: FieldLines = fieldLines(
  ["Content-Type", "application/health+json"],
  ["Cache-Control", "no-store"],
);
const DETAILS: readonly unknown[] = ["none", "results", "full"];
const OPTION_NAMES: readonly (keyof HealthCheckOptions)[] = ["details", "now"];
const ALIVE = JSON.stringify({ status: "healthy" });
const DRAINING = JSON.stringify({
  status: "unhealthy",
  message: "The server is shutting down",
});

function answer(status: HealthStatus, body: string): HttpResponse {
  return new HttpResponse({
    status: status === "unhealthy" ? 503 : 200,
    headers: HeaderList.from(LINES),
    body,
  });
}

function worst(outcomes: readonly ProbeOutcome[]): HealthStatus {
  if (outcomes.some(({ status }) => status === "unhealthy")) return "unhealthy";
  const isDegraded = outcomes.some(({ status }) => status === "degraded");
  return isDegraded ? "degraded" : "healthy";
}

function describe(
  outcome: ProbeOutcome,
  details: HealthDetails,
  now: number,
): CheckReport {
  const { status, error, durationMs, endedAt } = outcome;
  const message = details === "full" && error instanceof Error
    ? error.message
    : outcome.message;
  const ageMs = Math.max(0, Math.round(now - endedAt));
  return { status, healthy: status === "healthy", message, durationMs, ageMs };
}

function report(
  status: HealthStatus,
  outcomes: readonly ProbeOutcome[],
  details: HealthDetails,
  now: number,
): HealthReport {
  // Whatever is not known to be allowed is not told.
  if (details !== "results" && details !== "full") return { status };
  const checks = outcomes.map((outcome): [string, CheckReport] => [
    outcome.name,
    describe(outcome, details, now),
  ]);
  return { status, checks: Object.fromEntries(checks) };
}

function detailsOf(
  details: HealthCheckOptions["details"] = "results",
): (request: AnyRequest) => HealthDetails {
  if (typeof details === "function") return details;
  if (DETAILS.includes(details)) return () => details;
  throw new TypeError(
    `Cannot show health details ${
      describeValue(details)
    }: take "none", "results", "full" or a function`,
  );
}

/** For the log: what the checks threw, whatever is shown. */
function errorOf(outcomes: readonly ProbeOutcome[]): unknown {
  const errors = outcomes.map(({ error }) => error)
    .filter((error) => error !== undefined);
  return errors.length < 2
    ? errors[0]
    : new AggregateError(errors, "Several health checks failed");
}

/**
 * Health checks and the handlers that run them. All checks run at once, each
 * within its time-out; a request that comes while a check runs shares its
 * result, so that probes cannot pile up load on what is checked.
 *
 * An answer has status 200 if all critical checks pass, else 503, and the
 * content is a {@linkcode HealthReport} as `application/health+json`. What a
 * check threw is in `response.error` for the log.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { HealthCheck, type HealthReport } from "@x/httpserver/handlers/health";
 * import { assertEquals } from "@std/assert";
 *
 * const health = new HealthCheck()
 *   .addCheck("database", () => ({ healthy: true, message: "Connected" }))
 *   .addCheck("mail", () => ({ healthy: false }), { critical: false });
 * const server = new HttpServer()
 *   .get("/health", health.handle)
 *   .get("/health/live", health.liveness)
 *   .get("/health/ready", health.readiness)
 *   .get("/health/startup", health.startup);
 * const response = await server.inject({ path: "/health" });
 * assertEquals(response.status, 200);
 * const { status, checks } = await response.json<HealthReport>();
 * assertEquals(status, "degraded");
 * assertEquals(checks?.database.message, "Connected");
 * ```
 */
export class HealthCheck {
  readonly #probes = new Map<string, HealthProbe>();
  readonly #details: (request: AnyRequest) => HealthDetails;
  readonly #now: () => number;
  #started = false;

  /**
   * Makes a health check without any checks: it is healthy.
   *
   * @throws {TypeError} If an option is unknown or of the wrong kind.
   */
  constructor(options: HealthCheckOptions = {}) {
    checkOptionNames("HealthCheck", options, OPTION_NAMES);
    this.#details = detailsOf(options.details);
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Adds a check. It fails if it says so, throws, or takes longer than its
   * time-out; the signal it is given aborts then, and the check should stop.
   *
   * @throws {TypeError} If the name is empty or taken, the check is no function,
   * or an option is unknown.
   * @throws {RangeError} If a time is out of bounds.
   */
  addCheck(
    name: string,
    check: (signal: AbortSignal) => HealthResult | Promise<HealthResult>,
    options: CheckOptions = {},
  ): this {
    if (this.#probes.has(name)) {
      throw new TypeError(
        `Cannot add health check "${name}" twice: take another name`,
      );
    }
    this.#probes.set(name, new HealthProbe(name, check, options, this.#now));
    return this;
  }

  /** Runs all checks and tells how each is. */
  readonly handle: Handler<unknown, unknown> = (request) => this.#run(request);

  /** Tells that the process answers: always 200, without running a check. */
  readonly liveness: Handler<unknown, unknown> = () => answer("healthy", ALIVE);

  /**
   * Tells whether to send requests here: as {@linkcode HealthCheck.handle}, but
   * 503 as soon as the server is shutting down.
   */
  readonly readiness: Handler<unknown, unknown> = (request) =>
    request.server.draining
      ? answer("unhealthy", DRAINING)
      : this.#run(request);

  /**
   * Tells whether the application has started: 503 until all critical checks
   * have passed at once, whoever asked. From then on always 200, without running
   * a check.
   */
  readonly startup: Handler<unknown, unknown> = (request) =>
    this.#started ? answer("healthy", ALIVE) : this.#run(request);

  async #run(request: AnyRequest): Promise<HttpResponse> {
    const probes = [...this.#probes.values()];
    const outcomes = await Promise.all(probes.map((probe) => probe.outcome()));
    const status = worst(outcomes);
    if (status !== "unhealthy") this.#started = true;
    const details = this.#details(request);
    const content = report(status, outcomes, details, this.#now());
    const body = JSON.stringify(content);
    const response = answer(status, body);
    response.error = errorOf(outcomes);
    return response;
  }
}
