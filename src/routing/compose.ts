/**
 * Handlers and middleware folded into one function per route, once, from the
 * last to the first. Each step turns what it gets into an answer: a web
 * `Response`, a promise, an error.
 *
 * @module
 */

import type { ErrorHandler, HandlerResult, Next } from "../http/handler.ts";
import { errorResponse, negotiateProblem } from "../http/problem.ts";
import { type AnyRequest, bodyOf, type HttpRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";

/** An answer, at once or later. */
export type Answer = HttpResponse | Promise<HttpResponse>;

/** A step of the pipeline: it neither throws nor rejects. */
export type Run = (request: AnyRequest) => Answer;

/** A handler, whatever its parameters and state. */
export type AnyHandler = (request: AnyRequest) => HandlerResult;

/** A middleware, whatever its state. */
export type AnyMiddleware = (request: AnyRequest, next: Next) => HandlerResult;

/** What a step needs when something goes wrong in it. */
export interface Step {
  /** Whose result it is, for messages. */
  readonly name: string;
  /** Makes an answer of an error; `null` for problem details. */
  readonly onError: ErrorHandler | null;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return `an object of class ${value.constructor?.name ?? "null"}`;
}

function toResponse(
  value: unknown,
  request: AnyRequest,
  step: Step,
): HttpResponse {
  if (value instanceof HttpResponse) {
    return value.error === undefined ? value : negotiateProblem(value, request);
  }
  if (value instanceof Response) return HttpResponse.from(value);
  throw new TypeError(
    `Cannot answer: ${step.name} returned ${
      describe(value)
    }: return an HttpResponse, such as ok(value), or a Response`,
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

async function settleLater(
  value: PromiseLike<unknown>,
  request: AnyRequest,
  step: Step,
): Promise<HttpResponse> {
  try {
    return toResponse(await value, request, step);
  } catch (error) {
    return fail(error, request, step);
  }
}

function settle(value: unknown, request: AnyRequest, step: Step): Answer {
  if (value instanceof HttpResponse && value.error === undefined) return value;
  return isThenable(value)
    ? settleLater(value, request, step)
    : toResponse(value, request, step);
}

// The log must tell of what went wrong, not of how it was put to the client.
function mark(response: HttpResponse, error: unknown): HttpResponse {
  response.error = error;
  return response;
}

async function failLater(
  value: PromiseLike<unknown>,
  error: unknown,
  request: AnyRequest,
  step: Step,
): Promise<HttpResponse> {
  try {
    return mark(toResponse(await value, request, step), error);
  } catch (second) {
    return errorResponse(second, request);
  }
}

/** The answer to an error: the error handler's, or problem details. */
export function fail(error: unknown, request: AnyRequest, step: Step): Answer {
  if (step.onError === null) return errorResponse(error, request);
  const handling = { name: "the error handler", onError: null };
  try {
    const value = step.onError(error, request as HttpRequest);
    return isThenable(value)
      ? failLater(value, error, request, handling)
      : mark(toResponse(value, request, handling), error);
  } catch (second) {
    return errorResponse(second, request);
  }
}

/** The innermost step: answers by a handler. */
export function runHandler(handler: AnyHandler, step: Step): Run {
  return function runHandler(request) {
    try {
      return settle(handler(request), request, step);
    } catch (error) {
      return fail(error, request, step);
    }
  };
}

/**
 * Like {@linkcode runHandler}, for a route: refuses a body that is declared to
 * be over the limit just before the handler runs, so that middleware sees it.
 */
export function runRoute(handler: AnyHandler, step: Step): Run {
  return function runRoute(request) {
    try {
      bodyOf(request)?.checkLength();
      return settle(handler(request), request, step);
    } catch (error) {
      return fail(error, request, step);
    }
  };
}

/** A step around another: `next()` runs `inner`, which never fails. */
export function runMiddleware(
  middleware: AnyMiddleware,
  inner: Run,
  step: Step,
): Run {
  return function runMiddleware(request) {
    try {
      const value = middleware(request, () => inner(request));
      return settle(value, request, step);
    } catch (error) {
      return fail(error, request, step);
    }
  };
}
