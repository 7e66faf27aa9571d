/**
 * {@linkcode OpenFile}: a regular file, open for positioned reads.
 *
 * Through `node:fs`, since only there a file can be opened without waiting for
 * the other end of a FIFO, and be asked for its true path by its descriptor.
 *
 * @module
 */

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

function fileSystem(): FileSystem {
  if (fs === null) throw new TypeError("Cannot open a file before loading");
  return fs;
}

/** What is known of a file. */
export interface FileFacts {
  /** Length in bytes. */
  readonly size: number;
  /** Time of change in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** The device that it is on. */
  readonly dev: number;
  /** Its number on the device. */
  readonly ino: number;
}

/** A regular file, open for positioned reads. */
export class OpenFile {
  readonly #descriptor: number;
  /** What the descriptor says of the file, whatever its name now leads to. */
  readonly facts: FileFacts;
  #isReading = false;
  #isClosed = false;

  private constructor(descriptor: number, facts: FileFacts) {
    this.#descriptor = descriptor;
    this.facts = facts;
  }

  /**
   * Opens a file; `null` for what is not a regular one.
   *
   * @throws {Error} Whatever the file system says.
   */
  static open(path: string): OpenFile | null {
    const { openSync, fstatSync, closeSync, constants } = fileSystem();
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    // A FIFO or a device that was put here since the caller looked would hang
    // the whole server without O_NONBLOCK.
    const descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    try {
      const facts = fstatSync(descriptor);
      if (facts.isFile()) return new OpenFile(descriptor, facts);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    closeSync(descriptor);
    return null;
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

  /** Reads at most as much as fits from `position` on; 0 at the end. */
  async read(into: Uint8Array, position: number): Promise<number> {
    if (this.#isClosed) throw new TypeError("Cannot read from a closed file");
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

/** The number of the file that a path itself names; links are not followed. */
export function identify(path: string): Pick<FileFacts, "dev" | "ino"> {
  return fileSystem().lstatSync(path);
}
