/**
 * {@linkcode csrf}: refuses requests that pages of other sites make a browser
 * send.
 *
 * @example Forms of this site only
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { csrf } from "@x/httpserver/middleware/csrf";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(csrf()).post("/", () => ok("done"));
 * const headers = { origin: "https://evil.example" };
 * const response = await server.inject({ method: "POST", headers });
 * assertEquals(response.status, 403);
 * ```
 *
 * @module
 */

import { checkList } from "../http/checks.ts";
import { HttpError } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { originList } from "./cors_origins.ts";
import { type RequestSelection, requestTest } from "./selection.ts";

/** Options of {@linkcode csrf}. */
export interface CsrfOptions {
  /**
   * Origins of other sites whose pages may send requests all the same: strings
   * such as `"https://login.example"`, compared exactly, or regular expressions
   * that must match the whole origin.
   *
   * @default {[]}
   */
  trustedOrigins?: readonly (string | RegExp)[];
  /**
   * Requests that are not checked: path prefixes such as `/webhooks`, or a
   * function. Nothing that cookies are good for should be among them.
   *
   * @default {[]}
   */
  exempt?: RequestSelection;
}

// They must not change anything (RFC 9110 9.2.1).
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Tells whether an origin is the request's own. Behind a proxy that nobody has
 * declared to be trusted, TLS cannot be seen: there `https` counts as well, but
 * never `http` for a request that came by TLS.
 */
function isOwn(origin: string, request: AnyRequest): boolean {
  const from = URL.parse(origin);
  if (from === null || from.origin !== origin) return false;
  const { protocol, host } = from;
  if (protocol !== "https:" && (request.secure || protocol !== "http:")) {
    return false;
  }
  return host === request.url.host;
}

/**
 * Makes a middleware against cross-site request forgery. A request that could
 * change something, that is with any method but GET, HEAD and OPTIONS, is
 * answered 403 unless it comes from a page of the same origin, a trusted one, or
 * no page at all. No token is needed:
 *
 * 1. `Sec-Fetch-Site` of `same-origin` or `none` passes, anything else does not:
 *    pages cannot forge it. All browsers since 2023 send it to hosts of `https`
 *    and to localhost.
 * 2. Without it, `Origin` must name the request's own host, and not `http` over
 *    TLS. `null` never passes.
 * 3. With neither the request does not come from a browser of this decade, and
 *    passes: a program has no cookies of somebody else.
 *
 * What type the content has plays no part. Sites below the same domain count as
 * others. A GET that changes something is not protected.
 *
 * It reads `Sec-Fetch-Site`, `Origin` and the host asked for, also as a trusted
 * proxy tells it; sets nothing. Its place: after `logging` and `cors`, before
 * whatever acts on cookies.
 *
 * @throws {TypeError} If an option is unknown or malformed.
 * @throws {SyntaxError} If a path in `exempt` is no prefix.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { csrf } from "@x/httpserver/middleware/csrf";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(csrf({ trustedOrigins: ["https://pay.example"] }))
 *   .post("/transfer", () => ok("done"));
 * async function post(headers: Record<string, string>): Promise<number> {
 *   const request = { method: "POST", path: "/transfer", headers };
 *   return (await server.inject(request)).status;
 * }
 * assertEquals(await post({ "sec-fetch-site": "same-origin" }), 200);
 * assertEquals(await post({ "sec-fetch-site": "cross-site" }), 403);
 * assertEquals(await post({ origin: "https://evil.example" }), 403);
 * assertEquals(await post({ origin: "https://pay.example" }), 200);
 * ```
 */
export function csrf(options: CsrfOptions = {}): Middleware {
  checkOptionNames("csrf", options, ["trustedOrigins", "exempt"]);
  const { trustedOrigins = [], exempt = [] } = options;
  checkList('"trustedOrigins" of csrf', trustedOrigins, "origins", () => true);
  const isTrusted = originList(trustedOrigins);
  const isExempt = requestTest('"exempt" of csrf', exempt);

  function isAllowed(request: AnyRequest): boolean {
    if (SAFE.has(request.method)) return true;
    const site = request.header("sec-fetch-site");
    if (site === "same-origin" || site === "none") return true;
    const origin = request.header("origin");
    if (site === null) {
      if (origin === null || isOwn(origin, request)) return true;
    }
    if (origin !== null && isTrusted(origin)) return true;
    return isExempt(request);
  }

  return function csrf(request, next) {
    if (isAllowed(request)) return next();
    throw new HttpError(403, "The request comes from another site");
  };
}
