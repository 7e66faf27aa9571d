/**
 * Sessions: a signed cookie holds a random token, the database whose it is, so
 * that signing out ends a session for good.
 */
import {
  type AnyRequest,
  deleteCookie,
  HttpError,
  type HttpResponse,
  type Middleware,
  type SignedCookies,
} from "@x/httpserver";
import type { NoteStore, User } from "./store.ts";

/** What {@linkcode Sessions.read} leaves for the handlers. */
export interface SessionState {
  /** Who has signed in, if anybody has. */
  user?: User;
}

const DAYS = 30;
const SECONDS = DAYS * 24 * 60 * 60;

/** The cookie; over TLS with a name that no subdomain can set. */
function cookieOf(request: AnyRequest) {
  return {
    name: request.secure ? "__Host-session" : "session",
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: request.secure,
  } as const;
}

/** Who reads the database must not be able to sign in with what is there. */
async function keyOf(token: string): Promise<string> {
  const bytes = new TextEncoder().encode(token);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toBase64();
}

/** Begins, reads and ends sessions. */
export class Sessions {
  readonly #store: NoteStore;
  readonly #cookies: SignedCookies;
  readonly #now: () => number;

  constructor(store: NoteStore, cookies: SignedCookies, now: () => number) {
    this.#store = store;
    this.#cookies = cookies;
    this.#now = now;
  }

  /** A middleware that tells the handlers behind it who has signed in. */
  read(): Middleware<SessionState> {
    const sessions = this as Sessions;
    return async function session(request, next) {
      const key = await sessions.#key(request);
      if (key !== null) request.state.user = sessions.#store.findSession(key);
      return next();
    };
  }

  async #key(request: AnyRequest): Promise<string | null> {
    const cookie = await this.#cookies.read(request, cookieOf(request).name);
    return cookie === null ? null : await keyOf(cookie.value);
  }

  /** Signs a user in: adds the cookie to the answer. */
  async begin(
    request: AnyRequest,
    user: User,
    response: HttpResponse,
  ): Promise<HttpResponse> {
    const token = crypto.getRandomValues(new Uint8Array(32))
      .toBase64({ alphabet: "base64url", omitPadding: true });
    const endsAt = this.#now() + SECONDS * 1000;
    this.#store.addSession(await keyOf(token), user, endsAt);
    const cookie = await this.#cookies.format({
      ...cookieOf(request),
      value: token,
      maxAge: SECONDS,
    });
    response.headers.append("Set-Cookie", cookie);
    return response;
  }

  /** Signs out: ends the session and takes the cookie away. */
  async end(
    request: AnyRequest,
    response: HttpResponse,
  ): Promise<HttpResponse> {
    const key = await this.#key(request);
    if (key !== null) this.#store.endSession(key);
    const { name, ...scope } = cookieOf(request);
    response.headers.append("Set-Cookie", deleteCookie(name, scope));
    return response;
  }
}

/** Makes a middleware that lets nobody through who has not signed in. */
export function signedIn(): Middleware<{ user: User }, SessionState> {
  return function signedIn(request, next) {
    if (request.state.user !== undefined) return next();
    throw new HttpError(401, "Sign in first", {
      headers: { "www-authenticate": 'Cookie realm="notes"' },
    });
  };
}
