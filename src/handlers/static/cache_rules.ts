/**
 * Which `Cache-Control` a file gets.
 *
 * @module
 */

import { basename, globToRegExp } from "@std/path/posix";
import {
  type CacheOptions,
  formatCacheControl,
} from "../../http/cache_control.ts";
import { isFieldValue } from "../../grammar/chars.ts";
import { describeValue } from "../../http/values.ts";

/** Gives the value of `Cache-Control` for a path below the root; `null` for none. */
export type CacheRule = (path: string) => string | null;

/** The options that {@linkcode cacheRule} is made of. */
export interface CacheRuleOptions {
  /** Seconds for whatever nothing else is said of. */
  cacheMaxAge?: number;
  /** Values by glob. */
  cacheControl?: Readonly<Record<string, string | CacheOptions>>;
  /** Whether, or by which pattern, names tell that a file never changes. */
  immutable?: boolean | RegExp;
}

const YEAR_SECONDS = 31_536_000;
const FOREVER = formatCacheControl({
  public: true,
  maxAge: YEAR_SECONDS,
  immutable: true,
});

// Where build tools put a hash. Letters and digits both: digits alone are a date
// more often, and letters alone a word.
const HASHED_NAME =
  /[.-](?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}(?:\.[a-z0-9]+){1,3}$/;

function checkMaxAge(seconds: number | undefined): string | null {
  if (seconds === undefined) return null;
  if (typeof seconds !== "number") {
    throw new TypeError(
      `Cannot use ${
        describeValue(seconds)
      } as cacheMaxAge: take whole seconds from 0`,
    );
  }
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new RangeError(
      `Cannot use ${seconds} as cacheMaxAge: take whole seconds from 0`,
    );
  }
  return formatCacheControl({ public: true, maxAge: seconds });
}

function checkValue(glob: string, value: string | CacheOptions): string {
  if (typeof value === "object" && value !== null) {
    return formatCacheControl(value);
  }
  if (typeof value === "string" && value !== "" && isFieldValue(value)) {
    return value;
  }
  throw new TypeError(
    `Cannot use ${describeValue(value)} as cacheControl of "${glob}": ` +
      "take a field value or its directives",
  );
}

function readGlobs(
  globs: Readonly<Record<string, string | CacheOptions>> | undefined,
): [RegExp, string][] {
  if (globs === undefined) return [];
  if (typeof globs !== "object" || globs === null || Array.isArray(globs)) {
    throw new TypeError(
      `Cannot use ${describeValue(globs)} as cacheControl: take values by glob`,
    );
  }
  return Object.entries(globs).map(([glob, value]) => {
    const pattern = globToRegExp(glob, { extended: true, globstar: true });
    return [pattern, checkValue(glob, value)];
  });
}

function readImmutable(immutable: boolean | RegExp | undefined): RegExp | null {
  if (immutable === undefined || immutable === false) return null;
  if (immutable === true) return HASHED_NAME;
  if (!(immutable instanceof RegExp)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(immutable)
      } as immutable: take a boolean or a RegExp`,
    );
  }
  // With these flags a RegExp goes on where it stopped at another name.
  return new RegExp(immutable.source, immutable.flags.replace(/[gy]/g, ""));
}

/**
 * Makes the rule: the first glob that matches, else hashed names, else the age.
 *
 * @throws {TypeError} If an option has the wrong shape.
 * @throws {RangeError} If a time is not a whole number of seconds from 0.
 */
export function cacheRule(options: CacheRuleOptions): CacheRule {
  const globs = readGlobs(options.cacheControl);
  const hashed = readImmutable(options.immutable);
  const otherwise = checkMaxAge(options.cacheMaxAge);
  return function cacheRule(path) {
    for (const [pattern, value] of globs) {
      if (pattern.test(path)) return value;
    }
    return hashed?.test(basename(path)) ? FOREVER : otherwise;
  };
}
