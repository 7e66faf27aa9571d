/**
 * {@linkcode timeout}: how long a handler may take.
 *
 * @example Ten seconds for each answer
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { timeout } from "@x/httpserver/middleware/timeout";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(timeout(10_000)).get("/", () => ok("in time"));
 * assertEquals((await server.inject({})).status, 200);
 * ```
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import { checkChoice, checkTimerMs } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { abortRequest, type AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";

/** Options of {@linkcode timeout}. */
export interface TimeoutOptions {
  /**
   * What late requests are answered: 503, or 504 where the handler waits for
   * another server.
   *
   * @default {503}
   */
  status?: 503 | 504;
}

/**
 * Makes a middleware that bounds the time until the answer of a handler is
 * there, its content not counted. When the time is up `request.signal` aborts
 * with a `TimeoutError`, for whatever the handler waits for, and the client is
 * answered at once; what the handler answers later is dropped and its content
 * cancelled. A handler that heeds no signal runs on.
 *
 * It reads and sets nothing. Its place: before the handlers it is for, behind
 * `logging`. A handler that never lets go of the thread cannot be timed.
 *
 * @param ms The time, in milliseconds, from 1.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If the time or the status is out of bounds.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { timeout } from "@x/httpserver/middleware/timeout";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer({ log: () => {} })
 *   .use(timeout(20, { status: 504 }))
 *   .get("/", async (request) => {
 *     const { promise, reject } = Promise.withResolvers<never>();
 *     request.signal.onabort = () => reject(request.signal.reason);
 *     return ok(await promise);
 *   });
 * assertEquals((await server.inject({ path: "/" })).status, 504);
 * ```
 */
export function timeout(
  ms: number,
  options: TimeoutOptions = {},
): Middleware {
  checkTimerMs("the time of timeout", ms);
  checkOptionNames("timeout", options, ["status"]);
  const { status = 503 } = options;
  checkChoice('"status" of timeout', status, [503, 504]);
  const message = `The handler took more than ${ms} ms`;

  function race(
    request: AnyRequest,
    answer: Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // First, so that nothing the handler does about it comes before.
        reject(new HttpError(status, message));
        abortRequest(request, new DOMException(message, "TimeoutError"));
      }, ms);
      const stop = () => clearTimeout(timer);
      // The client may leave while the handler waits for ever.
      request.onEnd(stop);
      answer.then(resolve, reject).then(stop);
    });
  }

  return function timeout(request, next) {
    const answer = next();
    return answer instanceof HttpResponse ? answer : race(request, answer);
  };
}
