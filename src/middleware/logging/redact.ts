/**
 * {@linkcode Redaction}: what must not get into a log.
 *
 * @module
 */

/** Stands for a value that is not logged. */
export const REDACTED = "[redacted]";

// Whoever reads a log must not be able to act for the users in it.
const SECRET_HEADERS = [
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
];

// Parameters that carry secrets by custom or by a standard (RFC 6749, RFC 6750).
const SECRET_PARAMETERS = [
  "access_token",
  "api_key",
  "apikey",
  "client_secret",
  "code",
  "id_token",
  "passwd",
  "password",
  "refresh_token",
  "secret",
  "sig",
  "signature",
  "token",
];

function parameterName(pair: string): string {
  const end = pair.indexOf("=");
  const name = (end < 0 ? pair : pair.slice(0, end)).replaceAll("+", " ");
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** Names whose values are masked, compared without case. */
export class Redaction {
  /** The names that the application gave, in lower case. */
  readonly own: ReadonlySet<string>;
  readonly #headers: ReadonlySet<string>;
  readonly #parameters: ReadonlySet<string>;

  /** Masks these names besides those that are always masked. */
  constructor(names: readonly string[]) {
    const own = names.map((name) => name.toLowerCase());
    this.own = new Set(own);
    this.#headers = new Set([...SECRET_HEADERS, ...own]);
    this.#parameters = new Set([...SECRET_PARAMETERS, ...own]);
  }

  /** The value of a header by its name in lower case, or the mask. */
  header(key: string, value: string): string {
    return this.#headers.has(key) ? REDACTED : value;
  }

  /** A query, undecoded, with the values of some parameters masked. */
  query(query: string): string {
    if (query === "") return query;
    return query.split("&").map((pair) =>
      this.#parameters.has(parameterName(pair))
        ? `${pair.split("=", 1)[0]}=${REDACTED}`
        : pair
    ).join("&");
  }

  /** A `Referer`: its query is masked as the request's own, or left out. */
  referer(url: string, withQuery: boolean): string {
    const fragment = url.indexOf("#");
    const bare = fragment < 0 ? url : url.slice(0, fragment);
    const at = bare.indexOf("?");
    if (at < 0) return bare;
    return withQuery
      ? `${bare.slice(0, at)}?${this.query(bare.slice(at + 1))}`
      : bare.slice(0, at);
  }

  /** A value by its name, however deep, for `JSON.stringify`. */
  readonly replace = (key: string, value: unknown): unknown =>
    this.own.has(key.toLowerCase())
      ? REDACTED
      : typeof value === "bigint"
      ? `${value}`
      : value;
}
