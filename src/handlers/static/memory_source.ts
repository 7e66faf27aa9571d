/**
 * {@linkcode memorySource}: files that are held in memory.
 *
 * @module
 */

import { describeValue } from "../../http/values.ts";
import { HeldFile } from "./held_file.ts";
import type {
  EntryFacts,
  FileSource,
  SourceDirectory,
  SourceEntry,
  SourceFile,
} from "./source.ts";

/** Contents by path, as {@linkcode memorySource} takes them. */
export type MemoryFiles =
  | Iterable<readonly [path: string, content: string | Uint8Array]>
  | Readonly<Record<string, string | Uint8Array>>;

/** Options of {@linkcode memorySource}. */
export interface MemorySourceOptions {
  /**
   * When all of the files last changed, such as the time of the build, for
   * `Last-Modified`.
   *
   * @default {undefined} unknown: entity tags alone, made of the contents
   */
  modified?: Date;
}

function checkPath(path: string): string {
  const segments = path.replace(/^\//, "").split("/");
  const isPath = segments.every((segment) =>
    segment !== "" && segment !== "." && segment !== ".." &&
    !/[\\\0]/.test(segment)
  );
  if (isPath) return segments.join("/");
  throw new TypeError(
    `Cannot hold a file at ${describeValue(path)}: take a path below the root`,
  );
}

function checkContent(path: string, content: unknown): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return content;
  throw new TypeError(
    `Cannot hold ${
      describeValue(content)
    } as the file "${path}": take text or a Uint8Array`,
  );
}

function checkModified(modified: Date | undefined): number | null {
  if (modified === undefined) return null;
  const ms = modified instanceof Date ? modified.getTime() : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new TypeError(
    `Cannot use ${
      describeValue(modified)
    } as "modified" of memorySource: take a Date`,
  );
}

/**
 * Makes a {@linkcode FileSource} of contents in memory: needs no permission to
 * read files, and works on Deno Deploy. What is given is taken over as it is now:
 * paths that are added to a map later are not seen, and bytes must not be changed.
 *
 * @param files Contents by path; a slash in front of a path does not count.
 * @throws {TypeError} If a path has dot segments, empty ones, NUL or backslashes,
 * a file stands where a directory is, or a content is neither text nor bytes.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { memorySource, staticFiles } from "@x/httpserver/handlers/static";
 * import { assertEquals } from "@std/assert";
 *
 * const source = memorySource(new Map([["index.html", "<h1>Hello</h1>"]]));
 * const server = new HttpServer().get("/*path", staticFiles({ source }));
 * const response = await server.inject({ path: "/" });
 * assertEquals(await response.text(), "<h1>Hello</h1>");
 * ```
 */
export function memorySource(
  files: MemoryFiles,
  options: MemorySourceOptions = {},
): FileSource {
  const modified = checkModified(options.modified);
  // A map, so that "__proto__" and its like are names as any other.
  const entries = new Map<string, SourceEntry>([["", "directory"]]);
  const pairs = Symbol.iterator in files ? files : Object.entries(files);
  for (const [name, content] of pairs) {
    const path = checkPath(name);
    const file = new HeldFile(checkContent(path, content), modified);
    addDirectories(entries, path);
    if (entries.get(path) === "directory") throw clash(path);
    entries.set(path, file);
  }
  const tree = new MemoryTree(entries);
  const source: FileSource = {
    open: (path) => entries.get(path) ?? null,
    openDirectory: (path) => tree.open(path),
  };
  function held(path: string): SourceFile | null {
    const entry = entries.get(path) ?? null;
    return entry === "directory" ? null : entry;
  }
  // A copy with an "open" of its own must not be passed by.
  return Object.defineProperty(source, "held", { value: held });
}

function factsOf(entry: SourceEntry): EntryFacts | null {
  if (entry === null) return null;
  return entry === "directory"
    ? { isDirectory: true, size: null, modified: null }
    : { isDirectory: false, size: entry.size, modified: entry.modified };
}

/** The entries by directory, sorted into them when the first is listed. */
class MemoryTree {
  readonly #entries: ReadonlyMap<string, SourceEntry>;
  #names: Map<string, string[]> | null = null;

  constructor(entries: ReadonlyMap<string, SourceEntry>) {
    this.#entries = entries;
  }

  open(path: string): SourceDirectory | null {
    this.#names ??= this.#sort();
    const names = this.#names.get(path);
    if (names === undefined) return null;
    const prefix = path === "" ? "" : `${path}/`;
    return {
      names,
      describe: (name) => factsOf(this.#entries.get(prefix + name) ?? null),
      close() {},
    };
  }

  #sort(): Map<string, string[]> {
    const names = new Map<string, string[]>();
    for (const [path, entry] of this.#entries) {
      if (entry === "directory") names.set(path, []);
    }
    for (const path of this.#entries.keys()) {
      if (path === "") continue;
      const slash = path.lastIndexOf("/");
      const directory = slash < 0 ? "" : path.slice(0, slash);
      names.get(directory)?.push(path.slice(slash + 1));
    }
    return names;
  }
}

function addDirectories(
  entries: Map<string, SourceEntry>,
  path: string,
): void {
  let slash = path.indexOf("/");
  for (; slash > 0; slash = path.indexOf("/", slash + 1)) {
    const directory = path.slice(0, slash);
    const entry = entries.get(directory) ?? null;
    if (entry !== null && entry !== "directory") throw clash(directory);
    entries.set(directory, "directory");
  }
}

function clash(path: string): TypeError {
  return new TypeError(
    `Cannot hold both a file and a directory at "${path}": rename one of the two`,
  );
}
