/**
 * Middleware made of others: {@linkcode when}, {@linkcode except},
 * {@linkcode every} and {@linkcode some}.
 *
 * @example All but the health check
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { basicAuth } from "@x/httpserver/middleware/basic-auth";
 * import { except } from "@x/httpserver/middleware/combine";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(except(["/health"], basicAuth({ users: { ada: "lovelace" } })));
 * server.get("/health", () => ok("fine")).get("/", () => ok("welcome"));
 * assertEquals((await server.inject({ path: "/health" })).status, 200);
 * assertEquals((await server.inject({ path: "/" })).status, 401);
 * ```
 *
 * @module
 */

import { discardBody } from "../http/discard.ts";
import { HttpError } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import { HeaderList } from "../http/headers.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";
import {
  type AnyMiddleware,
  type Run,
  runMiddleware,
} from "../routing/compose.ts";
import type { AllAdded, Layers } from "../routing/types.ts";
import { type RequestSelection, requestTest } from "./selection.ts";

export type { RequestSelection };

/** Tells of a request whether something holds; only `true` counts. */
export type RequestPredicate = (
  request: AnyRequest,
) => boolean | Promise<boolean>;

function checkAll(owner: string, all: readonly unknown[]): AnyMiddleware[] {
  if (all.length === 0) {
    throw new TypeError(
      `Cannot make ${owner} of no middleware: pass one or more functions`,
    );
  }
  return all.map((one) => {
    if (typeof one === "function") return one as AnyMiddleware;
    throw new TypeError(
      `Cannot make ${owner} of ${describeValue(one)}: take functions`,
    );
  });
}

/**
 * Makes a middleware that runs another only for requests that a predicate
 * accepts. The state that it adds may be missing, so it is optional.
 *
 * It reads what the predicate reads and sets nothing; its place is that of the
 * other.
 *
 * @throws {TypeError} If one of the two is not a function.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { when } from "@x/httpserver/middleware/combine";
 * import { basicAuth } from "@x/httpserver/middleware/basic-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(when(
 *     (request) => request.method !== "GET",
 *     basicAuth({ users: { ada: "lovelace" } }),
 *   ))
 *   .all("/", (request) => ok(request.state.user ?? "a stranger"));
 * assertEquals((await server.inject({})).status, 200);
 * assertEquals((await server.inject({ method: "PUT" })).status, 401);
 * ```
 */
export function when<Adds, Needs>(
  predicate: RequestPredicate,
  middleware: Middleware<Adds, Needs>,
): Middleware<Partial<Adds>, Needs> {
  const [accepts] = checkAll("when", [predicate]) as unknown[] as [
    RequestPredicate,
  ];
  const [inner] = checkAll("when", [middleware]);
  return function when(request, next) {
    const verdict = accepts(request);
    return verdict instanceof Promise
      ? verdict.then((isTrue) =>
        isTrue === true ? inner(request, next) : next()
      )
      : verdict === true
      ? inner(request, next)
      : next();
  };
}

/**
 * Makes a middleware that runs another for all requests but some: those below
 * path prefixes, as `use()` takes them, or those that a function accepts.
 *
 * It reads the path, or what the function reads, and sets nothing; its place is
 * that of the other.
 *
 * @throws {TypeError} If the selection is neither a list nor a function, or the
 * middleware is not a function.
 * @throws {SyntaxError} If a path is no prefix.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { except } from "@x/httpserver/middleware/combine";
 * import { bearerAuth } from "@x/httpserver/middleware/bearer-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(except(["/login", "/health"], bearerAuth({ tokens: "abc" })))
 *   .get("/login", () => ok("who are you?"))
 *   .get("/", () => ok("welcome"));
 * assertEquals((await server.inject({ path: "/login" })).status, 200);
 * assertEquals((await server.inject({ path: "/" })).status, 401);
 * ```
 */
export function except<Adds, Needs>(
  selection: RequestSelection,
  middleware: Middleware<Adds, Needs>,
): Middleware<Partial<Adds>, Needs> {
  const isExcepted = requestTest("the exceptions", selection);
  const [inner] = checkAll("except", [middleware]);
  return function except(request, next) {
    return isExcepted(request) ? next() : inner(request, next);
  };
}

/**
 * Makes one middleware of several, the first outermost, to be passed around or
 * given to {@linkcode when} and {@linkcode some}. What one of them throws is
 * answered with problem details, which those before it see as any answer.
 *
 * It reads and sets what they do; its place is that of the first.
 *
 * @throws {TypeError} If none is given, or one is not a function.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { every } from "@x/httpserver/middleware/combine";
 * import { basicAuth } from "@x/httpserver/middleware/basic-auth";
 * import { ipFilter } from "@x/httpserver/middleware/ip-filter";
 * import { assertEquals } from "@std/assert";
 *
 * const staffOnly = every(
 *   ipFilter({ allow: ["private"] }),
 *   basicAuth({ users: { ada: "lovelace" } }),
 * );
 * const server = new HttpServer()
 *   .get("/", staffOnly, (request) => ok(request.state.user));
 * assertEquals((await server.inject({})).status, 403);
 * ```
 */
export function every<Adds extends unknown[]>(
  ...middleware: Layers<object, Adds>
): Middleware<AllAdded<Adds>> {
  const [first, ...others] = checkAll("every", middleware);
  const placed = others.toReversed().map((one) => ({
    one,
    step: {
      name: `the middleware ${one.name}`,
      onError: null,
      isWrapped: true,
    },
  }));
  return function every(request, next) {
    const innermost: Run = () => next();
    const inner = placed.reduce(
      (inner, { one, step }) => runMiddleware(one, inner, step),
      innermost,
    );
    return first(request, () => inner(request));
  };
}

/** How a middleware has said no: by an error or by an answer, 400 to 499. */
type Refusal = HttpError | HttpResponse;

function isClientError({ status }: Refusal): boolean {
  return status >= 400 && status < 500;
}

function challengesOf(refusal: Refusal): string[] {
  return new HeaderList(refusal.headers).getAll("www-authenticate");
}

/** A copy of a refusal, 401, with the challenges of all. */
function withChallenges(refusal: Refusal, all: readonly Refusal[]): Refusal {
  const challenges = all.flatMap(challengesOf);
  const headers = new HeaderList(refusal.headers).delete("www-authenticate");
  for (const one of challenges) headers.append("WWW-Authenticate", one);
  if (refusal instanceof HttpResponse) {
    const copy = new HttpResponse(refusal);
    copy.headers = headers;
    copy.error = refusal.error;
    return copy;
  }
  const { status, message, type, extensions } = refusal;
  const options = { headers, type, extensions, cause: refusal };
  return new HttpError(status, message, options);
}

/** Ends the contents of refusals but of the one that is sent. */
async function drop(
  refusals: readonly Refusal[],
  chosen?: Refusal,
): Promise<void> {
  for (const one of refusals) {
    if (one === chosen || !(one instanceof HttpResponse)) continue;
    await discardBody(one.body);
  }
}

// A client that could still say who it is hears all the ways; else the last no.
async function answerRefused(
  refusals: readonly Refusal[],
): Promise<HttpResponse> {
  const first401 = refusals.find(({ status }) => status === 401);
  const chosen = first401 ?? refusals[refusals.length - 1];
  await drop(refusals, chosen);
  const refusal = chosen === first401
    ? withChallenges(chosen, refusals)
    : chosen;
  if (refusal instanceof HttpError) throw refusal;
  return refusal;
}

/**
 * Makes a middleware that lets a request pass if one of several does. They are
 * tried in order until one goes on to the handler, or answers itself with
 * anything but 400 to 499. If all refuse, by an answer or an `HttpError` of 400 to
 * 499, the client gets the first 401, with the challenges of all, or the last
 * refusal. Any other error ends the attempt: one of a handler is never taken for
 * a refusal, and nothing runs twice.
 *
 * It reads what they read, and sets what the one that lets the request pass
 * sets, or `WWW-Authenticate`; its place is that of authentication.
 *
 * @throws {TypeError} If none is given, or one is not a function.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { some } from "@x/httpserver/middleware/combine";
 * import { bearerAuth } from "@x/httpserver/middleware/bearer-auth";
 * import { ipFilter } from "@x/httpserver/middleware/ip-filter";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(some(
 *     ipFilter({ allow: ["10.0.0.0/8"] }),
 *     bearerAuth({ tokens: "abc" }),
 *   ))
 *   .get("/", () => ok("welcome"));
 * const headers = { authorization: "Bearer abc" };
 * assertEquals((await server.inject({ headers })).status, 200);
 * assertEquals((await server.inject({})).status, 401);
 * ```
 */
export function some<Adds extends unknown[]>(
  ...middleware: Layers<object, Adds>
): Middleware<Partial<AllAdded<Adds>>> {
  const all = checkAll("some", middleware);
  return async function some(request, next) {
    const refusals: Refusal[] = [];
    for (const one of all) {
      let isPast = false;
      const pass = () => {
        isPast = true;
        return next();
      };
      try {
        const given = await one(request, pass);
        const answer = given instanceof Response
          ? HttpResponse.from(given)
          : given;
        if (isPast || !isClientError(answer)) {
          await drop(refusals);
          return answer;
        }
        refusals.push(answer);
      } catch (error) {
        const isNo = error instanceof HttpError && isClientError(error);
        if (isPast || !isNo) {
          await drop(refusals);
          throw error;
        }
        refusals.push(error);
      }
    }
    return await answerRefused(refusals);
  };
}
