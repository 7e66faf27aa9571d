/**
 * Handlers and middleware folded into one function per route, once, from the
 * last to the first. Each step turns what it gets into an answer: a web
 * `Response`, a promise, an error.
 *
 * @module
 */

import type { ErrorHandler, HandlerResult, Next } from "../http/handler.ts";
import type { Replaced } from "../http/discard.ts";
import { errorResponse, negotiateProblem } from "../http/problem.ts";
import {
  type AnyRequest,
  bodyOf,
  type HttpRequest,
  serialOf,
} from "../http/request.ts";
import {
  adoptResponse,
  bodiesOf,
  HttpResponse,
  isOwnResponse,
  ownResponse,
  replaceResponses,
} from "../http/response.ts";
import { isThenable } from "../http/values.ts";
import {
  explainParameters,
  explainPromise,
  explainThrown,
  nextWithValue,
  noAnswer,
} from "./mistakes.ts";

/** An answer, at once or later. */
export type Answer = HttpResponse | Promise<HttpResponse>;

/** A step of the pipeline: it neither throws nor rejects. */
export type Run = (request: AnyRequest) => Answer;

/** A handler, whatever its parameters and state. */
export type AnyHandler = (request: AnyRequest) => HandlerResult;

/** A middleware, whatever its state. */
export type AnyMiddleware = (request: AnyRequest, next: Next) => HandlerResult;

/** What a step needs to know of its place. */
export interface Step {
  /** Whose result it is, for messages. */
  readonly name: string;
  /** Makes an answer of an error; `null` for problem details. */
  readonly onError: ErrorHandler | null;
  /** Whether a middleware around it gets its answer, and may change that. */
  readonly isWrapped: boolean;
  /** How many parameters a handler wants. @default {1} */
  readonly parameters?: number;
}

function toResponse(
  value: unknown,
  request: AnyRequest,
  step: Step,
): HttpResponse {
  if (value instanceof HttpResponse) {
    const response = value.error === undefined
      ? value
      : negotiateProblem(value, request);
    return step.isWrapped ? ownResponse(response, serialOf(request)) : response;
  }
  if (value instanceof Response) {
    const response = HttpResponse.from(value);
    return step.isWrapped
      ? adoptResponse(response, serialOf(request))
      : response;
  }
  throw noAnswer(value, step.name);
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
  if (value instanceof HttpResponse && value.error === undefined) {
    return step.isWrapped ? ownResponse(value, serialOf(request)) : value;
  }
  return isThenable(value)
    ? settleLater(value, request, step)
    : toResponse(value, request, step);
}

// The log must tell of what went wrong, not of how it was put to the client. In
// a copy: the answer may be one that is kept.
function mark(response: HttpResponse, error: unknown): HttpResponse {
  const marked = new HttpResponse(response);
  marked.error = error;
  return marked;
}

async function failLater(
  value: PromiseLike<unknown>,
  error: unknown,
  request: AnyRequest,
): Promise<HttpResponse> {
  try {
    return mark(toResponse(await value, request, ERROR_HANDLING), error);
  } catch (second) {
    return errorResponse(second, request);
  }
}

const ERROR_HANDLING: Step = {
  name: "the error handler",
  onError: null,
  isWrapped: false,
};

/** The answer to an error: the error handler's, or problem details. */
export function fail(thrown: unknown, request: AnyRequest, step: Step): Answer {
  const error = explainThrown(
    explainParameters(thrown, step.name, step.parameters ?? 1),
    step.name,
  );
  if (step.onError === null) return errorResponse(error, request);
  try {
    const value = step.onError(error, request as HttpRequest);
    return isThenable(value)
      ? failLater(value, error, request)
      : mark(toResponse(value, request, ERROR_HANDLING), error);
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
 * The route's own limit, if any, goes before one that middleware has set.
 */
export function runRoute(
  handler: AnyHandler,
  step: Step,
  bodyBytes: number | null = null,
): Run {
  return function runRoute(request) {
    try {
      const body = bodyOf(request);
      if (body !== null) {
        if (bodyBytes !== null) body.limit = bodyBytes;
        body.checkLength();
      }
      return settle(handler(request), request, step);
    } catch (error) {
      return fail(error, request, step);
    }
  };
}

/** What `next()` has given to a middleware, mostly once. */
type Taken = null | Answer | Answer[];

function listOf(taken: Taken): Answer[] {
  if (taken === null) return [];
  return Array.isArray(taken) ? taken : [taken];
}

function inPlaceOf(answer: HttpResponse, taken: Taken): HttpResponse {
  const replaced = listOf(taken).flatMap((one): readonly Replaced[] =>
    one instanceof HttpResponse ? bodiesOf(one) : [one.then(bodiesOf)]
  );
  return replaceResponses(answer, replaced);
}

const NOT_YET: Promise<null> = Promise.resolve(null);

// Mostly the answer is there, and with it what it holds.
async function heldBy(answer: Answer): Promise<readonly Replaced[]> {
  if (answer instanceof HttpResponse) return bodiesOf(answer);
  const known = await Promise.race([answer, NOT_YET]);
  return known === null ? [answer.then(bodiesOf)] : bodiesOf(known);
}

async function settleTaken(
  value: PromiseLike<unknown>,
  request: AnyRequest,
  step: Step,
  getTaken: () => Taken,
): Promise<HttpResponse> {
  let answer: HttpResponse;
  let isPassedOn = false;
  try {
    const result = await value;
    answer = toResponse(result, request, step);
    isPassedOn = result === answer &&
      isOwnResponse(answer, serialOf(request));
  } catch (error) {
    answer = await fail(error, request, step);
  }
  const taken = getTaken();
  if (taken === null) return answer;
  if (isPassedOn && !Array.isArray(taken)) return replaceResponses(answer, []);
  const held = await Promise.all(listOf(taken).map(heldBy));
  return replaceResponses(answer, held.flat());
}

/**
 * A step around another: `next()` runs `inner`, which never fails. What the
 * middleware has taken from `next()` and does not pass on is ended.
 */
export function runMiddleware(
  middleware: AnyMiddleware,
  inner: Run,
  step: Step,
): Run {
  return function runMiddleware(request) {
    let taken = null as Taken;
    const next = (mistake?: unknown) => {
      if (mistake !== undefined) throw nextWithValue(mistake);
      const answer = inner(request);
      taken = taken === null ? answer : [...listOf(taken), answer];
      return answer;
    };
    let answer: Answer;
    try {
      const value = middleware(request, next);
      if (value === taken && value !== null) {
        if (!(value instanceof HttpResponse)) {
          return value as Promise<HttpResponse>;
        }
        return replaceResponses(value, []);
      }
      if (isThenable(value)) {
        return settleTaken(value, request, step, () => taken);
      }
      answer = toResponse(value, request, step);
    } catch (error) {
      const known = explainPromise(error, step.name, taken);
      answer = fail(known, request, step);
    }
    if (taken === null) return answer;
    return answer instanceof HttpResponse
      ? inPlaceOf(answer, taken)
      : answer.then((one) => inPlaceOf(one, taken));
  };
}
