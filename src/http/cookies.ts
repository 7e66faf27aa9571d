/**
 * Cookies: reading `Cookie` leniently, writing `Set-Cookie` strictly
 * (RFC 6265bis).
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import { formatHttpDate } from "../grammar/dates.ts";
import { trimOws } from "../grammar/lists.ts";
import { listChoices } from "./checks.ts";
import { checkOptionNames } from "./option_names.ts";

/** Where a cookie is kept and sent back to, without its name and value. */
export interface CookieScope {
  /**
   * The host that gets the cookie, with all its subdomains. A leading dot is
   * dropped.
   *
   * @default {undefined} only the host that answers
   */
  domain?: string;
  /**
   * Prefix of the paths that get the cookie, beginning with `/`.
   *
   * @default {undefined} the folder of the request's path
   */
  path?: string;
  /** Whether it is sent over secure connections only. @default {false} */
  secure?: boolean;
  /** Whether it is hidden from scripts. @default {false} */
  httpOnly?: boolean;
  /**
   * Whether it is sent with requests that other sites cause; `"None"` needs
   * `secure`.
   *
   * @default {undefined} the browser's choice, mostly `"Lax"`
   */
  sameSite?: "Strict" | "Lax" | "None";
  /**
   * Whether it is kept apart for each top-level site (CHIPS); needs `secure`.
   *
   * @default {false}
   */
  partitioned?: boolean;
}

/** A cookie to set. */
export interface SetCookie extends CookieScope {
  /** Its name, a token. */
  name: string;
  /**
   * Its value as it is sent: no space, quote (but a pair around it), comma,
   * semicolon, backslash, control or non-ASCII character. What may hold such is
   * to be encoded first, with `encodeURIComponent` or in base64url.
   */
  value: string;
  /** Seconds to keep it. @default {undefined} the browser's session */
  maxAge?: number;
  /**
   * When it ends, as a date or in milliseconds since 1970; `maxAge` goes before
   * it.
   *
   * @default {undefined} the browser's session
   */
  expires?: Date | number;
  /** Which cookies a full store drops last. @default {undefined} medium */
  priority?: "Low" | "Medium" | "High";
}

const NAMES: readonly (keyof SetCookie)[] = [
  "name",
  "value",
  "domain",
  "path",
  "secure",
  "httpOnly",
  "sameSite",
  "partitioned",
  "maxAge",
  "expires",
  "priority",
];

// Browsers drop, silently, what is longer (RFC 6265bis 5.6, 5.7).
const MAX_PAIR_LENGTH = 4096;
const MAX_PATH_LENGTH = 1024;
const MAX_DOMAIN_LENGTH = 253;

// cookie-value of RFC 6265bis 4.1.1.
const VALUE = /^(?:[!#-+\--:<-[\]-~]*|"[!#-+\--:<-[\]-~]*")$/;
const PATH = /^\/[ -:<-~]*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const SAME_SITE: readonly unknown[] = ["Strict", "Lax", "None"];
const PRIORITY: readonly unknown[] = ["Low", "Medium", "High"];

function addPair(cookies: Map<string, string>, pair: string): void {
  const equals = pair.indexOf("=");
  const name = trimOws(pair.slice(0, Math.max(equals, 0)));
  // RFC 6265bis 4.1.2: browsers send the cookie of the longest path first.
  if (name === "" || cookies.has(name)) return;
  const value = trimOws(pair.slice(equals + 1));
  const isQuoted = value.length > 1 && value.startsWith('"') &&
    value.endsWith('"');
  cookies.set(name, isQuoted ? value.slice(1, -1) : value);
}

/**
 * Reads the cookies of a `Cookie` field (RFC 6265bis 4.2).
 *
 * Lenient, for any site of the domain may have set them: a pair without a name
 * is skipped, of a repeated name the first counts, a pair of quotes around a
 * value is taken off. Values stay as sent: nothing is percent-decoded, so what
 * was encoded for {@linkcode formatSetCookie} is decoded by who encoded it.
 *
 * @param header The field value; of several fields, joined by `; `.
 * @returns The values by name; names are case-sensitive.
 *
 * @example Usage
 * ```ts
 * import { parseCookies } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const cookies = parseCookies('a=1; b="x=y"; a=2');
 * assertEquals(cookies.get("a"), "1");
 * assertEquals(cookies.get("b"), "x=y");
 * ```
 */
export function parseCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (let from = 0; from < header.length;) {
    const semicolon = header.indexOf(";", from);
    const to = semicolon < 0 ? header.length : semicolon;
    addPair(cookies, header.slice(from, to));
    from = to + 1;
  }
  return cookies;
}

// Not `what` alone: the message quotes the value and tells what to take.
function refuse(
  cookie: SetCookie,
  what: string,
  value: unknown,
  mend: string,
): TypeError {
  return new TypeError(
    `Cannot set the cookie ${JSON.stringify(String(cookie.name))} with ` +
      `${what} ${JSON.stringify(String(value))}: ${mend}`,
  );
}

function tooLong(what: string, length: number, most: number): RangeError {
  return new RangeError(
    `Cannot set a cookie with a ${what} of ${length} bytes: ` +
      `take at most ${most}, as browsers do`,
  );
}

function checkPair(cookie: SetCookie): void {
  const { name, value } = cookie;
  if (typeof name !== "string" || !isToken(name)) {
    throw refuse(cookie, "the name", name, 'take a token, such as "sid"');
  }
  if (typeof value !== "string" || !VALUE.test(value)) {
    throw refuse(
      cookie,
      "the value",
      value,
      "encode it first, as by encodeURIComponent(value)",
    );
  }
  const length = name.length + value.length;
  if (length > MAX_PAIR_LENGTH) {
    throw tooLong("name and value", length, MAX_PAIR_LENGTH);
  }
}

/** Rules that browsers hold names to, by prefix in lower case (RFC 6265bis 4.1.3). */
const PREFIXES: readonly (readonly [string, (keyof CookieScope)[]])[] = [
  ["__secure-", ["secure"]],
  ["__host-", ["secure", "path"]],
  ["__http-", ["secure", "httpOnly"]],
  ["__host-http-", ["secure", "httpOnly", "path"]],
];

function checkPrefix(cookie: SetCookie): void {
  const name = cookie.name.toLowerCase();
  for (const [prefix, needs] of PREFIXES) {
    if (!name.startsWith(prefix)) continue;
    for (const need of needs) {
      const isMet = need === "path" ? cookie.path === "/" : cookie[need];
      if (!isMet) {
        const value = need === "path" ? '"/"' : "true";
        const mend = `set it to ${value}, as the prefix of the name needs`;
        throw refuse(cookie, need, cookie[need], mend);
      }
    }
    if (needs.includes("path") && cookie.domain !== undefined) {
      const mend = "drop it, as the prefix of the name needs";
      throw refuse(cookie, "the domain", cookie.domain, mend);
    }
  }
}

function isOneOf(allowed: readonly unknown[], value: unknown): boolean {
  return value === undefined || allowed.includes(value);
}

function checkFlags(cookie: SetCookie): void {
  const { sameSite, priority, partitioned, secure } = cookie;
  if (!isOneOf(SAME_SITE, sameSite)) {
    throw refuse(
      cookie,
      "sameSite",
      sameSite,
      `take ${listChoices(SAME_SITE)}`,
    );
  }
  if (!isOneOf(PRIORITY, priority)) {
    throw refuse(
      cookie,
      "priority",
      priority,
      `take ${listChoices(PRIORITY)}`,
    );
  }
  // Browsers drop such a cookie without a word.
  if (!secure && (sameSite === "None" || partitioned)) {
    const what = partitioned ? "Partitioned" : "SameSite=None";
    throw refuse(cookie, "secure", secure, `set it to true for ${what}`);
  }
}

function formatLifetime(cookie: SetCookie): string {
  const { maxAge, expires } = cookie;
  let text = "";
  if (maxAge !== undefined) {
    if (!Number.isSafeInteger(maxAge)) {
      throw refuse(cookie, "maxAge", maxAge, "take whole seconds from 0");
    }
    if (maxAge < 0) {
      throw new RangeError(
        `Cannot set a cookie with a maxAge of ${maxAge}: take whole seconds from 0`,
      );
    }
    text += `; Max-Age=${maxAge}`;
  }
  if (expires !== undefined) {
    const ms = Number(expires);
    if (Number.isNaN(ms)) {
      const mend = "take a Date or milliseconds since 1970";
      throw refuse(cookie, "expires", expires, mend);
    }
    text += `; Expires=${formatHttpDate(ms)}`;
  }
  return text;
}

function formatDomain(cookie: SetCookie): string {
  const { domain } = cookie;
  if (domain === undefined) return "";
  const host = String(domain).replace(/^\./, "");
  if (host.length > MAX_DOMAIN_LENGTH) {
    throw tooLong("domain", host.length, MAX_DOMAIN_LENGTH);
  }
  if (!host.split(".").every((label) => LABEL.test(label))) {
    throw refuse(
      cookie,
      "the domain",
      domain,
      'take a name such as "example.com"',
    );
  }
  return `; Domain=${host}`;
}

function formatPath(cookie: SetCookie): string {
  const { path } = cookie;
  if (path === undefined) return "";
  if (!PATH.test(path)) {
    const mend = 'take a path from "/", without a semicolon';
    throw refuse(cookie, "the path", path, mend);
  }
  if (path.length > MAX_PATH_LENGTH) {
    throw tooLong("path", path.length, MAX_PATH_LENGTH);
  }
  return `; Path=${path}`;
}

/**
 * Writes the value of a `Set-Cookie` field (RFC 6265bis 4.1). Strict: whatever a
 * browser would drop in silence, or could read as another attribute, throws.
 *
 * Prefixed names are held to their rules: `__Secure-` needs `secure`, `__Host-`
 * also the path `/` and no domain, `__Http-` and `__Host-Http-` also `httpOnly`.
 *
 * @param cookie The cookie and its attributes; only those given are written.
 * @throws {TypeError} If the name, the value or an attribute cannot be sent, or
 * two of them contradict each other.
 * @throws {RangeError} If `maxAge` is negative, `expires` outside the years 0 to
 * 9999, or a part longer than browsers keep.
 *
 * @example Usage
 * ```ts
 * import { formatSetCookie } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatSetCookie({
 *     name: "__Host-sid",
 *     value: "31d4d96e",
 *     maxAge: 3600,
 *     path: "/",
 *     secure: true,
 *     httpOnly: true,
 *     sameSite: "Lax",
 *   }),
 *   "__Host-sid=31d4d96e; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax",
 * );
 * ```
 */
export function formatSetCookie(cookie: SetCookie): string {
  checkOptionNames("a cookie", cookie, NAMES);
  checkPair(cookie);
  checkPrefix(cookie);
  checkFlags(cookie);
  let text = `${cookie.name}=${cookie.value}`;
  text += formatLifetime(cookie) + formatDomain(cookie) + formatPath(cookie);
  if (cookie.secure) text += "; Secure";
  if (cookie.httpOnly) text += "; HttpOnly";
  if (cookie.sameSite !== undefined) text += `; SameSite=${cookie.sameSite}`;
  if (cookie.partitioned) text += "; Partitioned";
  if (cookie.priority !== undefined) text += `; Priority=${cookie.priority}`;
  return text;
}

/**
 * Writes the `Set-Cookie` value that makes a browser forget a cookie. It only
 * works with the domain, the path and the partitioning that the cookie was set
 * with.
 *
 * @param name The name of the cookie.
 * @param scope Where it was set.
 * @throws {TypeError} If the name or an attribute cannot be sent.
 *
 * @example Usage
 * ```ts
 * import { deleteCookie } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   deleteCookie("sid", { path: "/" }),
 *   "sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
 * );
 * ```
 */
export function deleteCookie(name: string, scope: CookieScope = {}): string {
  return formatSetCookie({ ...scope, name, value: "", maxAge: 0, expires: 0 });
}
