/**
 * From a path to an open file: the file itself, the index of a directory, the
 * page of a clean URL; or to a directory that is listed.
 *
 * @module
 */

import { basename } from "@std/path/posix";
import type { AnyRequest } from "../../http/request.ts";
import type { Settings } from "./settings.ts";
import type { FileSource, SourceEntry, SourceFile } from "./source.ts";
import { settled, type Steps } from "./steps.ts";
import {
  directoryLocation,
  type FileTarget,
  indexLocation,
  pageLocation,
  splitPath,
} from "./target.ts";

/** An open file and where it is; whoever takes it closes it. */
export interface FoundFile {
  /** The path below the root. */
  readonly path: string;
  /** The file. */
  readonly file: SourceFile;
}

/** What a request leads to: a file, another location, a list, nothing. */
export type Located =
  | FoundFile
  | { readonly location: string }
  | { readonly directory: string }
  | null;

type LocatorSettings = Pick<
  Settings,
  "index" | "listing" | "cleanUrls" | "dotfiles"
>;

const PAGE = ".html";

/** The file of an entry; `null` for what is none. */
function fileOf(entry: SourceEntry): SourceFile | null {
  return entry === "directory" ? null : entry;
}

/** Finds and opens the files of a source. */
export class Locator {
  readonly #source: FileSource;
  readonly #settings: LocatorSettings;

  /** Looks into the source by the settings. */
  constructor(source: FileSource, settings: LocatorSettings) {
    this.#source = source;
    this.#settings = settings;
  }

  /**
   * Opens what a request names.
   *
   * @throws {HttpError} 503 if the process has no file descriptor left.
   */
  *locate(request: AnyRequest, target: FileTarget): Steps<Located> {
    const { path } = target;
    if (target.isDirectory) return yield* this.#locateIndex(path);
    const { cleanUrls } = this.#settings;
    if (cleanUrls === "redirect" && path.endsWith(PAGE)) {
      const location = yield* this.#canonical(request, path);
      if (location !== null) return { location };
    }
    const entry = yield* settled(this.#source.open(path));
    const file = fileOf(entry);
    if (file !== null) return { path, file };
    if (cleanUrls !== false && path !== "") {
      const page = yield* this.openFile(path + PAGE);
      if (page !== null) return page;
    }
    return entry === null ? null : { location: directoryLocation(request) };
  }

  /** What {@linkcode Locator.locate} finds, if that is a file held in memory. */
  held({ path, isDirectory }: FileTarget): FoundFile | null {
    const { index, cleanUrls } = this.#settings;
    if (cleanUrls === "redirect" && path.endsWith(PAGE)) return null;
    const name = isDirectory ? index[0] : path;
    if (name === undefined) return null;
    const whole = isDirectory && path !== "" ? `${path}/${name}` : name;
    const file = this.#source.held?.(whole) ?? null;
    return file === null ? null : { path: whole, file };
  }

  /** Opens a file; `null` for what is none. */
  *openFile(path: string): Steps<FoundFile | null> {
    const file = fileOf(yield* settled(this.#source.open(path)));
    return file === null ? null : { path, file };
  }

  *#locateIndex(path: string): Steps<Located> {
    const directory = path === "" ? "" : `${path}/`;
    for (const name of this.#settings.index) {
      const found = yield* this.openFile(directory + name);
      if (found !== null) return found;
    }
    // Whether there is such a directory turns out when it is read.
    return this.#settings.listing === null ? null : { directory: path };
  }

  /** Tells whether there is a file, and leaves it closed. */
  *#hasFile(path: string): Steps<boolean> {
    const found = yield* this.openFile(path);
    found?.file.close();
    return found !== null;
  }

  // The one URL of a page that has two; `null` if this is it, or if the other
  // would show something else.
  *#canonical(request: AnyRequest, path: string): Steps<string | null> {
    const name = basename(path);
    if (this.#settings.index.includes(name)) {
      const shown = yield* this.#locateIndex(path.slice(0, -name.length - 1));
      if (shown === null || !("file" in shown)) return null;
      shown.file.close();
      return shown.path === path ? indexLocation(request) : null;
    }
    const bare = path.slice(0, -PAGE.length);
    // Without its extension "..html" would be a dot segment.
    if (
      bare.endsWith("/") || splitPath(bare, this.#settings.dotfiles) === null
    ) {
      return null;
    }
    if (bare === "" || !(yield* this.#hasFile(path))) return null;
    return (yield* this.#hasFile(bare)) ? null : pageLocation(request, PAGE);
  }
}
