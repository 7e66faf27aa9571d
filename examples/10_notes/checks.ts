/** Checks of what clients send. What is wrong goes back as problem details. */
import { HttpError } from "@x/httpserver";
import type { Note, NoteContent, NoteQuery, Place } from "./store.ts";

/** Name and password of a user. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,31}$/u;
const LEAST_PASSWORD = 8;
const MOST_PASSWORD = 200;
const MOST_TEXT = 20_000;
const MOST_SEARCH = 200;
const PAGE = 30;
const MOST_NOTES = 100;

/** Collects what is wrong with the members of an object. */
class Faults {
  readonly #all: { pointer: string; detail: string }[] = [];

  /** Notes what is wrong with a member, unless it is right. */
  check(isRight: boolean, name: string, detail: string): void {
    if (!isRight) this.#all.push({ pointer: `#/${name}`, detail });
  }

  /** Throws if anything is wrong. The list has the form of RFC 9457 3. */
  end(): void {
    if (this.#all.length === 0) return;
    const detail = this.#all.map((fault) => fault.detail).join("; ");
    throw new HttpError(422, detail, { extensions: { errors: this.#all } });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { ...value };
  }
  throw new HttpError(422, "Send a JSON object");
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === "string" && value.length >= least &&
    value.length <= most;
}

// Of anything else the database would give back less, or another text.
function canBeKept(text: unknown): boolean {
  return typeof text !== "string" ||
    (text.isWellFormed() && !text.includes("\0"));
}

/** The name and the password of a new user. */
export function checkNewUser(value: unknown): Credentials {
  const { name, password } = asObject(value);
  const faults = new Faults();
  faults.check(
    typeof name === "string" && NAME.test(name),
    "name",
    "The name takes 2 to 32 letters, digits, dots and hyphens",
  );
  faults.check(
    isText(password, LEAST_PASSWORD, MOST_PASSWORD),
    "password",
    `The password takes ${LEAST_PASSWORD} to ${MOST_PASSWORD} characters`,
  );
  faults.end();
  return { name: String(name), password: String(password) };
}

/** The name and the password of somebody who signs in. */
export function checkCredentials(value: unknown): Credentials {
  const { name, password } = asObject(value);
  const faults = new Faults();
  faults.check(isText(name, 1, 200), "name", "The name is missing");
  faults.check(
    isText(password, 1, MOST_PASSWORD),
    "password",
    "The password is missing",
  );
  faults.end();
  return { name: String(name), password: String(password) };
}

/** What a note is to hold. */
export function checkNote(value: unknown): NoteContent {
  const { text, pinned = false, ...others } = asObject(value);
  const faults = new Faults();
  faults.check(
    isText(text, 0, MOST_TEXT),
    "text",
    `A note takes up to ${MOST_TEXT} characters`,
  );
  faults.check(
    canBeKept(text),
    "text",
    "A note takes no NUL and no half of a character",
  );
  faults.check(
    typeof pinned === "boolean",
    "pinned",
    "A note is pinned or not: take true or false",
  );
  for (const name of Object.keys(others)) {
    faults.check(false, name, `A note has no "${name}"`);
  }
  faults.end();
  return { text: String(text), pinned: pinned === true };
}

const PLACE = /^([01])\.(\d{1,15})\.([\da-f-]{36})$/;

function readPlace(cursor: string): Place {
  const [, pinned, updatedAt, id] = PLACE.exec(cursor) ?? [];
  if (id === undefined) throw new HttpError(400, "The cursor is not one");
  return { pinned: pinned === "1", updatedAt: Number(updatedAt), id };
}

/** The cursor for the page that goes on behind a note. */
export function writePlace({ pinned, updatedAt, id }: Note): string {
  return `${Number(pinned)}.${updatedAt}.${id}`;
}

/** Which notes a query asks for. */
export function checkQuery(query: URLSearchParams): NoteQuery {
  const search = query.get("q") ?? "";
  if (search.length > MOST_SEARCH) {
    throw new HttpError(400, `Search for ${MOST_SEARCH} characters at most`);
  }
  const limit = Number(query.get("limit") ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_NOTES) {
    throw new HttpError(400, `The limit goes from 1 to ${MOST_NOTES}`);
  }
  const cursor = query.get("cursor");
  return { search, limit, after: cursor === null ? null : readPlace(cursor) };
}
