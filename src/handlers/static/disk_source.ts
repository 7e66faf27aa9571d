/**
 * {@linkcode DiskSource}: the files of a directory.
 *
 * @module
 */

import { join } from "@std/path";
import { DiskDirectory, openGuarded } from "./disk_directory.ts";
import { FileCache } from "./file_cache.ts";
import { orAbsent } from "./file_errors.ts";
import {
  factsOf,
  type FileFacts,
  isSameFile,
  isSettled,
} from "./file_facts.ts";
import { HeldFile } from "./held_file.ts";
import {
  hasEntry,
  isFileSystemLoaded,
  loadFileSystem,
  OpenFile,
} from "./open_file.ts";
import type { DiskSettings } from "./settings.ts";
import type { FileSource, SourceEntry, SourceFile } from "./source.ts";
import { SymlinkGuard } from "./symlink_guard.ts";

// Rights and links above a file can change without a trace in the file itself.
const ALLOWED_FOR_MS = 1000;

/** A small file, held in memory. */
class CachedFile extends HeldFile {
  readonly facts: FileFacts;
  readonly path: string;
  /** When it was last seen to be the same, and to be where it may be. */
  checkedAt: number;
  allowedAt: number;

  constructor(path: string, facts: FileFacts, bytes: Uint8Array, now: number) {
    super(bytes, facts.mtimeMs);
    this.path = path;
    this.facts = facts;
    this.checkedAt = this.allowedAt = now;
  }
}

/** Tells whether `time` is less than `ms` ago; no time ahead is. */
function isWithin(time: number, ms: number, now: number): boolean {
  return now >= time && now - time < ms;
}

// Without the query a missing permission would look like a missing file.
function mayProbe(root: string): boolean {
  const wanted = { name: "read", path: root } as const;
  return Deno.permissions.querySync(wanted).state === "granted";
}

/** Finds and opens the files below a directory. */
export class DiskSource implements FileSource {
  readonly #root: string;
  readonly #guard: SymlinkGuard;
  readonly #bounds: DiskSettings["cache"];
  readonly #cache: FileCache<CachedFile> | null;
  readonly #now: () => number;
  #mayProbe: boolean | null = null;

  /** Looks below the root of the settings; `now` tells milliseconds since 1970. */
  constructor(settings: DiskSettings, now: () => number = Date.now) {
    this.#root = settings.root;
    this.#guard = new SymlinkGuard(settings);
    this.#bounds = settings.cache;
    this.#cache = this.#bounds === null
      ? null
      : new FileCache(this.#bounds.maxBytes);
    this.#now = now;
  }

  /**
   * Opens what is at a path.
   *
   * @throws {HttpError} 503 if the process has no file descriptor left.
   */
  open(path: string): SourceEntry | Promise<SourceEntry> {
    const held = this.held(path);
    if (held !== null) return held;
    if (isFileSystemLoaded()) return this.#load(path);
    return loadFileSystem().then(() => this.#load(path));
  }

  /** The file at a path, if it is in memory and still the same. */
  held(path: string): CachedFile | null {
    const cached = this.#cache?.get(path) ?? null;
    if (cached === null || this.#isFresh(cached)) return cached;
    this.#cache?.delete(path);
    return null;
  }

  /**
   * Opens a directory to list it.
   *
   * @throws {HttpError} 503 if the process has no file descriptor left.
   */
  async openDirectory(path: string): Promise<DiskDirectory | null> {
    if (!isFileSystemLoaded()) await loadFileSystem();
    return await DiskDirectory.open(join(this.#root, path), this.#guard);
  }

  #isFresh(file: CachedFile): boolean {
    const now = this.#now();
    if (isWithin(file.checkedAt, this.#bounds?.checkMs ?? 0, now)) return true;
    const found = orAbsent(() => Deno.statSync(file.path));
    if (found === null || !isSameFile(factsOf(found), file.facts)) return false;
    if (!isWithin(file.allowedAt, ALLOWED_FOR_MS, now)) {
      if (!this.#guard.allowsPath(file.path)) return false;
      file.allowedAt = now;
    }
    file.checkedAt = now;
    return true;
  }

  #load(path: string): SourceEntry {
    const whole = join(this.#root, path);
    this.#mayProbe ??= mayProbe(this.#root);
    if (this.#mayProbe && !hasEntry(whole)) return null;
    const found = orAbsent(() => Deno.statSync(whole));
    if (found === null) return null;
    if (found.isDirectory) {
      return this.#guard.allowsPath(whole) ? "directory" : null;
    }
    // Looked at before it is opened: opening alone wakes up some devices.
    const file = found.isFile
      ? openGuarded(this.#guard, whole, () => OpenFile.open(whole))
      : null;
    return file === null ? null : this.#keep(path, whole, file, factsOf(found));
  }

  #keep(
    path: string,
    whole: string,
    file: OpenFile,
    found: FileFacts,
  ): SourceFile {
    const now = this.#now();
    const isKept = this.#bounds !== null &&
      file.size <= this.#bounds.maxFileBytes &&
      isOf(found, file.facts) && isSettled(found, now);
    if (!isKept) return file;
    try {
      const bytes = new Uint8Array(file.size);
      file.readFully(bytes, 0);
      const cached = new CachedFile(whole, found, bytes, now);
      this.#cache?.set(path, cached);
      return cached;
    } finally {
      file.close();
    }
  }
}

// Of what was found by name and what was opened; not all systems number files
// alike in both.
function isOf(found: FileFacts, opened: FileFacts): boolean {
  const isSame = found.ino === null || found.ino === opened.ino;
  return isSame && found.size === opened.size &&
    found.mtimeMs === opened.mtimeMs;
}
