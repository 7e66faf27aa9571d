/**
 * {@linkcode OpenFile}: a regular file, open for positioned reads.
 *
 * Through `node:fs`, since only there a file can be opened without waiting for
 * the other end of a FIFO, and be asked for its true path by its descriptor.
 *
 * @module
 */

import { type FileFacts, isSettled, versionOf } from "./file_facts.ts";
import { ReadPace } from "./read_pace.ts";
import type { SourceFile } from "./source.ts";

type FileSystem = typeof import("node:fs");

let fs: FileSystem | null = null;

/** Tells whether files can be opened: {@linkcode loadFileSystem} is done. */
export function isFileSystemLoaded(): boolean {
  return fs !== null;
}

/** Loads what opens files, at the first request: it costs 25 ms of start-up. */
export async function loadFileSystem(): Promise<void> {
  fs = (await import("node:fs")).default;
}

/** What opens files; loaded by then. */
export function fileSystem(): FileSystem {
  if (fs === null) throw new TypeError("Cannot open a file before loading");
  return fs;
}

/** Tells whether there is anything at a path, ten times cheaper than a failed look. */
export function hasEntry(path: string): boolean {
  return fileSystem().existsSync(path);
}

// One for all: files are mostly on one disk.
const PACE = new ReadPace();

/** A file or a directory that was opened. */
export interface OpenEntry {
  /** What the system says of it, whatever its name now leads to. */
  readonly facts: FileFacts;
  /** The path in `/proc` that stands for what was opened. */
  readonly processPath: string;
}

/** A regular file, open for positioned reads. */
export class OpenFile implements SourceFile, OpenEntry {
  /** Not at hand. */
  readonly bytes = null;
  /** What the descriptor says of the file, whatever its name now leads to. */
  readonly facts: FileFacts;
  readonly #descriptor: number;
  readonly #pace: ReadPace;
  #isReading = false;
  #isClosed = false;

  private constructor(
    descriptor: number,
    facts: FileFacts,
    pace: ReadPace,
  ) {
    this.#descriptor = descriptor;
    this.facts = facts;
    this.#pace = pace;
  }

  /**
   * Opens a file; `null` for what is not a regular one.
   *
   * @param pace By what is told whether to wait for reads.
   * @throws {Error} Whatever the file system says.
   */
  static open(path: string, pace: ReadPace = PACE): OpenFile | null {
    const { openSync, fstatSync, closeSync, constants } = fileSystem();
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    // A FIFO or a device that was put here since the caller looked would hang
    // the whole server without O_NONBLOCK.
    const descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    try {
      const stats = fstatSync(descriptor);
      if (stats.isFile()) {
        return new OpenFile(descriptor, readFacts(stats), pace);
      }
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    closeSync(descriptor);
    return null;
  }

  /** Length in bytes. */
  get size(): number {
    return this.facts.size;
  }

  /** Time of change in milliseconds since 1970. */
  get modified(): number {
    return this.facts.mtimeMs;
  }

  /** The file's number, size and times; `null` if it has only just changed. */
  get version(): string | null {
    return isSettled(this.facts, Date.now()) ? versionOf(this.facts) : null;
  }

  /** The path in `/proc` that stands for the open file itself. */
  get processPath(): string {
    return `/proc/self/fd/${this.#descriptor}`;
  }

  /**
   * Fills `into` from `position` on, at once: for a few KiB out of the page cache
   * handing the work to a thread costs three times as much as doing it.
   *
   * @throws {Error} If the file ends too early: it was cut meanwhile.
   */
  readFully(into: Uint8Array, position: number): void {
    const { readSync } = fileSystem();
    for (let at = 0; at < into.length;) {
      const room = into.length - at;
      const count = readSync(this.#descriptor, into, at, room, position + at);
      if (count === 0) {
        throw new Error(`The file ended ${room} bytes too early`);
      }
      at += count;
    }
  }

  /**
   * Reads at most as much as fits from `position` on; 0 at the end. At once, as
   * long as reads prove to come out of the page cache: handing them to a thread
   * costs as much again as reading. Once they were slow the disk is read beside
   * the other work, for a second.
   *
   * @throws {TypeError} If the file is closed.
   */
  read(into: Uint8Array, position: number): number | Promise<number> {
    if (this.#isClosed) throw new TypeError("Cannot read from a closed file");
    const began = this.#pace.begin();
    if (began === null) return this.#readLater(into, position);
    const { readSync } = fileSystem();
    const count = readSync(this.#descriptor, into, 0, into.length, position);
    this.#pace.end(began);
    return count;
  }

  async #readLater(into: Uint8Array, position: number): Promise<number> {
    this.#isReading = true;
    try {
      return await readPiece(this.#descriptor, into, position);
    } finally {
      this.#isReading = false;
      if (this.#isClosed) fileSystem().closeSync(this.#descriptor);
    }
  }

  /** Closes the file, or lets a read that is under way do it; twice does no harm. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The descriptor could be another file's before the read has ended.
    if (!this.#isReading) fileSystem().closeSync(this.#descriptor);
  }
}

/** The facts that a descriptor tells, in whole milliseconds as all other ways to ask. */
export function readFacts(stats: import("node:fs").Stats): FileFacts {
  return {
    size: stats.size,
    mtimeMs: Math.floor(stats.mtimeMs),
    ctimeMs: Math.floor(stats.ctimeMs),
    dev: stats.dev,
    ino: stats.ino,
  };
}

function readPiece(
  descriptor: number,
  into: Uint8Array,
  position: number,
): Promise<number> {
  return new Promise((done, fail) => {
    fileSystem().read(
      descriptor,
      into,
      0,
      into.length,
      position,
      (error, count) => error ? fail(error) : done(count),
    );
  });
}

/** The number of the file that a path itself names, or a link there leads to. */
export function identify(
  path: string,
  followsLink = false,
): Pick<FileFacts, "dev" | "ino"> {
  const { statSync, lstatSync } = fileSystem();
  return followsLink ? statSync(path) : lstatSync(path);
}
