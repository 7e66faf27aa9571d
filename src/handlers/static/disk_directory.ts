/**
 * {@linkcode DiskDirectory}: a directory of the disk that is listed.
 *
 * @module
 */

import { join } from "@std/path";
import { orAbsent, orAbsentLater } from "./file_errors.ts";
import { OpenDirectory } from "./open_directory.ts";
import { OpenFile } from "./open_file.ts";
import type { EntryFacts, SourceDirectory } from "./source.ts";
import type { SymlinkGuard } from "./symlink_guard.ts";

/**
 * Opens what is at a path and gives it if the guard allows it; `null` for what
 * may not be served.
 *
 * @param path The path that is guarded.
 * @param open What opens it, by that path or another way.
 * @throws {HttpError} 503 if the process has no file descriptor left.
 */
export function openGuarded<T extends OpenFile | OpenDirectory>(
  guard: SymlinkGuard,
  path: string,
  open: () => T | null,
): T | null {
  const opened = orAbsent(open);
  if (opened === null) return null;
  try {
    if (guard.allowsFile(path, opened)) return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
  opened.close();
  return null;
}

// Not by walk() of @std/fs: it looks at each directory again, and fails as a whole
// where one has gone meanwhile.
async function readNames(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(path)) names.push(name);
  return names;
}

/** A directory of the disk, held open while it is listed. */
export class DiskDirectory implements SourceDirectory {
  readonly names: readonly string[];
  readonly #path: string;
  readonly #within: string;
  readonly #guard: SymlinkGuard;
  readonly #directory: OpenDirectory;

  private constructor(
    path: string,
    within: string,
    guard: SymlinkGuard,
    directory: OpenDirectory,
    names: readonly string[],
  ) {
    this.#path = path;
    this.#within = within;
    this.#guard = guard;
    this.#directory = directory;
    this.names = names;
  }

  /**
   * Opens a directory and reads its names; `null` for what is none, or may not be
   * listed.
   *
   * @throws {HttpError} 503 if the process has no file descriptor left.
   */
  static async open(
    path: string,
    guard: SymlinkGuard,
  ): Promise<DiskDirectory | null> {
    const opened = openGuarded(guard, path, () => OpenDirectory.open(path));
    if (opened === null) return null;
    try {
      const within = guard.pathWithin(path, opened);
      const names = await orAbsentLater(readNames(within));
      if (names !== null) {
        return new DiskDirectory(path, within, guard, opened, names);
      }
    } catch (error) {
      opened.close();
      throw error;
    }
    opened.close();
    return null;
  }

  /**
   * Tells of an entry what it is, or leads to. Each is opened as if it were to be
   * served: a link out of the root, or what the process may not read, is not told.
   */
  async describe(name: string): Promise<EntryFacts | null> {
    const at = join(this.#within, name);
    // Waited for: the disk may be slow, and this brings what is opened next.
    const found = await orAbsentLater(Deno.lstat(at));
    if (found === null) return null;
    if (found.isFile) return this.#describeFile(name, at);
    if (found.isDirectory) return this.#describeDirectory(name, at);
    return found.isSymlink ? this.#describeLinked(name, at) : null;
  }

  #describeLinked(name: string, at: string): EntryFacts | null {
    const found = orAbsent(() => Deno.statSync(at));
    if (found?.isFile) return this.#describeFile(name, at);
    return found?.isDirectory ? this.#describeDirectory(name, at) : null;
  }

  #describeFile(name: string, at: string): EntryFacts | null {
    const path = join(this.#path, name);
    const file = openGuarded(this.#guard, path, () => OpenFile.open(at));
    if (file === null) return null;
    file.close();
    const { size, modified } = file;
    return { isDirectory: false, size, modified };
  }

  #describeDirectory(name: string, at: string): EntryFacts | null {
    const path = join(this.#path, name);
    const opened = openGuarded(this.#guard, path, () => OpenDirectory.open(at));
    if (opened === null) return null;
    opened.close();
    return {
      isDirectory: true,
      size: null,
      modified: opened.facts.mtimeMs,
    };
  }

  /** Closes the directory. */
  close(): void {
    this.#directory.close();
  }
}
