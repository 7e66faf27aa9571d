/**
 * Which requests a middleware is about: those below some paths, or those that a
 * function tells.
 *
 * @module
 */

import type { AnyRequest } from "../http/request.ts";
import { rawPath } from "../http/target_path.ts";
import { describeValue } from "../http/values.ts";
import { covers, splitPath } from "../routing/path.ts";
import { parsePrefix } from "../routing/pattern.ts";

/**
 * Requests, by path prefixes as `use()` takes them (`/api` is `/api` and
 * `/api/x`, not `/apix`), or by a function.
 */
export type RequestSelection =
  | readonly string[]
  | ((request: AnyRequest) => boolean);

/**
 * Makes a test of whether a request is among those selected. Only `true` of a
 * function selects.
 *
 * @param owner Whose selection it is, for the message.
 * @throws {TypeError} If it is neither a list of strings nor a function.
 * @throws {SyntaxError} If a prefix is no pattern, or has a wildcard.
 */
export function requestTest(
  owner: string,
  selection: RequestSelection,
): (request: AnyRequest) => boolean {
  if (typeof selection === "function") {
    return (request) => selection(request) === true;
  }
  if (!Array.isArray(selection)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(selection)
      } as ${owner}: take a list of paths, such as ["/health"], or a function`,
    );
  }
  const prefixes = selection.map(parsePrefix);
  // As the router compares, so that no other spelling of a path gets past.
  return function isBelow(request) {
    const segments = splitPath(rawPath(request.target));
    return prefixes.some((prefix) => covers(prefix, segments));
  };
}
