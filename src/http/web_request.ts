/**
 * A request as the web's `Request`.
 *
 * @module
 */

import { HttpError } from "./errors.ts";
import type { AnyRequest } from "./request.ts";

// Fetch 2.2.1.
const NOT_OF_THE_WEB = /^(?:connect|trace|track)$/i;

/**
 * A web `Request` with the same parts and the same body.
 *
 * @throws {HttpError} 501 if the method is one that the web forbids; 400 if the
 * URL is none of the web's.
 */
export function webRequestOf(request: AnyRequest): Request {
  const { method } = request;
  if (NOT_OF_THE_WEB.test(method)) {
    throw new HttpError(501, `No web Request has the method ${method}`);
  }
  const isBodiless = method === "GET" || method === "HEAD";
  return new Request(request.url, {
    method,
    headers: request.headers.toWeb(),
    body: isBodiless ? null : request.body,
    signal: request.signal,
  });
}
