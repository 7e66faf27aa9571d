/**
 * What a listing is: of what was read, and as JSON.
 *
 * @module
 */

import type { EntryFacts } from "../source.ts";
import type { ListingOrder, ListingSort, ListingWish } from "./wish.ts";

/** A name and what is known of it. */
export interface ListedEntry extends EntryFacts {
  /** The name, as the source has it. */
  readonly name: string;
}

/** A directory that was read. */
export interface Listing {
  /** The path in the URL, decoded, with a slash at its end. */
  readonly path: string;
  /** How many directories it is below the one that `staticFiles` serves. */
  readonly depth: number;
  /** What was found, in the order that was asked for. */
  readonly entries: readonly ListedEntry[];
  /** How many entries there are at most, if there are more than that; else `null`. */
  readonly cutAt: number | null;
  /** What was asked for. */
  readonly wish: ListingWish;
}

/** An entry of a {@linkcode DirectoryListing}. */
export interface ListingEntry {
  /** The name, decoded. */
  readonly name: string;
  /** What it is, or leads to. */
  readonly type: "directory" | "file";
  /** Where it is, from the URL of the listing on: `"a%20b.txt"`, `"sub/"`. */
  readonly url: string;
  /** Length in bytes; `null` for directories, and where it is unknown. */
  readonly size: number | null;
  /** Time of the last change (RFC 3339, UTC); `null` where it is unknown. */
  readonly modified: string | null;
}

/**
 * A directory as JSON, as `staticFiles({ listing: true })` answers it to
 * `Accept: application/json` and to `?format=json`.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { type DirectoryListing, memorySource, staticFiles } from "@x/httpserver/handlers/static";
 * import { assertEquals } from "@std/assert";
 *
 * const source = memorySource({ "a.txt": "hello", "sub/b.txt": "b" });
 * const server = new HttpServer();
 * server.get("/files/*path", staticFiles({ source, listing: true }));
 *
 * const headers = { accept: "application/json" };
 * const response = await server.inject({ path: "/files/", headers });
 * const listing: DirectoryListing = await response.json();
 * assertEquals(listing.path, "/files/");
 * assertEquals(listing.entries, [
 *   { name: "sub", type: "directory", url: "sub/", size: null, modified: null },
 *   { name: "a.txt", type: "file", url: "a.txt", size: 5, modified: null },
 * ]);
 * ```
 */
export interface DirectoryListing {
  /** The path of the directory in the URL, decoded, with a slash at its end. */
  readonly path: string;
  /** By what the entries are sorted; directories always come first. */
  readonly sort: ListingSort;
  /** In which direction. */
  readonly order: ListingOrder;
  /** What was looked for in the names; empty for nothing. */
  readonly search: string;
  /** Whether there are more entries than these. */
  readonly truncated: boolean;
  /** The entries. */
  readonly entries: readonly ListingEntry[];
}

// What four digits of a year can tell; file systems hold times beyond, and one
// odd file must not spoil the page.
const FIRST_MS = Date.UTC(1, 0, 1);
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** A time to the second (RFC 3339, UTC); `null` if it is unknown or none. */
export function formatTime(ms: number | null): string | null {
  if (ms === null || !(ms >= FIRST_MS && ms <= LAST_MS)) return null;
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Where an entry is, from the URL of its directory on. */
export function entryUrl({ name, isDirectory }: ListedEntry): string {
  return encodeURIComponent(name) + (isDirectory ? "/" : "");
}

/** A listing as JSON. */
export function toDirectoryListing(listing: Listing): DirectoryListing {
  const { path, wish, cutAt, entries } = listing;
  return {
    path,
    sort: wish.sort,
    order: wish.order,
    search: wish.search,
    truncated: cutAt !== null,
    entries: entries.map((entry) => ({
      name: entry.name,
      type: entry.isDirectory ? "directory" : "file",
      url: entryUrl(entry),
      size: entry.isDirectory ? null : entry.size,
      modified: formatTime(entry.modified),
    })),
  };
}
