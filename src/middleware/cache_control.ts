/**
 * {@linkcode cacheControl}: how long caches may keep the answers whose handlers
 * do not say.
 *
 * @example A minute for every answer
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { cacheControl } from "@x/httpserver/middleware/cache-control";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(cacheControl({ maxAge: 60 })).get("/", () => ok("hello"));
 * const response = await server.inject({});
 * assertEquals(response.header("cache-control"), "max-age=60");
 * ```
 *
 * @module
 */

import {
  type CacheOptions,
  formatCacheControl,
} from "../http/cache_control.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";

export type { CacheOptions } from "../http/cache_control.ts";

/** Options of {@linkcode cacheControl}: the directives, and where they differ. */
export interface CacheControlOptions extends CacheOptions {
  /**
   * Directives for answers of single statuses, in place of the others; `null`
   * for none.
   *
   * @default {{}}
   */
  statuses?: Readonly<Record<number, CacheOptions | null>>;
}

const DIRECTIVES: readonly (keyof CacheOptions)[] = [
  "maxAge",
  "sMaxAge",
  "public",
  "private",
  "noStore",
  "noCache",
  "noTransform",
  "mustRevalidate",
  "proxyRevalidate",
  "immutable",
  "staleWhileRevalidate",
  "staleIfError",
];

// What a handler answers when all went well. Anything else may pass, such as a
// 404 until the page is there.
const USUAL_STATUSES: ReadonlySet<number> = new Set([200, 203, 206, 304]);

interface Rule {
  readonly value: string;
  /** Whether shared caches are kept away from it. */
  readonly isPrivate: boolean;
  /** Whether it forbids to keep anything, which can go on every answer. */
  readonly isForbidding: boolean;
}

function makeRule(owner: string, options: CacheOptions): Rule {
  checkOptionNames(owner, options, DIRECTIVES);
  const { noStore = false, private: isPrivate = false } = options;
  return {
    value: formatCacheControl(options),
    isPrivate: isPrivate || noStore,
    isForbidding: noStore,
  };
}

function readStatuses(
  statuses: Readonly<Record<number, CacheOptions | null>>,
): ReadonlyMap<number, Rule | null> {
  const rules = new Map<number, Rule | null>();
  for (const [key, options] of Object.entries(statuses)) {
    const status = Number(key);
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(
        `Cannot use "${key}" in "statuses" of cacheControl: take 200 to 599`,
      );
    }
    const owner = `cacheControl for status ${status}`;
    rules.set(status, options === null ? null : makeRule(owner, options));
  }
  return rules;
}

/**
 * Makes a middleware that sets `Cache-Control` (RFC 9111 5.2.2) on answers that
 * have neither that field nor `Expires`. Those are the answers to GET and HEAD of
 * status 200, 203, 206 and 304, and of each status of `statuses`; `noStore` goes
 * on every answer, since it only forbids. The options need no directive of their
 * own if `statuses` is given.
 *
 * An answer that sets a cookie is meant for one client: what would let a shared
 * cache hand it to others is not set on it, so only `private` and `noStore` are.
 *
 * It reads the method, and the status, `Cache-Control`, `Expires` and `Set-Cookie`
 * of the answer; it sets `Cache-Control`. Its place: anywhere; with `noTransform` inside of
 * `compression`, which then leaves the answers alone. For one part of a site it
 * takes the prefix of `use`.
 *
 * @throws {TypeError} If an option is unknown, directives contradict each other,
 * or none is given.
 * @throws {RangeError} If a time is not a whole number of seconds from 0, or a
 * status not one from 200 to 599.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { cacheControl } from "@x/httpserver/middleware/cache-control";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(cacheControl({ public: true, maxAge: 60, statuses: { 404: { maxAge: 5 } } }))
 *   .get("/", () => text("hello"));
 * const found = await server.inject({ path: "/" });
 * assertEquals(found.header("cache-control"), "public, max-age=60");
 * const missing = await server.inject({ path: "/none" });
 * assertEquals(missing.header("cache-control"), "max-age=5");
 * ```
 */
export function cacheControl(options: CacheControlOptions): Middleware {
  checkOptionNames("cacheControl", options, [...DIRECTIVES, "statuses"]);
  const { statuses = {}, ...directives } = options;
  const byStatus = readStatuses(statuses);
  const isOnlyByStatus = byStatus.size > 0 &&
    Object.keys(directives).length === 0;
  const usual = isOnlyByStatus ? null : makeRule("cacheControl", directives);

  function ruleFor(request: AnyRequest, status: number): Rule | null {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const own = isRead ? byStatus.get(status) : undefined;
    if (own !== undefined || usual === null) return own ?? null;
    const isUsual = isRead && USUAL_STATUSES.has(status);
    return isUsual || usual.isForbidding ? usual : null;
  }

  function mark(request: AnyRequest, response: HttpResponse): HttpResponse {
    const { headers, status } = response;
    const rule = ruleFor(request, status);
    if (rule === null) return response;
    if (headers.has("cache-control") || headers.has("expires")) return response;
    if (headers.has("set-cookie") && !rule.isPrivate) return response;
    headers.set("Cache-Control", rule.value);
    return response;
  }

  return function cacheControl(request, next) {
    const response = next();
    return response instanceof HttpResponse
      ? mark(request, response)
      : response.then((response) => mark(request, response));
  };
}
