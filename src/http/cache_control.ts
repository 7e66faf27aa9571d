/**
 * The `Cache-Control` field of answers (RFC 9111 5.2.2).
 *
 * @module
 */

import { checkOptionNames } from "./option_names.ts";
import { describeValue } from "./values.ts";

/** Directives of `Cache-Control` for an answer. Times are in whole seconds. */
export interface CacheOptions {
  /** How long any cache may reuse the answer unasked. @default {undefined} */
  maxAge?: number;
  /** The same for shared caches, in place of `maxAge`. @default {undefined} */
  sMaxAge?: number;
  /** Whether shared caches may keep what they would not. @default {false} */
  public?: boolean;
  /** Whether it is meant for one user, so no shared cache keeps it. @default {false} */
  private?: boolean;
  /** Whether nobody may keep it. @default {false} */
  noStore?: boolean;
  /** Whether caches have to ask before each reuse. @default {false} */
  noCache?: boolean;
  /** Whether no proxy may change the content. @default {false} */
  noTransform?: boolean;
  /** Whether caches have to ask once it is stale. @default {false} */
  mustRevalidate?: boolean;
  /** The same for shared caches only. @default {false} */
  proxyRevalidate?: boolean;
  /** Whether it never changes, so a reload need not ask (RFC 8246). @default {false} */
  immutable?: boolean;
  /** How long a stale answer may be used while a cache asks (RFC 5861 3). @default {undefined} */
  staleWhileRevalidate?: number;
  /** How long a stale answer may stand in for an error (RFC 5861 4). @default {undefined} */
  staleIfError?: number;
}

const FLAGS: readonly (readonly [keyof CacheOptions, string])[] = [
  ["public", "public"],
  ["private", "private"],
  ["noStore", "no-store"],
  ["noCache", "no-cache"],
  ["noTransform", "no-transform"],
  ["mustRevalidate", "must-revalidate"],
  ["proxyRevalidate", "proxy-revalidate"],
  ["immutable", "immutable"],
];

const TIMES: readonly (readonly [keyof CacheOptions, string])[] = [
  ["maxAge", "max-age"],
  ["sMaxAge", "s-maxage"],
  ["staleWhileRevalidate", "stale-while-revalidate"],
  ["staleIfError", "stale-if-error"],
];

const NAMES: readonly string[] = [...FLAGS, ...TIMES].map(([name]) => name);

// Caches settle such a pair each in its own way.
const CONTRADICTIONS: readonly (readonly [
  keyof CacheOptions,
  keyof CacheOptions,
])[] = [
  ["public", "private"],
  ["public", "noStore"],
  ["private", "sMaxAge"],
  ["noStore", "immutable"],
  ["noStore", "maxAge"],
  ["noStore", "sMaxAge"],
  ["noStore", "staleWhileRevalidate"],
  ["noStore", "staleIfError"],
];

function checkContradictions(options: CacheOptions): void {
  for (const [one, other] of CONTRADICTIONS) {
    // A lifetime of 0 beside no-store is redundant, and common.
    if (!options[one] || !options[other]) continue;
    throw new TypeError(
      `Cannot write Cache-Control with both "${one}" and "${other}": drop one, as they contradict each other`,
    );
  }
}

/**
 * Writes a `Cache-Control` value for an answer (RFC 9111 5.2.2).
 *
 * @throws {TypeError} If no directive is given or two contradict each other.
 * @throws {RangeError} If a time is not a whole number of seconds from 0.
 *
 * @example Usage
 * ```ts
 * import { formatCacheControl } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatCacheControl({ public: true, maxAge: 3600, immutable: true }),
 *   "public, immutable, max-age=3600",
 * );
 * ```
 */
export function formatCacheControl(options: CacheOptions): string {
  checkOptionNames("Cache-Control", options, NAMES);
  const directives: string[] = [];
  for (const [name, directive] of FLAGS) {
    if (options[name]) directives.push(directive);
  }
  for (const [name, directive] of TIMES) {
    const seconds = options[name];
    if (seconds === undefined) continue;
    if (!Number.isSafeInteger(seconds) || Number(seconds) < 0) {
      throw new RangeError(
        `Cannot write Cache-Control with ${name} ${
          describeValue(seconds)
        }: take whole seconds from 0`,
      );
    }
    directives.push(`${directive}=${seconds}`);
  }
  if (directives.length === 0) {
    throw new TypeError(
      "Cannot write Cache-Control without any directive: give one, such as { maxAge: 3600 }",
    );
  }
  checkContradictions(options);
  return directives.join(", ");
}
