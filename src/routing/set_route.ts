/**
 * {@linkcode setRoute}: what a router tells a request.
 *
 * @module
 */

import type { AnyRequest } from "../http/request.ts";

/** Writes the route's pattern and parameters into a request. */
export function setRoute(
  request: AnyRequest,
  route: string | null,
  params: Readonly<Record<string, string>> | null,
): void {
  const target = request as {
    route: string | null;
    params: Readonly<Record<string, string>>;
  };
  target.route = route;
  if (params !== null) target.params = params;
}
