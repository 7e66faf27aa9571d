/**
 * Requests for hosts that are none of ours, as DNS rebinding sends them.
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import { errorResponse } from "../http/problem.ts";
import { hostMatcher } from "./allowed_hosts.ts";
import type { Pipeline } from "./core.ts";

/**
 * The pipeline for requests whose host is allowed; others are answered 421
 * (RFC 9110 15.5.20). Without a list every host is.
 *
 * @throws {TypeError} If an entry of the list is no host.
 */
export function onlyForHosts(
  allowed: readonly string[] | undefined,
  pipeline: Pipeline,
): Pipeline {
  if (allowed === undefined) return pipeline;
  const isAllowed = hostMatcher(allowed);
  return function onlyForHosts(request) {
    if (isAllowed(request.authority)) return pipeline(request);
    const error = new HttpError(421, "The request is for another host");
    return errorResponse(error, request);
  };
}
