/**
 * {@linkcode OpenDirectory}: a directory that is held open.
 *
 * @module
 */

import type { FileFacts } from "./file_facts.ts";
import { fileSystem, type OpenEntry, readFacts } from "./open_file.ts";

/** A directory that is held open: its descriptor leads to it, not to its name. */
export class OpenDirectory implements OpenEntry {
  readonly facts: FileFacts;
  readonly #descriptor: number | null;

  private constructor(descriptor: number | null, facts: FileFacts) {
    this.#descriptor = descriptor;
    this.facts = facts;
  }

  /**
   * Opens a directory.
   *
   * @throws {Error} Whatever the file system says, such as that it is none.
   */
  static open(path: string): OpenDirectory {
    const { openSync, fstatSync, statSync, closeSync, constants } =
      fileSystem();
    // Windows holds no directories open.
    if (Deno.build.os === "windows") {
      return new OpenDirectory(null, readFacts(statSync(path)));
    }
    const { O_RDONLY, O_NONBLOCK, O_DIRECTORY } = constants;
    const descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_DIRECTORY);
    try {
      return new OpenDirectory(descriptor, readFacts(fstatSync(descriptor)));
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** The path in `/proc` that stands for the open directory itself. */
  get processPath(): string {
    return `/proc/self/fd/${this.#descriptor}`;
  }

  /** Closes the directory. */
  close(): void {
    if (this.#descriptor !== null) fileSystem().closeSync(this.#descriptor);
  }
}
