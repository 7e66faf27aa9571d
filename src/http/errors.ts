/**
 * {@linkcode HttpError}: how a handler or a middleware says no.
 *
 * @module
 */

import type { HeadersLike } from "./headers.ts";
import { checkOptionNames } from "./option_names.ts";
import { reasonPhrase } from "./status.ts";
import { describeValue } from "./values.ts";

const OPTION_NAMES = ["cause", "headers", "type", "extensions"];

/** Options of {@linkcode HttpError}. */
export interface HttpErrorOptions {
  /** What went wrong below; logged, never sent. */
  cause?: unknown;
  /** Fields to send with the answer, such as `retry-after`. */
  headers?: HeadersLike;
  /** The problem type, a URI reference (RFC 9457 3.1.1). @default {"about:blank"} */
  type?: string;
  /** Further members of the problem details (RFC 9457 3.2). */
  extensions?: Readonly<Record<string, unknown>>;
}

/**
 * An error with the status to answer. Thrown by a handler or a middleware it
 * becomes an answer with problem details (RFC 9457); the message of a 5xx is
 * logged and never sent.
 *
 * @example Usage
 * ```ts
 * import { HttpError, HttpServer } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer().get("/users/:id", () => {
 *   throw new HttpError(404, "no such user");
 * });
 * const response = await server.inject({ path: "/users/7" });
 * assertEquals(response.status, 404);
 * ```
 */
export class HttpError extends Error {
  /** The status to answer, 400 to 599. */
  readonly status: number;
  /** Fields to send with the answer. */
  readonly headers: HeadersLike | undefined;
  /** The problem type, a URI reference. */
  readonly type: string;
  /** Further members of the problem details. */
  readonly extensions: Readonly<Record<string, unknown>>;

  /**
   * Makes an error for a status; the message is the status's reason phrase
   * unless given.
   *
   * @throws {RangeError} If the status is not an integer from 400 to 599.
   */
  constructor(
    status: number,
    message?: string,
    options: HttpErrorOptions = {},
  ) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(
        `Cannot make an HttpError with status ${
          describeValue(status)
        }: take 400 to 599, and the message second`,
      );
    }
    if (message !== undefined && typeof message !== "string") {
      throw new TypeError(
        `Cannot make an HttpError with ${
          describeValue(message)
        } as its message: take a string, and further members as { extensions } third`,
      );
    }
    checkOptionNames("HttpError", options, OPTION_NAMES);
    super(message ?? reasonPhrase(status), { cause: options.cause });
    this.name = "HttpError";
    this.status = status;
    this.headers = options.headers;
    this.type = options.type ?? "about:blank";
    this.extensions = options.extensions ?? {};
  }
}
