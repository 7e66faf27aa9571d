/**
 * {@linkcode bearerAuth}: tokens, by the Bearer scheme.
 *
 * @example One token
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { bearerAuth } from "@x/httpserver/middleware/bearer-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(bearerAuth({ tokens: "demo-token" })).get("/", () => ok("welcome"));
 * const headers = { authorization: "Bearer demo-token" };
 * assertEquals((await server.inject({ headers })).status, 200);
 * assertEquals((await server.inject({})).status, 401);
 * ```
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { HandlerResult, Middleware, Next } from "../http/handler.ts";
import { HeaderList } from "../http/headers.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { describeValue, isThenable } from "../http/values.ts";
import {
  challengeOf,
  credentialsOf,
  exactlyOne,
  SecretDigest,
} from "./authorization.ts";

/** What {@linkcode bearerAuth} adds to the state of a request. */
export interface BearerAuthState {
  /** The token that was accepted. */
  token: string;
}

/** What {@linkcode bearerAuth} with `verify` adds to the state of a request. */
export interface BearerUserState<User> extends BearerAuthState {
  /** What `verify` has told about the token. */
  user: User;
}

/** What `verify` tells: a user of any kind, or `null` or `false` for nobody. */
export type TokenVerdict<User> = User | null | false;

/** Finds out whose a token is. */
export type TokenVerifier<User> = (
  token: string,
  request: AnyRequest,
) => TokenVerdict<User> | Promise<TokenVerdict<User>>;

/** Options of {@linkcode bearerAuth} that do not depend on how tokens are checked. */
export interface BearerCommonOptions {
  /** The part of the site that is protected. @default {"restricted"} */
  realm?: string;
  /**
   * What a token must be good for, told to clients (RFC 6750 3).
   *
   * @default {undefined} not told
   */
  scope?: string;
}

/** Options of {@linkcode bearerAuth} for tokens that are known. */
export interface BearerTokensOptions extends BearerCommonOptions {
  /** The token, or several; compared in constant time. */
  tokens: string | readonly string[];
}

/** Options of {@linkcode bearerAuth} for tokens that have to be looked up. */
export interface BearerVerifyOptions<User> extends BearerCommonOptions {
  /**
   * Checks a token, such as its signature, and tells whose it is. For a token
   * that is good, but not for this, it throws an `HttpError` of 403. It is asked
   * with whatever a client has sent.
   */
  verify: TokenVerifier<User>;
}

// b64token of RFC 6750 2.1.
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const SCOPE = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;

function tokenTable(tokens: string | readonly string[]): TokenVerifier<true> {
  const list: readonly unknown[] = typeof tokens === "string"
    ? [tokens]
    : tokens;
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(
      `Cannot use ${
        describeValue(tokens)
      } as "tokens" of bearerAuth: take a token or a list of them`,
    );
  }
  const digests = list.map((token) => {
    if (typeof token === "string" && TOKEN.test(token)) {
      return new SecretDigest(token);
    }
    // Not the token itself: messages end up in logs.
    throw new TypeError(
      "Cannot use a token of bearerAuth: take letters, digits and -._~+/, " +
        "with equals signs at the end only",
    );
  });
  return function isKnown(token) {
    const digest = digests[0].digestOf(token);
    let found = false;
    // All of them, so that the time does not tell which.
    for (const one of digests) found = one.equals(digest) || found;
    return found;
  };
}

function resolveVerifier(
  options: BearerTokensOptions | BearerVerifyOptions<unknown>,
): TokenVerifier<unknown> {
  exactlyOne("bearerAuth", ["tokens", "verify"], { ...options });
  if ("tokens" in options && options.tokens !== undefined) {
    return tokenTable(options.tokens);
  }
  const { verify } = options as BearerVerifyOptions<unknown>;
  if (typeof verify === "function") return verify;
  throw new TypeError(
    `Cannot use ${
      describeValue(verify)
    } as "verify" of bearerAuth: take a function`,
  );
}

function scopePart(scope: string | undefined): string {
  if (scope === undefined) return "";
  if (typeof scope === "string" && SCOPE.test(scope)) {
    return `, scope="${scope}"`;
  }
  throw new TypeError(
    `Cannot use ${
      describeValue(scope)
    } as "scope" of bearerAuth: take words with a space between`,
  );
}

/** Refusals, each with what RFC 6750 3.1 says of it in the challenge. */
class Refusals {
  readonly #realm: string;
  readonly #scope: string;

  constructor(options: BearerCommonOptions) {
    this.#realm = challengeOf("Bearer", options.realm ?? "restricted");
    this.#scope = scopePart(options.scope);
  }

  #error(status: number, message: string, code: string): HttpError {
    const headers = { "www-authenticate": this.#challenge(code) };
    return new HttpError(status, message, { headers });
  }

  #challenge(code: string): string {
    const error = code === "" ? "" : `, error="${code}"`;
    return `${this.#realm}${this.#scope}${error}`;
  }

  missing(): HttpError {
    return this.#error(401, "A bearer token is needed", "");
  }

  malformed(): HttpError {
    return this.#error(400, "The bearer token is malformed", "invalid_request");
  }

  invalid(): HttpError {
    return this.#error(401, "The bearer token is invalid", "invalid_token");
  }

  /** The error of `verify`, with the challenge that a 401 or 403 lacks. */
  fromVerify(error: unknown): unknown {
    if (!(error instanceof HttpError)) return error;
    const { status, message, type, extensions } = error;
    if (status !== 401 && status !== 403) return error;
    const headers = new HeaderList(error.headers);
    if (headers.has("www-authenticate")) return error;
    const code = status === 401 ? "invalid_token" : "insufficient_scope";
    headers.set("WWW-Authenticate", this.#challenge(code));
    const options = { headers, type, extensions, cause: error };
    return new HttpError(status, message, options);
  }
}

/**
 * Makes a middleware that lets only requests with a good token through
 * (RFC 6750), taken from `Authorization` alone, never from the URL or the
 * content. Refused are:
 *
 * | what came | status | error in `WWW-Authenticate` |
 * | --- | --- | --- |
 * | no token, or another scheme | 401 | none |
 * | what is no token | 400 | `invalid_request` |
 * | a token that is not known, or `verify` says no | 401 | `invalid_token` |
 * | `verify` throws an `HttpError` of 403 | 403 | `insufficient_scope` |
 *
 * It reads `Authorization`; sets `request.state.token` and, from `verify`,
 * `request.state.user`. Its place: after `logging` and `cors`, before whatever
 * needs to know the user.
 *
 * @throws {TypeError} If neither or both of `tokens` and `verify` are given, a
 * token, the realm or the scope is malformed, or an option is unknown.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { bearerAuth } from "@x/httpserver/middleware/bearer-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const users = new Map([["abc123", { name: "Ada" }]]);
 * const server = new HttpServer()
 *   .use(bearerAuth({ verify: (token) => users.get(token) ?? null }))
 *   .get("/me", (request) => ok(request.state.user.name));
 *
 * async function ask(authorization: string): Promise<number> {
 *   const request = { path: "/me", headers: { authorization } };
 *   return (await server.inject(request)).status;
 * }
 * assertEquals(await ask("Bearer abc123"), 200);
 * assertEquals(await ask("Bearer guess"), 401);
 * assertEquals(await ask("Bearer a b"), 400);
 * ```
 */
export function bearerAuth(
  options: BearerTokensOptions,
): Middleware<BearerAuthState>;
/** The same, with the user that `verify` finds in the state. */
export function bearerAuth<User>(
  options: BearerVerifyOptions<User>,
): Middleware<BearerUserState<User>>;
export function bearerAuth(
  options: BearerTokensOptions | BearerVerifyOptions<unknown>,
): Middleware<BearerUserState<unknown>> {
  const known = ["tokens", "verify", "realm", "scope"];
  checkOptionNames("bearerAuth", options, known);
  const verify = resolveVerifier(options);
  const refusals = new Refusals(options);
  const hasUser = "verify" in options;

  function admit(
    state: Partial<BearerUserState<unknown>>,
    token: string,
    user: unknown,
    next: Next,
  ): HandlerResult {
    if (user === null || user === undefined || user === false) {
      throw refusals.invalid();
    }
    state.token = token;
    if (hasUser) state.user = user;
    return next();
  }

  function ask(token: string, request: AnyRequest): unknown {
    try {
      return verify(token, request);
    } catch (error) {
      throw refusals.fromVerify(error);
    }
  }

  async function admitLater(
    verdict: PromiseLike<unknown>,
    state: Partial<BearerUserState<unknown>>,
    token: string,
    next: Next,
  ): Promise<Awaited<HandlerResult>> {
    let user: unknown;
    try {
      user = await verdict;
    } catch (error) {
      throw refusals.fromVerify(error);
    }
    return admit(state, token, user, next);
  }

  return function bearerAuth(request, next) {
    const token = credentialsOf(request.header("authorization"), "bearer");
    if (token === null) throw refusals.missing();
    if (!TOKEN.test(token)) throw refusals.malformed();
    const verdict = ask(token, request);
    return isThenable(verdict)
      ? admitLater(verdict, request.state, token, next)
      : admit(request.state, token, verdict, next);
  };
}
