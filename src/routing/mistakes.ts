/**
 * What to tell of handlers and middleware that do what they should not: each
 * message says what came, from where, and what to write instead.
 *
 * @module
 */

import { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";

function isMiddleware(name: string): boolean {
  return name.startsWith("a middleware") || name.startsWith("the middleware");
}

function mendAnswer(value: unknown, name: string): string {
  if (typeof value === "function") {
    return isMiddleware(name)
      ? "call it, as in return next(), or register what it makes, as in use(logging())"
      : 'return what it gives, or register it, as in get("/", handler)';
  }
  if (value === undefined && isMiddleware(name)) {
    return "return next(), or the answer that await next() gave";
  }
  if (typeof value === "string") return "return text(value) or html(value)";
  if (value instanceof Error) return "throw it";
  const what = describeValue(value);
  if (what === "a ResponseBuilder") return "return what its build() gives";
  const isJson =
    /^(?:a plain object|an array|an empty array|[\d.]+|true|false)$/;
  const mend = "return an HttpResponse, such as ok(value), or a Response";
  return isJson.test(what)
    ? `${mend}; json(value) makes one of any value`
    : mend;
}

/** The error for a value that is no answer. */
export function noAnswer(value: unknown, name: string): TypeError {
  return new TypeError(
    `Cannot answer: ${name} returned ${describeValue(value)}: ${
      mendAnswer(value, name)
    }`,
  );
}

/** The error to tell of in place of a thrown value that says nothing. */
export function explainThrown(error: unknown, name: string): unknown {
  if (error === undefined) {
    return new TypeError(
      `Cannot answer: ${name} threw undefined: throw an Error, such as new HttpError(404)`,
    );
  }
  if (!(error instanceof HttpResponse || error instanceof Response)) {
    return error;
  }
  return new TypeError(
    `Cannot answer: ${name} threw ${
      describeValue(error)
    }: return it, or throw new HttpError(status, message)`,
    { cause: error },
  );
}

/**
 * The error of a handler written for another framework, which takes
 * `(request, response)` or sets what a request has: what it misses tells nobody
 * why.
 */
export function explainParameters(
  error: unknown,
  name: string,
  parameters: number,
): unknown {
  if (!(error instanceof TypeError)) return error;
  const setter = /property (\w+) of #<HttpRequest>/.exec(error.message)?.[1];
  if (setter !== undefined) {
    return new TypeError(
      `Cannot set request.${setter} in ${name}: return an answer, and leave what others need in request.state`,
      { cause: error },
    );
  }
  if (parameters < 2) return error;
  return new TypeError(
    `Cannot run ${name} with ${parameters} parameters, as it gets one: take the request alone and return an answer, such as text("hello")`,
    { cause: error },
  );
}

// What the runtime says of members that a promise does not have.
const MISSING = /properties of undefined|is not a function|is not iterable/;

/** The error of a middleware that took the promise of an answer for an answer. */
export function explainPromise(
  error: unknown,
  name: string,
  taken: unknown,
): unknown {
  const isMissing = error instanceof TypeError && MISSING.test(error.message);
  if (!isMissing || !(taken instanceof Promise)) return error;
  return new TypeError(
    `Cannot go on in ${name}, where next() gave the promise of an answer: write await next() in an async function`,
    { cause: error },
  );
}

/** The error of a call of `next` with a value, as Express takes it for errors. */
export function nextWithValue(value: unknown): TypeError {
  return new TypeError(
    `Cannot pass ${
      describeValue(value)
    } to next(), which takes nothing: throw an error, and leave what handlers need in request.state`,
    { cause: value },
  );
}
