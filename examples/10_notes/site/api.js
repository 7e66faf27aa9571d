/** The API of the server, as functions. */

/** An answer that is no success, with what the problem details tell. */
export class ApiError extends Error {
  /** @param {number} status @param {Record<string, unknown>} problem */
  constructor(status, problem) {
    super(String(problem.detail ?? problem.title ?? "Something went wrong"));
    this.status = status;
    /** What is wrong with which field. */
    this.faults = new Map(
      (problem.errors ?? []).map(({ pointer, detail }) => [
        pointer.replace("#/", ""),
        detail,
      ]),
    );
  }
}

async function call(method, path, body, init = {}) {
  const headers = { accept: "application/json", ...init.headers };
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(`/api${path}`, {
    ...init,
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  const content = isJson ? await response.json() : {};
  if (response.ok) return content;
  throw new ApiError(response.status, content);
}

export const whoAmI = () => call("GET", "/session");
export const signIn = (who) => call("POST", "/session", who);
export const signUp = (who) => call("POST", "/account", who);
export const signOut = () => call("DELETE", "/session");

export function listNotes({ search, cursor, signal }) {
  const query = new URLSearchParams();
  if (search) query.set("q", search);
  if (cursor) query.set("cursor", cursor);
  return call("GET", `/notes?${query}`, undefined, { signal });
}

export const readNote = (id) => call("GET", `/notes/${id}`);
export const addNote = (content) => call("POST", "/notes", content);
export const removeNote = (id) => call("DELETE", `/notes/${id}`);

/** Refused with 412 if the note is no longer of the version that was seen. */
export function changeNote({ id, version }, content, init = {}) {
  const headers = { "if-match": `"${version}"` };
  return call("PUT", `/notes/${id}`, content, { ...init, headers });
}
