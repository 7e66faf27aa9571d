/**
 * From the segments of a path to an open file.
 *
 * @module
 */

import { join } from "@std/path";
import { orAbsent } from "./file_errors.ts";
import { OpenFile } from "./open_file.ts";
import type { Settings } from "./options.ts";
import { SymlinkGuard } from "./symlink_guard.ts";
import type { FileTarget } from "./target.ts";

/** An open file and the name that tells its type. */
export interface LocatedFile {
  /** The file; whoever takes it closes it. */
  file: OpenFile;
  /** Its name, without the directory. */
  name: string;
}

/** What {@linkcode Locator.locate} finds: a file, a directory's slash missing, nothing. */
export type Located = LocatedFile | "needs-slash" | null;

/** Finds and opens the files below a root. */
export class Locator {
  readonly #root: string;
  readonly #index: readonly string[];
  readonly #guard: SymlinkGuard;

  /** Looks below the root of the settings. */
  constructor(settings: Settings) {
    this.#root = settings.root;
    this.#index = settings.index;
    this.#guard = new SymlinkGuard(settings);
  }

  /**
   * Opens what a request names, or the index of the directory.
   *
   * @throws {HttpError} 503 if the process has no file descriptor left.
   */
  locate(target: FileTarget): Located {
    const path = join(this.#root, ...target.segments);
    const found = orAbsent(() => Deno.statSync(path));
    if (found === null) return null;
    if (found.isDirectory) return this.#locateIndex(path, target);
    // Looked at before it is opened: opening alone wakes up some devices.
    if (!found.isFile || target.isDirectory) return null;
    return this.#open(path, target.segments[target.segments.length - 1] ?? "");
  }

  #locateIndex(directory: string, target: FileTarget): Located {
    if (!target.isDirectory) {
      return this.#guard.allowsDirectory(directory) ? "needs-slash" : null;
    }
    for (const name of this.#index) {
      const path = join(directory, name);
      const isFile = orAbsent(() => Deno.statSync(path))?.isFile ?? false;
      const located = isFile ? this.#open(path, name) : null;
      if (located !== null) return located;
    }
    return null;
  }

  #open(path: string, name: string): LocatedFile | null {
    const file = orAbsent(() => OpenFile.open(path));
    if (file === null) return null;
    try {
      if (this.#guard.allowsFile(path, file)) return { file, name };
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return null;
  }
}
