/** Reading and writing notes. */
import {
  created,
  evaluateConditions,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  noContent,
  ok,
  Router,
} from "@x/httpserver";
import { checkNote, checkQuery, writePlace } from "./checks.ts";
import { type SessionState, signedIn } from "./sessions.ts";
import type { Note, NoteStore, User } from "./store.ts";

function tagOf(note: Note): string {
  return `"${note.version}"`;
}

// The tag guards changes, and a compressed answer would get a weak one, which
// guards nothing: hence no-transform.
function fieldsOf(note: Note): Record<string, string> {
  return {
    "etag": tagOf(note),
    "cache-control": "private, no-cache, no-transform",
  };
}

const GONE = "There is no such note";
const CHANGED = "The note has been changed elsewhere meanwhile";

type Change = HttpRequest<{ id: string }, { user: User }>;

/** Changes a note, if it still is what the client has seen. */
async function change(
  request: Change,
  store: NoteStore,
): Promise<HttpResponse> {
  const { user } = request.state;
  const content = checkNote(await request.json());
  const note = store.findNote(user, request.params.id);
  if (note === null) throw new HttpError(404, GONE);
  if (!request.headers.has("if-match")) {
    throw new HttpError(428, 'Send the version you have seen as If-Match: "7"');
  }
  const etag = tagOf(note);
  const verdict = evaluateConditions("PUT", request.headers, { etag });
  if (verdict !== "proceed") throw new HttpError(412, CHANGED);
  const changed = store.changeNote(user, note, content);
  if (changed === null) throw new HttpError(412, CHANGED);
  return ok(changed, { headers: fieldsOf(changed) });
}

/** The routes of notes, for those who have signed in. */
export function noteRoutes(store: NoteStore): Router<SessionState> {
  const router = new Router<SessionState>();
  const routes = router.use(signedIn());

  routes.get("/", (request) => {
    const query = checkQuery(request.query);
    const page = store.listNotes(request.state.user, query);
    const last = page.hasMore ? page.notes.at(-1) : undefined;
    const next = last === undefined ? null : writePlace(last);
    return ok({ notes: page.notes, total: page.total, next });
  });

  routes.post("/", async (request) => {
    const content = checkNote(await request.json());
    const note = store.addNote(request.state.user, content);
    const location = `/api/notes/${note.id}`;
    return created(note, { location, headers: fieldsOf(note) });
  });

  routes.get("/:id", (request) => {
    const note = store.findNote(request.state.user, request.params.id);
    if (note === null) throw new HttpError(404, GONE);
    return ok(note, { headers: fieldsOf(note) });
  });

  routes.put("/:id", (request) => change(request, store));

  routes.delete("/:id", (request) => {
    const isGone = store.removeNote(request.state.user, request.params.id);
    if (!isGone) throw new HttpError(404, GONE);
    return noContent();
  });

  return router;
}
