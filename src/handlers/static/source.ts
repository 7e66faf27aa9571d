/**
 * {@linkcode FileSource}: where `staticFiles` takes its files from.
 *
 * @module
 */

/** An open file of a {@linkcode FileSource}. */
export interface SourceFile {
  /** Length in bytes. */
  readonly size: number;
  /**
   * Time of the last change in milliseconds since 1970; `null` if it is unknown:
   * there is no `Last-Modified` then, and the entity tag is a hash of the content.
   */
  readonly modified: number | null;
  /**
   * Names this content: another one has another name, whatever its path. By it
   * the hash of a content is kept. `null` if there is no such name.
   */
  readonly version: string | null;
  /** The whole content where it is at hand, never to be changed; else `null`. */
  readonly bytes: Uint8Array | null;
  /**
   * Reads at most as much as fits into `into` from `position` on, at once or
   * later; 0 at the end. Not called while a read is under way.
   */
  read(into: Uint8Array, position: number): number | Promise<number>;
  /** Frees what the file holds; also while a read is under way, and twice. */
  close(): void;
}

/** What a listing tells of an entry of a {@linkcode SourceDirectory}. */
export interface EntryFacts {
  /** Whether it is a directory. */
  readonly isDirectory: boolean;
  /** Length in bytes; `null` if it is unknown, and for directories. */
  readonly size: number | null;
  /** Time of the last change in milliseconds since 1970; `null` if unknown. */
  readonly modified: number | null;
}

/** An open directory of a {@linkcode FileSource}. */
export interface SourceDirectory {
  /** The names of what is in it, in any order; hidden ones are left out later. */
  readonly names: Iterable<string>;
  /**
   * Tells of one of the names, at once or later; `null` for what is not there or
   * must not be served. Up to 16 calls are under way at a time.
   */
  describe(name: string): EntryFacts | null | Promise<EntryFacts | null>;
  /** Frees what the directory holds; nothing is under way then. */
  close(): void;
}

/** What a {@linkcode FileSource} has at a path; `null` for nothing. */
export type SourceEntry = SourceFile | "directory" | null;

/**
 * A tree of files: a directory of the disk, a map in memory, or whatever you
 * make one of.
 *
 * @example A source that takes files from somewhere else
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { type FileSource, memorySource, staticFiles } from "@x/httpserver/handlers/static";
 * import { assertEquals } from "@std/assert";
 *
 * const before = memorySource({ "a.txt": "old", "b.txt": "old" });
 * const now = memorySource({ "a.txt": "new" });
 * const layered: FileSource = {
 *   async open(path) {
 *     return await now.open(path) ?? await before.open(path);
 *   },
 * };
 * const server = new HttpServer().get("/*path", staticFiles({ source: layered }));
 * assertEquals(await (await server.inject({ path: "/a.txt" })).text(), "new");
 * assertEquals(await (await server.inject({ path: "/b.txt" })).text(), "old");
 * ```
 */
export interface FileSource {
  /**
   * Opens a file; whoever gets it closes it.
   *
   * @param path Segments joined by `/`, without one in front or at the end, empty
   * for the root: decoded, and free of dot segments, NUL and backslashes.
   * @returns The file, at once or later; `"directory"` for a directory; `null` for
   * what is not there or must not be served.
   */
  open(path: string): SourceEntry | Promise<SourceEntry>;
  /**
   * A file that {@linkcode FileSource.open} would give at once, with its bytes at
   * hand; `null` for any other. What it answers takes a third of the time less.
   *
   * @param path A path as {@linkcode FileSource.open} takes it.
   */
  held?(path: string): SourceFile | null;
  /**
   * Opens a directory to list it, for the option `listing`; whoever gets it closes
   * it. A source without this method cannot be listed.
   *
   * @param path A path as {@linkcode FileSource.open} takes it.
   * @returns The directory, at once or later; `null` for what is none or must not
   * be listed.
   */
  openDirectory?(
    path: string,
  ): SourceDirectory | null | Promise<SourceDirectory | null>;
}
