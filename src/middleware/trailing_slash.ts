/**
 * {@linkcode trailingSlash}: one address for what people write with and without
 * a slash at the end.
 *
 * @example One address
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { trailingSlash } from "@x/httpserver/middleware/trailing-slash";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(trailingSlash()).get("/users", () => ok([]));
 * const response = await server.inject({ path: "/users/" });
 * assertEquals(response.header("location"), "/users");
 * ```
 *
 * @module
 */

import { checkChoice } from "../http/checks.ts";
import type { Middleware } from "../http/handler.ts";
import { formatLocation } from "../http/location.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { rawPath, rawQuery } from "../http/target_path.ts";

/** Options of {@linkcode trailingSlash}. */
export interface TrailingSlashOptions {
  /**
   * `"trim"` leads `/users/` to `/users`; `"append"` leads `/users` to
   * `/users/`, but not a name with a dot, such as `/logo.svg`.
   *
   * @default {"trim"}
   */
  mode?: "trim" | "append";
  /**
   * The status of the redirect. With 301 only GET and HEAD are led on, since
   * many clients make a GET of everything else.
   *
   * @default {308}
   */
  status?: 301 | 308;
}

type Mode = NonNullable<TrailingSlashOptions["mode"]>;

// A preflight must not be redirected, and CONNECT and `*` have no path.
const NEVER: ReadonlySet<string> = new Set(["OPTIONS", "CONNECT", "TRACE"]);

function trimmed(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/** Without more than one slash in front: `//host` would be another site. */
function onOwnSite(path: string): string {
  let start = 0;
  while (path[start] === "/") start++;
  return `/${path.slice(start)}`;
}

/** The path to lead to, still encoded; `null` if it is right already. */
function otherPath(path: string, mode: Mode): string | null {
  if (!path.startsWith("/") || path === "/") return null;
  const hasSlash = path.endsWith("/");
  if (mode === "trim") return hasSlash ? onOwnSite(trimmed(path)) : null;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return hasSlash || name.includes(".") ? null : onOwnSite(`${path}/`);
}

/**
 * Makes a middleware that redirects to the other spelling of a path where no
 * route takes the one that was asked for: routes tell `/a` and `/a/` apart. What
 * a route answers, be it 404, is left as it is, and so is a path that has a route
 * for another method. The query is kept. The redirect never leads to another
 * host.
 *
 * It reads the target; sets `Location`. Its place: after `logging`, before what
 * changes content.
 *
 * @throws {TypeError} If the mode is unknown, or an option.
 * @throws {RangeError} If the status is neither 301 nor 308.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { trailingSlash } from "@x/httpserver/middleware/trailing-slash";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(trailingSlash())
 *   .get("/users", () => ok([]));
 * const response = await server.inject({ path: "/users/?page=2" });
 * assertEquals(response.status, 308);
 * assertEquals(response.header("location"), "/users?page=2");
 * ```
 */
export function trailingSlash(options: TrailingSlashOptions = {}): Middleware {
  checkOptionNames("trailingSlash", options, ["mode", "status"]);
  const { mode = "trim", status = 308 } = options;
  checkChoice<Mode>('"mode" of trailingSlash', mode, ["trim", "append"]);
  checkChoice('"status" of trailingSlash', status, [301, 308]);

  function mayRedirect(method: string): boolean {
    if (status === 301) return method === "GET" || method === "HEAD";
    return !NEVER.has(method);
  }

  function lead(request: AnyRequest, response: HttpResponse): HttpResponse {
    if (response.status !== 404) return response;
    const path = otherPath(rawPath(request.target), mode);
    if (path === null) return response;
    const query = rawQuery(request.target);
    const location = formatLocation(query === "" ? path : `${path}?${query}`);
    return new HttpResponse({ status, headers: { location } });
  }

  return function trailingSlash(request, next) {
    const answer = next();
    if (request.route !== null || !mayRedirect(request.method)) return answer;
    return answer instanceof HttpResponse
      ? lead(request, answer)
      : answer.then((response) => lead(request, response));
  };
}
