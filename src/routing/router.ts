/**
 * {@linkcode Router}: routes by method and pattern, with middleware around them.
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import type { ErrorHandler, Handler } from "../http/handler.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue, isThenable } from "../http/values.ts";
import type { AnyHandler, AnyMiddleware } from "./compose.ts";
import { RouteGroup } from "./group.ts";
import { Matcher } from "./matcher.ts";
import type { PathParams } from "./path_params.ts";
import { parsePattern, parsePrefix, type Pattern, ROOT } from "./pattern.ts";
import { ANY_METHOD } from "./tree.ts";
import type {
  AllAdded,
  Layers,
  OnMethod,
  PrefixFor,
  RouteInfo,
  RouteMethod,
  RouteOptions,
} from "./types.ts";

let groupOf: (router: Router) => RouteGroup;

/**
 * Routes requests by method and pattern to handlers.
 *
 * A pattern begins with a slash. `:name` takes one segment that is not empty,
 * `:name(regex)` one that the whole regex matches (flag `u`), `:name?` at the
 * end one or none, `*rest` or `*` at the end all that are left, none included.
 * At each segment a static one beats a regex, that a plain parameter, and that a
 * wildcard, whatever the order of registration; regexes go in that order. A
 * route is passed over if it lacks the method. `/a` and `/a/` differ.
 *
 * Paths are compared by decoded segments: an encoded slash separates nothing.
 * A parameter is decoded once; in `*rest` each `%2F` stays, as in
 * `request.path`. Dot segments are not resolved.
 *
 * GET answers HEAD too. A path without a route is answered 404, a bad escape
 * 400, another method 405 with `Allow`, and OPTIONS 204 with `Allow` unless a
 * route takes it (RFC 9110 9.3.7, 15.5.6).
 *
 * `State` is what the middleware of {@linkcode Router.use} has added so far,
 * `Params` are the parameters of the prefix that the router is to be mounted at.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { Router } from "@x/httpserver/router";
 * import { assertEquals } from "@std/assert";
 *
 * const users = new Router()
 *   .get("/", () => ok([]))
 *   .get("/:id(\\d+)", (request) => ok({ id: request.params.id }));
 *
 * const server = new HttpServer().mount("/users", users);
 * const response = await server.inject({ path: "/users/7" });
 * assertEquals(await response.json(), { id: "7" });
 * assertEquals((await server.inject({ path: "/users/me" })).status, 404);
 * ```
 */
export class Router<State = object, Params = unknown> {
  #matcher: Matcher | null = null;
  readonly #group = new RouteGroup(() => {
    this.#matcher = null;
  });

  /**
   * Makes a router without routes. It takes no options: a prefix is given to
   * {@linkcode Router.mount}.
   *
   * @throws {TypeError} If it is given something.
   */
  constructor() {
    const given: unknown = arguments[0];
    if (given === undefined) return;
    throw new TypeError(
      `Cannot make a Router with ${
        describeValue(given)
      }: it takes nothing: give a prefix to mount(prefix, router)`,
    );
  }

  /** Adds a route for GET, and for HEAD if no other takes it. */
  readonly get: RouteMethod<this, State, Params> = this.#routeMethod("GET");
  /** Adds a route for POST. */
  readonly post: RouteMethod<this, State, Params> = this.#routeMethod("POST");
  /** Adds a route for PUT. */
  readonly put: RouteMethod<this, State, Params> = this.#routeMethod("PUT");
  /** Adds a route for PATCH. */
  readonly patch: RouteMethod<this, State, Params> = this.#routeMethod("PATCH");
  /** Adds a route for DELETE. */
  readonly delete: RouteMethod<this, State, Params> = this.#routeMethod(
    "DELETE",
  );
  /** Adds a route for HEAD alone. */
  readonly head: RouteMethod<this, State, Params> = this.#routeMethod("HEAD");
  /** Adds a route for OPTIONS, in place of the answer by `Allow`. */
  readonly options: RouteMethod<this, State, Params> = this.#routeMethod(
    "OPTIONS",
  );
  /** Adds a route for every method that no other route of the same path takes. */
  readonly all: RouteMethod<this, State, Params> = this.#routeMethod(
    ANY_METHOD,
  );
  /** Adds a route for a method of any name. */
  readonly on: OnMethod<this, State, Params> = (
    method: string,
    pattern: string,
    ...rest: unknown[]
  ): this => {
    const parsed = parsePattern(pattern);
    return this.#addRoute(checkMethod(method), parsed, rest);
  };

  #routeMethod(method: string): (pattern: string, ...rest: unknown[]) => this {
    return (pattern, ...rest) =>
      this.#addRoute(method, parsePattern(pattern), rest);
  }

  #addRoute(method: string, pattern: Pattern, rest: readonly unknown[]): this {
    const to = `add a route to ${JSON.stringify(pattern.source)}`;
    const options = isOptions(rest[0]) ? checkOptions(to, rest[0]) : {};
    const functions = checkFunctions(
      to,
      isOptions(rest[0]) ? rest.slice(1) : rest,
    );
    checkMiddleware(to, functions.slice(0, -1));
    this.#group.addRoute({
      method,
      pattern,
      bodyBytes: options.bodyBytes ?? null,
      middleware: functions.slice(0, -1) as AnyMiddleware[],
      handler: functions[functions.length - 1] as AnyHandler,
    });
    return this;
  }

  /**
   * Wraps every answer of this router in middleware, the 404, 405 and OPTIONS
   * ones too: the first is the outermost, also around routes that were added
   * before.
   *
   * @throws {TypeError} If something is not a function, or nothing is given.
   */
  use<Adds extends unknown[]>(
    ...layers: Layers<State, Adds>
  ): Router<State & AllAdded<Adds>, Params>;
  /**
   * Wraps every answer below a prefix. `/api` covers `/api` and `/api/x`, not
   * `/apix`. As other paths go without it, the state it adds may be missing.
   *
   * @throws {TypeError} If something is not a function, or nothing is given.
   * @throws {SyntaxError} If the prefix is no pattern, or has a wildcard.
   */
  use<Adds extends unknown[]>(
    prefix: string,
    ...layers: Layers<State, Adds>
  ): Router<State & Partial<AllAdded<Adds>>, Params>;
  use(...args: readonly unknown[]): unknown {
    return this.addLayers(args);
  }

  /**
   * Does what {@linkcode Router.use} does, untyped: for a subclass that gives
   * `use` a type of its own.
   *
   * @throws {TypeError} If something is not a function, or nothing is given.
   * @throws {SyntaxError} If the prefix is no pattern, or has a wildcard.
   */
  protected addLayers(args: readonly unknown[]): this {
    const [first, ...others] = args;
    const hasPrefix = typeof first === "string";
    const prefix = hasPrefix ? parsePrefix(first) : ROOT;
    const layers = checkFunctions("use middleware", hasPrefix ? others : args);
    checkMiddleware("use middleware", layers);
    for (const middleware of layers as AnyMiddleware[]) {
      this.#group.layers.push({ prefix, middleware });
    }
    this.#group.touch();
    return this;
  }

  /**
   * Puts another router's routes under a prefix, those added later too. Its
   * `use`, `notFound` and `onError` hold for them, and for the 404, 405 and
   * OPTIONS answers below the prefix; what it lacks it takes from this router.
   * The pattern `/` under `/admin` is `/admin`.
   *
   * Parameters of the prefix are among the handlers' parameters, with their types
   * if the router is made for them: `new Router<object, { id: string }>()`.
   *
   * @throws {TypeError} If it is no router, contains this one, is mounted at the
   * prefix already, has a route that is taken, or is a server with options, which
   * would hold no more.
   * @throws {SyntaxError} If the prefix is no pattern, has a wildcard, or shares
   * a parameter's name with a route.
   */
  mount<Prefix extends string, Needs>(
    prefix: Prefix,
    router: Router<object, Needs> & PrefixFor<Prefix, Params, Needs>,
  ): this;
  /**
   * Makes a router, has its routes added by a function, and puts it under a
   * prefix. It knows the parameters of the prefix and the state so far.
   *
   * @throws {TypeError} If a route is taken.
   * @throws {SyntaxError} If the prefix is no pattern, has a wildcard, or shares
   * a parameter's name with a route.
   */
  mount<Prefix extends string>(
    prefix: Prefix,
    define: (
      router: Router<State, PathParams<Prefix> & Params>,
    ) => Router<object, PathParams<Prefix> & Params> | void,
  ): this;
  mount(prefix: string, given: unknown): this {
    const at = parsePrefix(prefix);
    const where = `at ${JSON.stringify(prefix)}`;
    const router = typeof given === "function" ? defineRouter(given) : given;
    if (!(router instanceof Router)) {
      throw new TypeError(
        `Cannot mount ${
          describeValue(given)
        } ${where}: pass a Router, or a function that adds routes to one`,
      );
    }
    router.checkMount(where);
    this.#group.addMount(at, groupOf(router));
    return this;
  }

  /**
   * Throws if this router must not be mounted in another; for a subclass.
   *
   * @throws {TypeError} If it must not.
   */
  protected checkMount(_where: string): void {}

  /**
   * Sets what answers a path without a route, in place of the 404.
   *
   * @throws {TypeError} If it is not a function.
   */
  notFound(handler: Handler<Record<string, string>, State>): this {
    const [checked] = checkFunctions("set notFound", [handler]);
    this.#group.notFound = checked as AnyHandler;
    this.#group.touch();
    return this;
  }

  /**
   * Sets what makes answers of the errors that handlers and middleware of this
   * router throw. The answers pass the middleware outside as any other.
   *
   * @throws {TypeError} If it is not a function.
   */
  onError(handler: ErrorHandler): this {
    const [checked] = checkFunctions("set onError", [handler]);
    this.#group.onError = checked as ErrorHandler;
    this.#group.touch();
    return this;
  }

  /** All routes, this router's before those of the routers mounted in it. */
  routes(): RouteInfo[] {
    return this.#group.allRoutes().map(([method, pattern]) => ({
      method,
      pattern: pattern.source,
    }));
  }

  /**
   * Answers a request, at once if all that it passes does. Neither throws nor
   * rejects.
   */
  handle(request: AnyRequest): HttpResponse | Promise<HttpResponse> {
    const matcher = this.#matcher ??= new Matcher(this.#group);
    return matcher.handle(request);
  }

  static {
    groupOf = (router) => router.#group;
  }
}

// Null for a function that is something else, such as a handler.
// deno-lint-ignore ban-types
function defineRouter(define: Function): Router | null {
  const router = new Router();
  const result: unknown = define(router);
  return result === undefined || result === router ? router : null;
}

function checkMethod(method: string): string {
  const quoted = describeValue(method);
  if (typeof method !== "string" || !isToken(method)) {
    throw new TypeError(
      `Cannot add a route for the method ${quoted}: pass a token such as "PURGE"`,
    );
  }
  if (method === ANY_METHOD) {
    throw new TypeError('Cannot add a route for the method "*": call all()');
  }
  if (method !== method.toUpperCase()) {
    throw new TypeError(
      `Cannot add a route for the method ${quoted}: methods are case-sensitive: write ${
        JSON.stringify(method.toUpperCase())
      }`,
    );
  }
  return method;
}

function isOptions(value: unknown): value is RouteOptions {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function checkOptions(to: string, options: RouteOptions): RouteOptions {
  const unknown = Object.keys(options).find((key) => key !== "bodyBytes");
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot ${to}: no option is named ${
        JSON.stringify(unknown)
      }: take "bodyBytes", which is the only one`,
    );
  }
  const { bodyBytes } = options;
  if (bodyBytes === undefined) return options;
  if (!Number.isSafeInteger(bodyBytes) || bodyBytes < 0) {
    throw new RangeError(
      `Cannot ${to}: bodyBytes is ${
        describeValue(bodyBytes)
      }: take a safe integer from 0`,
    );
  }
  return options;
}

function mendFunction(to: string, value: unknown): string {
  if (value instanceof Router) {
    return "call mount(prefix, router) to add a router";
  }
  if (value instanceof HttpResponse || isThenable(value)) {
    return "pass the function itself, not what calling it gives";
  }
  if (Array.isArray(value)) return "pass its members one by one, as in ...list";
  return isOptions(value) && to.startsWith("add a route")
    ? "pass options of a route in front of its functions"
    : "pass functions";
}

// Express calls what takes four of them for errors, Koa and Oak pass a context.
function checkMiddleware(to: string, layers: readonly unknown[]): void {
  for (const layer of layers) {
    if (typeof layer !== "function" || layer.length < 3) continue;
    throw new TypeError(
      `Cannot ${to}: ${
        layer.name === "" ? "a function" : layer.name
      } takes ${layer.length} parameters: write it as (request, next), let it return what next() gives, and make answers of errors by onError()`,
    );
  }
}

function checkFunctions(
  to: string,
  values: readonly unknown[],
): readonly unknown[] {
  if (values.length === 0) {
    throw new TypeError(
      `Cannot ${to}: no function is given: pass one such as ${
        to.startsWith("use") ? "logging()" : '() => text("hello")'
      }`,
    );
  }
  for (const value of values) {
    if (typeof value === "function") continue;
    throw new TypeError(
      `Cannot ${to}: ${describeValue(value)} is not a function: ${
        mendFunction(to, value)
      }`,
    );
  }
  return values;
}
