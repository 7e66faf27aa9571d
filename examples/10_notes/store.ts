/**
 * What the application keeps, in one SQLite file: users, their sessions and
 * their notes. Every question about notes names the user whose they are, so
 * that nobody gets at those of another.
 */
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import { SCHEMA } from "./schema.ts";

/** Somebody who can sign in. */
export interface User {
  readonly id: string;
  readonly name: string;
}

/** A note as the API shows it; times in milliseconds since 1970. */
export interface Note {
  readonly id: string;
  readonly text: string;
  readonly pinned: boolean;
  /** Counts the changes; it makes the entity tag. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a user can write into a note. */
export type NoteContent = Pick<Note, "text" | "pinned">;

/** Where a page of notes goes on: behind this one, in the order of the list. */
export type Place = Pick<Note, "id" | "pinned" | "updatedAt">;

/** Which notes to list. */
export interface NoteQuery {
  /** Words that must be in them, or beginnings of words; empty for all notes. */
  readonly search: string;
  readonly after: Place | null;
  readonly limit: number;
}

/** A page of notes. */
export interface NotePage {
  readonly notes: readonly Note[];
  /** How many there are on all pages. */
  readonly total: number;
  readonly hasMore: boolean;
}

type Row = Record<string, SQLOutputValue>;
type Values = Record<string, SQLInputValue>;

const FOUND = `FROM notes WHERE user_id = :user AND (:words = '' OR rowid IN
  (SELECT rowid FROM notes_search WHERE notes_search MATCH :words))`;
const NEXT = `AND (:id IS NULL OR
  (pinned, updated_at, id) < (:pinned, :updated, :id))
  ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT :limit`;

function toNote(row: Row): Note {
  return {
    id: String(row.id),
    text: String(row.text),
    pinned: row.pinned === 1,
    version: Number(row.version),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

function toUser(row: Row | undefined): User | undefined {
  return row && { id: String(row.id), name: String(row.name) };
}

/**
 * Words as SQLite's full-text search takes them. Each is quoted, so that nothing
 * in it is an operator, and may go on: `note` finds "notes".
 */
function searchWords(text: string): string {
  const words = text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return words.map((word) => `"${word}"*`).join(" ");
}

/** The database. Its methods throw what SQLite throws. */
export class NoteStore implements Disposable {
  readonly #db: DatabaseSync;
  readonly #now: () => number;

  /** Opens a file, or `:memory:`, and makes the tables if there are none. */
  constructor(path: string, now: () => number = Date.now) {
    this.#now = now;
    this.#db = new DatabaseSync(path);
    // Another process may use the file as well, such as the one that takes over.
    this.#db.exec(`PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; ${SCHEMA}`);
  }

  #get(sql: string, values: Values): Row | undefined {
    return this.#db.prepare(sql).get(values);
  }

  #run(sql: string, values: Values): number {
    return Number(this.#db.prepare(sql).run(values).changes);
  }

  /** Throws unless the database answers. */
  check(): void {
    this.#get("SELECT count(*) FROM users WHERE id = :id", { id: "" });
  }

  /** The secret of this name, made at the first call and kept. */
  secret(name: string): Uint8Array {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    this.#run(
      "INSERT OR IGNORE INTO secrets (name, bytes) VALUES (:name, :bytes)",
      { name, bytes },
    );
    const row = this.#get("SELECT bytes FROM secrets WHERE name = :name", {
      name,
    });
    return row?.bytes instanceof Uint8Array ? row.bytes : bytes;
  }

  /** Adds a user; `null` if the name is taken, in whatever case. */
  addUser(name: string, password: string): User | null {
    const user = { id: crypto.randomUUID(), name };
    const added = this.#run(
      `INSERT OR IGNORE INTO users (id, name, password, created_at)
      VALUES (:id, :name, :password, :now)`,
      { ...user, password, now: this.#now() },
    );
    return added === 0 ? null : user;
  }

  /** The user of this name and what their password is checked by. */
  findUser(name: string): { user: User; password: string } | undefined {
    const row = this.#get(
      "SELECT id, name, password FROM users WHERE name = :name",
      { name },
    );
    const user = toUser(row);
    return user && { user, password: String(row?.password) };
  }

  /** Begins a session, and forgets those that are over. */
  addSession(key: string, user: User, endsAt: number): void {
    this.#run("DELETE FROM sessions WHERE ends_at <= :now", {
      now: this.#now(),
    });
    this.#run(
      "INSERT INTO sessions (key, user_id, ends_at) VALUES (:key, :id, :endsAt)",
      { key, id: user.id, endsAt },
    );
  }

  /** Whose session this is; `undefined` if it is over or never was. */
  findSession(key: string): User | undefined {
    return toUser(this.#get(
      `SELECT users.id, users.name FROM sessions
      JOIN users ON users.id = sessions.user_id
      WHERE key = :key AND ends_at > :now`,
      { key, now: this.#now() },
    ));
  }

  /** Ends a session. */
  endSession(key: string): void {
    this.#run("DELETE FROM sessions WHERE key = :key", { key });
  }

  /** A page of a user's notes: pinned ones first, then the latest. */
  listNotes(user: User, { search, after, limit }: NoteQuery): NotePage {
    const words = searchWords(search);
    // A search without a word, such as for "?!", finds nothing.
    if (words === "" && search.trim() !== "") {
      return { notes: [], total: 0, hasMore: false };
    }
    const found = { user: user.id, words };
    const rows = this.#db.prepare(`SELECT * ${FOUND} ${NEXT}`).all({
      ...found,
      id: after?.id ?? null,
      pinned: Number(after?.pinned ?? 0),
      updated: after?.updatedAt ?? 0,
      limit: limit + 1,
    });
    return {
      notes: rows.slice(0, limit).map(toNote),
      total: Number(this.#get(`SELECT count(*) AS n ${FOUND}`, found)?.n),
      hasMore: rows.length > limit,
    };
  }

  /** A note of this user; `null` if there is none of that id. */
  findNote(user: User, id: string): Note | null {
    const sql = "SELECT * FROM notes WHERE id = :id AND user_id = :user";
    const row = this.#get(sql, { id, user: user.id });
    return row === undefined ? null : toNote(row);
  }

  /** Adds a note. */
  addNote(user: User, { text, pinned }: NoteContent): Note {
    const now = this.#now();
    const note: Note = {
      id: crypto.randomUUID(),
      ...{ text, pinned, version: 1, createdAt: now, updatedAt: now },
    };
    this.#run(
      `INSERT INTO notes (id, user_id, text, pinned, created_at, updated_at)
      VALUES (:id, :user, :text, :pinned, :now, :now)`,
      { id: note.id, user: user.id, text, pinned: Number(pinned), now },
    );
    return note;
  }

  /**
   * Changes a note if it still is of this version; `null` if it is not, or is
   * not there.
   */
  changeNote(user: User, note: Note, content: NoteContent): Note | null {
    const row = this.#get(
      `UPDATE notes SET text = :text, pinned = :pinned, updated_at = :now,
      version = version + 1
      WHERE id = :id AND user_id = :user AND version = :version RETURNING *`,
      {
        text: content.text,
        pinned: Number(content.pinned),
        now: this.#now(),
        id: note.id,
        user: user.id,
        version: note.version,
      },
    );
    return row === undefined ? null : toNote(row);
  }

  /** Removes a note; false if there was none. */
  removeNote(user: User, id: string): boolean {
    const sql = "DELETE FROM notes WHERE id = :id AND user_id = :user";
    return this.#run(sql, { id, user: user.id }) > 0;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#db.close();
  }
}
