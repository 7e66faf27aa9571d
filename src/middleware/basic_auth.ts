/**
 * {@linkcode basicAuth}: users with passwords, by the Basic scheme.
 *
 * @example A page for one user
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { basicAuth } from "@x/httpserver/middleware/basic-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use("/admin", basicAuth({ users: { ada: "lovelace" } }));
 * server.get("/admin", () => ok("welcome"));
 * assertEquals((await server.inject({ path: "/admin" })).status, 401);
 * ```
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";
import {
  challengeOf,
  credentialsOf,
  exactlyOne,
  SecretDigest,
} from "./authorization.ts";

/** What {@linkcode basicAuth} adds to the state of a request. */
export interface BasicAuthState {
  /** The name of the user who has given the right password. */
  user: string;
}

/** Tells whether a user may come in with a password: only `true` lets in. */
export type PasswordVerifier = (
  user: string,
  password: string,
  request: AnyRequest,
) => boolean | Promise<boolean>;

/** Options of {@linkcode basicAuth}: either `users` or `verify`. */
export interface BasicAuthOptions {
  /** Passwords by user. They are compared in constant time. */
  users?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /**
   * Checks a user and a password, such as against a slow hash in a database. It
   * is asked with whatever a client has sent.
   */
  verify?: PasswordVerifier;
  /** What the users are asked for, shown by browsers. @default {"restricted"} */
  realm?: string;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
// RFC 7617 2: neither has control characters.
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** User and password, in the form of Unicode that they are compared in. */
type UserPass = readonly [user: string, password: string];

function readUserPass(credentials: string): UserPass | null {
  if (!BASE64.test(credentials)) return null;
  let text: string;
  try {
    const bytes = Uint8Array.from(atob(credentials), (c) => c.charCodeAt(0));
    text = UTF8.decode(bytes).normalize("NFC");
  } catch {
    return null;
  }
  const colon = text.indexOf(":");
  if (colon < 0 || CONTROL.test(text)) return null;
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function checkUser(user: string, password: unknown): void {
  const isUser = user !== "" && !user.includes(":") && !CONTROL.test(user);
  if (!isUser) {
    throw new TypeError(
      `Cannot use ${
        describeValue(user)
      } as a user of basicAuth: take a name without a colon or a control character`,
    );
  }
  // Mostly a variable of the environment that is not set.
  if (
    typeof password !== "string" || password === "" || CONTROL.test(password)
  ) {
    throw new TypeError(
      `Cannot use the password of ${describeValue(user)}: take a text ` +
        "that is not empty and has no control character",
    );
  }
}

function passwordTable(
  users: NonNullable<BasicAuthOptions["users"]>,
): PasswordVerifier {
  const digests = new Map<string, SecretDigest>();
  const entries = users instanceof Map ? users : Object.entries(users);
  for (const [user, password] of entries) {
    checkUser(user, password);
    digests.set(
      user.normalize("NFC"),
      new SecretDigest(password.normalize("NFC")),
    );
  }
  if (digests.size === 0) {
    throw new TypeError(
      'Cannot make basicAuth without a user: give "users" a name and its password',
    );
  }
  // Nobody's, so that a name that is not there takes as long as one that is.
  const nobody = new SecretDigest(crypto.randomUUID());
  return function isKnown(user, password) {
    const found = digests.get(user);
    const expected = found ?? nobody;
    const isRight = expected.equals(expected.digestOf(password));
    return isRight && found !== undefined;
  };
}

function resolveVerifier(options: BasicAuthOptions): PasswordVerifier {
  exactlyOne("basicAuth", ["users", "verify"], { ...options });
  const { users, verify } = options;
  const isTable = typeof users === "object" && users !== null;
  if (isTable && !Array.isArray(users)) return passwordTable(users);
  if (typeof verify === "function") return verify;
  throw new TypeError(
    verify === undefined
      ? `Cannot use ${
        describeValue(users)
      } as "users" of basicAuth: take passwords by name, such as { ada: "secret" }`
      : `Cannot use ${
        describeValue(verify)
      } as "verify" of basicAuth: take a function`,
  );
}

/**
 * Makes a middleware that lets only users with the right password through
 * (RFC 7617). Others are answered 401 with a challenge, at which browsers ask
 * for both. Names and passwords are UTF-8, compared in normal form C.
 *
 * It reads `Authorization`; sets `request.state.user`. Its place: after
 * `logging` and `cors`, before whatever needs to know the user. Passwords are
 * sent as they are: only over TLS.
 *
 * @throws {TypeError} If neither or both of `users` and `verify` are given, a
 * user or a password is malformed or empty, or an option is unknown.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { basicAuth } from "@x/httpserver/middleware/basic-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(basicAuth({ users: { ada: "lovelace" }, realm: "staff" }))
 *   .get("/", (request) => ok(`hello ${request.state.user}`));
 * const stranger = await server.inject({ path: "/" });
 * assertEquals(stranger.status, 401);
 * assertEquals(
 *   stranger.header("www-authenticate"),
 *   'Basic realm="staff", charset="UTF-8"',
 * );
 * const response = await server.inject({
 *   path: "/",
 *   headers: { authorization: `Basic ${btoa("ada:lovelace")}` },
 * });
 * assertEquals(await response.text(), "hello ada");
 * ```
 */
export function basicAuth(
  options: BasicAuthOptions,
): Middleware<BasicAuthState> {
  checkOptionNames("basicAuth", options, ["users", "verify", "realm"]);
  const verify = resolveVerifier(options);
  const realm = challengeOf("Basic", options.realm ?? "restricted");
  const headers = { "www-authenticate": `${realm}, charset="UTF-8"` };

  function checkVerdict(verdict: boolean): void {
    if (verdict !== true) {
      throw new HttpError(401, "The user or the password is wrong", {
        headers,
      });
    }
  }

  return function basicAuth(request, next) {
    const credentials = credentialsOf(request.header("authorization"), "basic");
    const pair = credentials === null ? null : readUserPass(credentials);
    if (pair === null) {
      throw new HttpError(401, "A user and a password are needed", { headers });
    }
    const [user, password] = pair;
    const verdict = verify(user, password, request);
    function admit(verdict: boolean): HttpResponse | Promise<HttpResponse> {
      checkVerdict(verdict);
      request.state.user = user;
      return next();
    }
    return verdict instanceof Promise ? verdict.then(admit) : admit(verdict);
  };
}
