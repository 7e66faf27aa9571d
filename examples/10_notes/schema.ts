/** The tables of the database, made if they are not there. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS secrets (
  name TEXT PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  password TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS sessions (
  key TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS notes (
  rowid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  pinned INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notes_in_order
  ON notes (user_id, pinned DESC, updated_at DESC, id DESC);

-- Accents make no difference to a search: "cafe" finds "café".
CREATE VIRTUAL TABLE IF NOT EXISTS notes_search USING fts5 (
  text, content = 'notes', content_rowid = 'rowid',
  tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER IF NOT EXISTS notes_added AFTER INSERT ON notes BEGIN
  INSERT INTO notes_search (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER IF NOT EXISTS notes_removed AFTER DELETE ON notes BEGIN
  INSERT INTO notes_search (notes_search, rowid, text)
    VALUES ('delete', old.rowid, old.text);
END;
CREATE TRIGGER IF NOT EXISTS notes_changed AFTER UPDATE OF text ON notes BEGIN
  INSERT INTO notes_search (notes_search, rowid, text)
    VALUES ('delete', old.rowid, old.text);
  INSERT INTO notes_search (rowid, text) VALUES (new.rowid, new.text);
END;
`;
