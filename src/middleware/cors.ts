/**
 * {@linkcode cors}: lets pages of other origins use a server, by the rules of
 * the Fetch standard.
 *
 * @example Pages of one origin
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { cors } from "@x/httpserver/middleware/cors";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use("/api", cors({ allowOrigins: ["https://example.com"] }));
 * server.get("/api", () => ok([]));
 * const headers = { origin: "https://evil.example" };
 * const response = await server.inject({ path: "/api", headers });
 * assertEquals(response.header("access-control-allow-origin"), null);
 * ```
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import { splitList } from "../grammar/lists.ts";
import type { Middleware } from "../http/handler.ts";
import type { HeaderList } from "../http/headers.ts";
import type { AnyRequest } from "../http/request.ts";
import { checkList, checkNumber } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { HttpResponse } from "../http/response.ts";
import { type OriginRule, originRule } from "./cors_origins.ts";
import { addVary } from "./vary.ts";

/**
 * Decides whether pages of an origin may use the server. The origin is as the
 * browser sent it, which may be `"null"`: any sandboxed frame can send that.
 */
export type OriginPredicate = (
  origin: string,
  request: AnyRequest,
) => boolean | Promise<boolean>;

/** Options of {@linkcode cors}. */
export interface CorsOptions {
  /**
   * Whose pages may read the answers: all (`"*"`), those of a list, or those
   * that a regular expression or a function accepts. A string is a whole origin, compared exactly, such
   * as `"https://example.com"` or `"http://localhost:8080"`; a regular
   * expression must match the whole origin. The origin `"null"` is allowed only
   * by this string in the list or by a function.
   *
   * @default {"*"}
   */
  allowOrigins?: "*" | RegExp | readonly (string | RegExp)[] | OriginPredicate;
  /**
   * Methods that pages may use, in the case they are sent in; `"*"` for any.
   *
   * @default {["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]}
   */
  allowMethods?: "*" | readonly string[];
  /**
   * Request headers that pages may send; `"*"` for any, `Authorization` among
   * them: a preflight then gets back the names that it asked for.
   *
   * @default {"*"}
   */
  allowHeaders?: "*" | readonly string[];
  /**
   * Response headers that scripts may read besides those that they always may;
   * `"*"` for any, which browsers heed only without credentials.
   *
   * @default {[]}
   */
  exposeHeaders?: "*" | readonly string[];
  /**
   * Whether requests may come with cookies and other credentials. Not together
   * with `"*"` as the origins or the exposed headers.
   *
   * @default {false}
   */
  allowCredentials?: boolean;
  /**
   * How long a browser may remember the answer to a preflight, in seconds.
   *
   * @default {undefined} browsers take 5 seconds
   */
  maxAge?: number;
  /**
   * Whether pages of the public network may reach a server of a private one
   * (Private Network Access).
   *
   * @default {false}
   */
  allowPrivateNetwork?: boolean;
}

type Names = "*" | readonly string[];

interface Policy {
  readonly allows: OriginRule;
  readonly credentials: boolean;
  /** The value of Access-Control-Expose-Headers, or empty. */
  readonly exposed: string;
  /** The value of Access-Control-Allow-Methods; `null` to repeat what is asked. */
  readonly methods: string | null;
  /** The value of Access-Control-Allow-Headers; `null` to repeat what is asked. */
  readonly headers: string | null;
  readonly maxAge: string | null;
  readonly privateNetwork: boolean;
  /** What the answer to a preflight depends on. */
  readonly preflightVary: string;
}

const NAMES: readonly (keyof CorsOptions)[] = [
  "allowOrigins",
  "allowMethods",
  "allowHeaders",
  "exposeHeaders",
  "allowCredentials",
  "maxAge",
  "allowPrivateNetwork",
];
const DEFAULT_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

// Browsers turn these into upper case and no others: `patch` is sent as it is.
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i;

function checkNames(option: string, names: Names): Names {
  if (names === "*") return "*";
  const isName = (name: unknown) => typeof name === "string" && isToken(name);
  const of = option === "allowMethods" ? "methods" : "names of headers";
  checkList(`"${option}" of cors`, names, of, isName);
  return names.includes("*") ? "*" : names;
}

function checkMethods(names: Names): Names {
  const checked = checkNames("allowMethods", names);
  if (checked === "*") return checked;
  for (const name of checked) {
    const upper = name.toUpperCase();
    if (!NORMALIZED.test(name) || name === upper) continue;
    throw new TypeError(
      `Cannot allow the method "${name}" by cors, where case counts: take "${upper}", as browsers send it`,
    );
  }
  return checked;
}

function checkExposed(names: Names, credentials: boolean): string {
  const checked = checkNames("exposeHeaders", names);
  if (checked !== "*") return checked.join(", ");
  if (!credentials) return "*";
  throw new TypeError(
    'Cannot expose "*" by cors with "allowCredentials", as browsers would take it for a header of that name: list the headers in "exposeHeaders"',
  );
}

function checkMaxAge(seconds: number | undefined): string | null {
  if (seconds === undefined) return null;
  const bounds = { least: 0, whole: true, unit: "seconds" };
  return `${checkNumber('"maxAge" of cors', seconds, bounds)}`;
}

function joined(names: Names): string | null {
  return names === "*" ? null : names.join(", ");
}

function varyOfPreflight(policy: Omit<Policy, "preflightVary">): string {
  return [
    policy.allows === "*" ? "" : "Origin",
    policy.methods === null ? "Access-Control-Request-Method" : "",
    policy.headers === null ? "Access-Control-Request-Headers" : "",
    policy.privateNetwork ? "Access-Control-Request-Private-Network" : "",
  ].filter((name) => name !== "").join(", ");
}

function resolvePolicy(options: CorsOptions): Policy {
  checkOptionNames("cors", options, NAMES);
  const credentials = options.allowCredentials ?? false;
  const policy = {
    allows: originRule(options.allowOrigins ?? "*", credentials),
    credentials,
    exposed: checkExposed(options.exposeHeaders ?? [], credentials),
    methods: joined(checkMethods(options.allowMethods ?? DEFAULT_METHODS)),
    headers: joined(checkNames("allowHeaders", options.allowHeaders ?? "*")),
    maxAge: checkMaxAge(options.maxAge),
    privateNetwork: options.allowPrivateNetwork ?? false,
  };
  return { ...policy, preflightVary: varyOfPreflight(policy) };
}

function isPreflight(request: AnyRequest): boolean {
  return request.method === "OPTIONS" && request.header("origin") !== null &&
    request.header("access-control-request-method") !== null;
}

// Fetch 3.2.3: both the preflight and the request proper are checked for these.
function allowOrigin(
  headers: HeaderList,
  policy: Policy,
  origin: string,
): void {
  headers.set("Access-Control-Allow-Origin", origin);
  if (policy.credentials) {
    headers.set("Access-Control-Allow-Credentials", "true");
  }
}

// Only tokens are repeated: nothing else can be the name of a method or header.
function repeat(asked: string | null): string {
  return asked === null ? "" : splitList(asked).filter(isToken).join(", ");
}

function setUnlessEmpty(
  headers: HeaderList,
  name: string,
  value: string,
): void {
  if (value !== "") headers.set(name, value);
}

function grantPreflight(
  headers: HeaderList,
  policy: Policy,
  request: AnyRequest,
): void {
  const methods = policy.methods ??
    repeat(request.header("access-control-request-method"));
  const names = policy.headers ??
    repeat(request.header("access-control-request-headers"));
  setUnlessEmpty(headers, "Access-Control-Allow-Methods", methods);
  setUnlessEmpty(headers, "Access-Control-Allow-Headers", names);
  if (policy.maxAge !== null) {
    headers.set("Access-Control-Max-Age", policy.maxAge);
  }
  if (
    policy.privateNetwork &&
    request.header("access-control-request-private-network") === "true"
  ) headers.set("Access-Control-Allow-Private-Network", "true");
}

function answerPreflight(
  policy: Policy,
  request: AnyRequest,
  origin: string | null,
): HttpResponse {
  const response = new HttpResponse({ status: 204 });
  const { headers } = response;
  if (origin !== null) {
    allowOrigin(headers, policy, origin);
    grantPreflight(headers, policy, request);
  }
  setUnlessEmpty(headers, "Vary", policy.preflightVary);
  return response;
}

function mark(
  policy: Policy,
  response: HttpResponse,
  origin: string | null,
): HttpResponse {
  const { headers } = response;
  if (origin !== null) {
    allowOrigin(headers, policy, origin);
    setUnlessEmpty(headers, "Access-Control-Expose-Headers", policy.exposed);
  }
  // Without it a cache would hand the answer for one origin to another, or to
  // one of no origin at all (Fetch 3.2.5).
  if (policy.allows !== "*") addVary(headers, "Origin");
  return response;
}

/** The origin to name in the answer, or `null` if this one is not allowed. */
function allowedOrigin(
  allows: OriginRule,
  request: AnyRequest,
): string | null | Promise<string | null> {
  // The same answer for all is sent to all, without an Origin too: it may come
  // out of a cache (Fetch 3.2.5).
  if (allows === "*") return "*";
  const origin = request.header("origin");
  if (origin === null) return null;
  const verdict = allows(origin, request);
  return verdict instanceof Promise
    ? verdict.then((allowed) => allowed === true ? origin : null)
    : verdict === true
    ? origin
    : null;
}

/**
 * Makes a middleware for cross-origin requests (Fetch standard, 3.2). A
 * preflight, that is `OPTIONS` with `Origin` and
 * `Access-Control-Request-Method`, is answered here with 204 and goes no
 * further. Any other request runs, and its answer, that of an error too, tells
 * the browser whether the page may read it: without the permission the request
 * has still been run, so CORS is no protection against forged requests.
 *
 * It reads `Origin` and the `Access-Control-Request-*` fields; sets the
 * `Access-Control-*` fields and, whenever the answer depends on the request,
 * `Vary`. Its place: after `requestId` and `logging`, before anything that may
 * refuse a request (rate limits, authentication), since a preflight carries no
 * credentials and a page must be able to read a refusal.
 *
 * @throws {TypeError} If `allowCredentials` meets `"*"`, a string is not an
 * origin, a method or a header name, or an option is unknown.
 * @throws {RangeError} If `maxAge` is not a whole number of seconds from 0.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { cors } from "@x/httpserver/middleware/cors";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(cors({ allowOrigins: ["https://example.com"], maxAge: 600 }))
 *   .get("/", () => ok({}));
 * const response = await server.inject({
 *   path: "/",
 *   headers: { origin: "https://example.com" },
 * });
 * assertEquals(
 *   response.header("access-control-allow-origin"),
 *   "https://example.com",
 * );
 * assertEquals(response.header("vary"), "Origin");
 * ```
 */
export function cors(options: CorsOptions = {}): Middleware {
  const policy = resolvePolicy(options);

  function answer(
    request: AnyRequest,
    next: () => HttpResponse | Promise<HttpResponse>,
    origin: string | null,
  ): HttpResponse | Promise<HttpResponse> {
    if (isPreflight(request)) return answerPreflight(policy, request, origin);
    const response = next();
    return response instanceof HttpResponse
      ? mark(policy, response, origin)
      : response.then((response) => mark(policy, response, origin));
  }

  return function cors(request, next) {
    const origin = allowedOrigin(policy.allows, request);
    return origin instanceof Promise
      ? origin.then((origin) => answer(request, next, origin))
      : answer(request, next, origin);
  };
}
