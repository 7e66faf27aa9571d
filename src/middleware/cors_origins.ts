/**
 * Which origins `cors` allows, checked once and turned into one function.
 *
 * @module
 */

import type { AnyRequest } from "../http/request.ts";
import { describeValue } from "../http/values.ts";

/** Any origin, or the function that decides. */
export type OriginRule =
  | "*"
  | ((origin: string, request: AnyRequest) => boolean | Promise<boolean>);

type OriginsOption = "*" | RegExp | readonly (string | RegExp)[] | OriginRule;

// Schemes other than http and https have no origin in the URL standard, but
// browsers send one for extensions and packaged apps.
const OTHER_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/;

function httpOrigin(text: string): string {
  return URL.parse(text)?.origin ?? "";
}

function checkOrigin(text: string): string {
  if (text === "null") return text;
  const wrong = `Cannot allow the origin ${describeValue(text)}`;
  if (text.includes("*")) {
    throw new TypeError(`${wrong}: take a RegExp for a pattern`);
  }
  if (!/^https?:/i.test(text)) {
    if (OTHER_ORIGIN.test(text)) return text;
    throw new TypeError(
      `${wrong}: write scheme, host and port, as in "https://example.com"`,
    );
  }
  // A trailing slash, a default port or a capital would never match.
  const origin = httpOrigin(text);
  if (origin === text) return text;
  throw new TypeError(
    origin === ""
      ? `${wrong}, which is no URL: write it as in "https://example.com"`
      : `${wrong}: write it as browsers send it, ${describeValue(origin)}`,
  );
}

// Anchored, since /example\.com/ would let in https://example.com.evil.test;
// without g and y, which would make every second test fail.
function wholeMatch({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ""));
}

/**
 * Makes a test of whether an origin is in a list; an item is an origin as
 * browsers send it, or a regular expression for the whole of one.
 *
 * @throws {TypeError} If a string is not an origin as browsers send it.
 */
export function originList(
  list: readonly (string | RegExp)[],
): (origin: string) => boolean {
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const item of list) {
    if (item instanceof RegExp) patterns.push(wholeMatch(item));
    else exact.add(checkOrigin(item));
  }
  function isListed(origin: string): boolean {
    if (exact.has(origin)) return true;
    // Any page can get the origin "null" by a sandboxed frame, so no pattern
    // may allow it by accident.
    if (origin === "null") return false;
    return patterns.some((pattern) => pattern.test(origin));
  }
  return isListed;
}

function isAny(origins: OriginsOption): boolean {
  return origins === "*" ||
    (Array.isArray(origins) && origins.includes("*"));
}

/**
 * Turns the option `allowOrigins` into a rule.
 *
 * @throws {TypeError} If all origins are allowed together with credentials, or
 * a string is not an origin as browsers send it.
 */
export function originRule(
  origins: OriginsOption,
  credentials: boolean,
): OriginRule {
  if (isAny(origins)) {
    if (!credentials) return "*";
    throw new TypeError(
      'Cannot allow credentials for the origin "*" by cors: list the origins in "allowOrigins"',
    );
  }
  if (typeof origins === "function") return origins;
  if (origins instanceof RegExp) return originList([origins]);
  if (Array.isArray(origins)) return originList(origins);
  throw new TypeError(
    `Cannot use ${
      describeValue(origins)
    } as "allowOrigins" of cors: take "*", a list of origins, a RegExp or a function`,
  );
}
