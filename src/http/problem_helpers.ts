/**
 * Helpers that answer with problem details in one call.
 *
 * @module
 */

import { HeaderList } from "./headers.ts";
import { problem, type ProblemOptions } from "./problem.ts";
import type { HttpResponse } from "./response.ts";

/** Options of {@linkcode unauthorized}. */
export interface UnauthorizedOptions extends ProblemOptions {
  /**
   * How to authenticate, sent as `WWW-Authenticate`.
   *
   * @default {'Bearer realm="restricted"'} unless `headers` have the field
   */
  challenge?: string | readonly string[];
}

/**
 * Answers 400 with problem details.
 *
 * @param message What is wrong with the request, for the client.
 * @throws {TypeError} If a header is invalid or an extension is not JSON.
 * @throws {RangeError} If the status is not an integer from 400 to 599.
 *
 * @example Usage
 * ```ts
 * import { badRequest } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await badRequest("name is missing").json(), {
 *   type: "about:blank",
 *   title: "Bad Request",
 *   status: 400,
 *   detail: "name is missing",
 * });
 * ```
 */
export function badRequest(
  message?: string,
  options?: ProblemOptions,
): HttpResponse {
  return problem(400, message, options);
}

/**
 * Answers 401 with problem details and a challenge, which RFC 9110 15.5.2
 * demands.
 *
 * @param message Why, for the client.
 * @throws {TypeError} If the challenge or a header is invalid, or an extension is
 * not JSON.
 * @throws {RangeError} If the status is not an integer from 400 to 599.
 *
 * @example Usage
 * ```ts
 * import { unauthorized } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = unauthorized("log in first", {
 *   challenge: 'Basic realm="staff"',
 * });
 * assertEquals(response.status, 401);
 * assertEquals(response.header("www-authenticate"), 'Basic realm="staff"');
 * ```
 */
export function unauthorized(
  message?: string,
  options: UnauthorizedOptions = {},
): HttpResponse {
  const { challenge = [], ...others } = options;
  const headers = new HeaderList(options.headers);
  for (const one of typeof challenge === "string" ? [challenge] : challenge) {
    headers.append("WWW-Authenticate", one);
  }
  return problem(401, message, { ...others, headers });
}

/**
 * Answers 403 with problem details.
 *
 * @param message Why, for the client.
 * @throws {TypeError} If a header is invalid or an extension is not JSON.
 * @throws {RangeError} If the status is not an integer from 400 to 599.
 *
 * @example Usage
 * ```ts
 * import { forbidden } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(forbidden("staff only").status, 403);
 * ```
 */
export function forbidden(
  message?: string,
  options?: ProblemOptions,
): HttpResponse {
  return problem(403, message, options);
}

/**
 * Answers 404 with problem details.
 *
 * @param message What is not there, for the client.
 * @throws {TypeError} If a header is invalid or an extension is not JSON.
 * @throws {RangeError} If the status is not an integer from 400 to 599.
 *
 * @example Usage
 * ```ts
 * import { notFound } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(notFound("no such user").status, 404);
 * ```
 */
export function notFound(
  message?: string,
  options?: ProblemOptions,
): HttpResponse {
  return problem(404, message, options);
}

/**
 * Answers 409 with problem details.
 *
 * @param message What stands against the request, for the client.
 * @throws {TypeError} If a header is invalid or an extension is not JSON.
 * @throws {RangeError} If the status is not an integer from 400 to 599.
 *
 * @example Usage
 * ```ts
 * import { conflict } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(conflict("the name is taken").status, 409);
 * ```
 */
export function conflict(
  message?: string,
  options?: ProblemOptions,
): HttpResponse {
  return problem(409, message, options);
}
