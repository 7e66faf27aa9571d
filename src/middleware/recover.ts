/**
 * {@linkcode recover}: what clients see of errors that nobody expected.
 *
 * @example A page for errors
 * ```ts
 * import { html, HttpServer } from "@x/httpserver";
 * import { recover } from "@x/httpserver/middleware/recover";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer({ log: () => {} });
 * server.use(recover({ render: () => html("<h1>Sorry</h1>", { status: 500 }) }));
 * server.get("/", () => JSON.parse("{"));
 * assertEquals(await (await server.inject({})).text(), "<h1>Sorry</h1>");
 * ```
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { HandlerResult, Middleware } from "../http/handler.ts";
import { checkFunction } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";

/** Options of {@linkcode recover}. */
export interface RecoverOptions {
  /**
   * Makes the answer, such as a page. If it fails itself, the client gets the
   * answer that it would have got without it.
   *
   * @default {undefined} a 500 that tells nothing
   */
  render?: (error: unknown, request: AnyRequest) => HandlerResult;
  /**
   * Told of each error, such as for a tracker; nobody waits for it and what it
   * throws is ignored. The log of the server has the error already.
   *
   * @default {undefined} nobody
   */
  report?: (error: unknown, request: AnyRequest) => unknown;
}

/** A copy of an answer that stands for the error, for the log. */
function standFor(error: unknown, answer: unknown): HttpResponse {
  if (!(answer instanceof HttpResponse || answer instanceof Response)) {
    throw new TypeError(
      `Cannot answer with ${
        describeValue(answer)
      } that "render" of recover gave: return an HttpResponse or a Response`,
    );
  }
  const response = answer instanceof Response
    ? HttpResponse.from(answer)
    : new HttpResponse(answer);
  response.error = error;
  return response;
}

/**
 * Makes a middleware for errors that are no `HttpError`: bugs, lost databases
 * and the like in the handlers and the middleware behind it. Each is in the log
 * of the server in any case; here an application makes a page of its own for
 * them, or tells a tracker. An `HttpError` stays as it is: it is meant for the
 * client. Unlike `onError` it holds for a part of the middleware, and only for
 * what nobody expected.
 *
 * An error of a content that is already being sent cannot be answered any more.
 *
 * It reads and sets nothing. Its place: around what it is to catch.
 *
 * @throws {TypeError} If an option is unknown or no function.
 *
 * @example Usage
 * ```ts
 * import { html, HttpServer } from "@x/httpserver";
 * import { recover } from "@x/httpserver/middleware/recover";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: unknown[] = [];
 * const server = new HttpServer({ log: () => {} })
 *   .use(recover({
 *     render: () => html("<h1>Sorry</h1>", { status: 500 }),
 *     report: (error) => seen.push(error),
 *   }))
 *   .get("/", () => {
 *     throw new Error("a bug");
 *   });
 * const response = await server.inject({ path: "/" });
 * assertEquals(response.status, 500);
 * assertEquals(await response.text(), "<h1>Sorry</h1>");
 * assertEquals(seen.length, 1);
 * ```
 */
export function recover(options: RecoverOptions = {}): Middleware {
  checkOptionNames("recover", options, ["render", "report"]);
  const { render, report } = options;
  checkFunction('"render" of recover', render);
  checkFunction('"report" of recover', report);

  function tell(error: unknown, request: AnyRequest): void {
    try {
      const result = report?.(error, request);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // A tracker that fails must not cost the client its answer.
    }
  }

  async function rendered(
    failed: HttpResponse,
    request: AnyRequest,
  ): Promise<HttpResponse> {
    if (render === undefined) return failed;
    try {
      return standFor(failed.error, await render(failed.error, request));
    } catch (error) {
      const message = "could not render an error";
      request.server.report?.({ level: "error", message, error });
      return failed;
    }
  }

  function check(
    answer: HttpResponse,
    request: AnyRequest,
  ): HttpResponse | Promise<HttpResponse> {
    const { error } = answer;
    if (error === undefined || error instanceof HttpError) return answer;
    tell(error, request);
    return rendered(answer, request);
  }

  return function recover(request, next) {
    const answer = next();
    return answer instanceof HttpResponse
      ? check(answer, request)
      : answer.then((response) => check(response, request));
  };
}
