/**
 * The shapes of handlers and middleware.
 *
 * @module
 */

import type { AnyRequest, HttpRequest } from "./request.ts";
import type { HttpResponse } from "./response.ts";

/** What a handler may return. */
export type HandlerResult =
  | HttpResponse
  | Response
  | Promise<HttpResponse | Response>;

/** Answers a request. */
export type Handler<Params = Record<string, string>, State = object> = (
  request: HttpRequest<Params, State>,
) => HandlerResult;

/** Runs what comes behind a middleware; an error there arrives as an answer. */
export type Next = () => HttpResponse | Promise<HttpResponse>;

/**
 * Wraps what comes behind it: it may answer itself, change the request's state
 * first, or change the answer of `next()`, which is this request's own even where
 * the handler returns a constant. A file or stream of an answer that it does not
 * pass on is closed, unless somebody reads it by then or the content sent instead
 * comes to read it. `Adds` is the state it adds for the handlers behind it,
 * `Needs` the state that it reads.
 */
export interface Middleware<Adds = object, Needs = object> {
  (
    request: HttpRequest<Record<string, string>, Needs & Partial<Adds>>,
    next: Next,
  ): HandlerResult;
  /** Carries the type `Adds`; never set. */
  readonly "~adds"?: Adds;
}

/**
 * Changes a request before a route is chosen for it, such as its method, or
 * throws an `HttpError` to refuse it.
 */
export type RequestRewriter = (request: AnyRequest) => void | Promise<void>;

/** Makes an answer of an error that a handler or a middleware threw. */
export type ErrorHandler = (
  error: unknown,
  request: HttpRequest,
) => HandlerResult;
