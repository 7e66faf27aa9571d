/** Signing up, in and out. */
import {
  created,
  HttpError,
  type Middleware,
  noContent,
  ok,
  Router,
} from "@x/httpserver";
import { checkCredentials, checkNewUser } from "./checks.ts";
import type { Passwords } from "./passwords.ts";
import type { Sessions, SessionState } from "./sessions.ts";
import type { NoteStore, User } from "./store.ts";

/** What the routes work with. */
export interface AccountTools {
  readonly store: NoteStore;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  /** Bounds how often somebody may try. */
  readonly limit: Middleware;
}

function show(user: User | undefined) {
  return { user: user === undefined ? null : { name: user.name } };
}

/** The routes of accounts and sessions. */
export function accountRoutes(
  { store, passwords, sessions, limit }: AccountTools,
): Router<SessionState> {
  const routes = new Router<SessionState>();

  routes.post("/account", limit, async (request) => {
    const { name, password } = checkNewUser(await request.json());
    const user = store.addUser(name, await passwords.hash(password));
    if (user === null) throw new HttpError(409, "This name is taken");
    const location = "/api/session";
    return sessions.begin(request, user, created(show(user), { location }));
  });

  routes.get("/session", (request) => ok(show(request.state.user)));

  routes.post("/session", limit, async (request) => {
    const { name, password } = checkCredentials(await request.json());
    const found = store.findUser(name);
    const isRight = await passwords.verify(password, found?.password);
    if (found === undefined || !isRight) {
      throw new HttpError(401, "Name or password is wrong", {
        headers: { "www-authenticate": 'Cookie realm="notes"' },
      });
    }
    return sessions.begin(request, found.user, ok(show(found.user)));
  });

  routes.delete("/session", (request) => sessions.end(request, noContent()));

  return routes;
}
