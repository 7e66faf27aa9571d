/**
 * {@linkcode overload}: turns requests away while there is too much to do, so
 * that those that are let in are answered in time.
 *
 * @example 503 before it is too late
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { overload } from "@x/httpserver/middleware/overload";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(overload({ maxInFlight: 1_000 })); // and by `maxEventLoopLagMs`
 * server.get("/", () => ok("hello"));
 * assertEquals((await server.inject({})).status, 200);
 * ```
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { HandlerResult, Middleware, Next } from "../http/handler.ts";
import { checkNumber } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { errorResponse } from "../http/problem.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import type { ServerState } from "../http/server_state.ts";
import { LagMeter } from "./lag_meter.ts";
import { type RequestSelection, requestTest } from "./selection.ts";

/** Options of {@linkcode overload}: one of the first two at least. */
export interface OverloadOptions {
  /**
   * How many requests may be under way at a time, each until its answer is there.
   *
   * @default {undefined} any number
   */
  maxInFlight?: number;
  /**
   * How late the event loop may be, in milliseconds, from 1.
   *
   * @default {undefined} not measured
   */
  maxEventLoopLagMs?: number;
  /**
   * When clients are to come again, in milliseconds; told in whole seconds,
   * rounded up.
   *
   * @default {1000}
   */
  retryAfterMs?: number;
  /**
   * Requests that are never turned away: path prefixes, or a function. Whoever
   * checks the health of a busy server must not think it dead and restart it.
   *
   * @default {["/health"]}
   */
  exempt?: RequestSelection;
}

function checkBound(
  name: string,
  value: unknown,
  least: number,
  unit: string,
): void {
  if (value === undefined) return;
  const whole = name === "maxInFlight";
  checkNumber(`"${name}" of overload`, value, { least, whole, unit });
}

function checkOptions(options: OverloadOptions): void {
  checkOptionNames("overload", options, [
    "maxInFlight",
    "maxEventLoopLagMs",
    "retryAfterMs",
    "exempt",
  ]);
  const { maxInFlight, maxEventLoopLagMs, retryAfterMs } = options;
  if (maxInFlight === undefined && maxEventLoopLagMs === undefined) {
    throw new TypeError(
      'Cannot make overload without a bound: give "maxInFlight" or "maxEventLoopLagMs"',
    );
  }
  checkBound("maxInFlight", maxInFlight, 1, "requests");
  checkBound("maxEventLoopLagMs", maxEventLoopLagMs, 1, "milliseconds");
  checkBound("retryAfterMs", retryAfterMs, 0, "milliseconds");
}

/**
 * Makes a middleware that answers 503 with `Retry-After` while more requests are
 * under way than allowed, or the event loop is late: what waits longer than its
 * client has answers nobody. A refusal costs a small part of an answer and is
 * not logged as an error.
 *
 * The lateness is measured by one timer each 10 ms, which holds no process and
 * ends when nothing is asked any more, when the server is shut down, or when the
 * middleware is disposed of. `limits.requestsInFlight` of the server bounds
 * requests as well, until their content is sent and for all paths alike.
 *
 * Lateness is seen once it is there. Where handlers wait first and compute later,
 * what was let in meanwhile still has its turn: bound `maxInFlight` too.
 *
 * It reads the path; sets `Retry-After`. Its place: first, but for `logging`.
 *
 * @throws {TypeError} If neither bound is given, or an option is unknown or of
 * the wrong type.
 * @throws {RangeError} If a number is out of bounds.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { overload } from "@x/httpserver/middleware/overload";
 * import { assertEquals } from "@std/assert";
 *
 * const { promise, resolve } = Promise.withResolvers<void>();
 * const server = new HttpServer()
 *   .use(overload({ maxInFlight: 1, retryAfterMs: 5_000 }))
 *   .get("/", async () => {
 *     await promise;
 *     return ok("done");
 *   });
 * const first = server.inject({});
 * const second = await server.inject({});
 * assertEquals(second.status, 503);
 * assertEquals(second.header("retry-after"), "5");
 * resolve();
 * assertEquals((await first).status, 200);
 * ```
 */
export function overload(options: OverloadOptions): Middleware & Disposable {
  checkOptions(options);
  const {
    maxInFlight = Infinity,
    maxEventLoopLagMs: maxLagMs = Infinity,
    retryAfterMs = 1000,
    exempt = ["/health"],
  } = options;
  const isExempt = requestTest('"exempt" of overload', exempt);
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  // Made once: to record where it was made would cost more than the refusal.
  const refusal = new HttpError(503, "The server has too much to do", {
    headers: { "retry-after": `${seconds}` },
  });
  let inFlight = 0;
  const meter = maxLagMs < Infinity ? new LagMeter(() => inFlight > 0) : null;

  function isTooMuch(server: ServerState): boolean {
    const isLate = meter !== null && meter.lagMs(server) > maxLagMs;
    return isLate || inFlight >= maxInFlight;
  }

  function leave(): void {
    inFlight--;
  }

  function refuse(request: AnyRequest): HttpResponse {
    const response = errorResponse(refusal, request);
    // A report of each would be one more load.
    response.error = undefined;
    return response;
  }

  function overload(request: AnyRequest, next: Next): HandlerResult {
    if (isTooMuch(request.server) && !isExempt(request)) return refuse(request);
    inFlight++;
    const answer = next();
    if (answer instanceof HttpResponse) leave();
    else answer.then(leave, leave);
    return answer;
  }

  return Object.assign(overload, { [Symbol.dispose]: () => meter?.stop() });
}
