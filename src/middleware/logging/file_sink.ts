/**
 * {@linkcode fileSink}: log lines into a file, with rotation by size.
 *
 * @module
 */

import { checkNumber } from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import { describeValue } from "../../http/values.ts";
import { endsInLine, shiftFiles } from "./file_names.ts";
import { deferBy, LineBuffer } from "./line_buffer.ts";
import { type LogLoss, type LogSink, Losses } from "./sink.ts";
import { countLines, pieceEnd, SyncOutput } from "./sync_output.ts";

/** Options of {@linkcode fileSink}. */
export interface FileSinkOptions {
  /** The file. Its directory must exist. */
  path: string | URL;
  /**
   * The size in bytes that a file does not grow over: before that it is renamed
   * to `path.1`, and a new one begun. No line is split between two files; one
   * that is longer has a file of its own.
   *
   * @default {undefined} it grows without bound, or `logrotate` sees to it
   */
  maxBytes?: number;
  /**
   * How many old files are kept; with 0 a full file is deleted.
   *
   * @default {5}
   */
  maxFiles?: number;
  /**
   * The permissions of new files, less the process's umask. A log tells who did
   * what, so it is not for everyone.
   *
   * @default {0o640}
   */
  mode?: number;
  /**
   * How many characters of lines are collected before they are written at once.
   *
   * @default {65_536}
   */
  queueBytes?: number;
  /**
   * How long lines are collected, ms; with 0 until the turn of the event loop
   * ends. A process that is killed loses what is collected.
   *
   * @default {undefined} until the turn ends; under load, up to 10 ms
   */
  flushMs?: number;
  /**
   * A signal that has the file opened anew, such as `"SIGHUP"`. It is seldom
   * needed: a file that was renamed or deleted is noticed within a second.
   *
   * @default {undefined}
   */
  reopenSignal?: Deno.Signal;
}

/** A sink that writes to a file. */
export interface FileSink extends LogSink, Disposable {
  /** Writes what was collected. */
  flush(): void;
  /** Writes what was collected and closes the file; the next line opens it again. */
  close(): void;
  /** Writes what was collected and opens the file anew. */
  reopen(): void;
}

// How often the path is looked at: has somebody renamed the file?
const LOOK_MS = 1_000;
const NEWLINE = 0x0a;
const IS_WINDOWS = globalThis.Deno?.build?.os === "windows";

type Optional = "flushMs" | "path" | "reopenSignal";
type Resolved = Required<Omit<FileSinkOptions, Optional>> & {
  readonly path: string;
  readonly flushMs: number | undefined;
  readonly reopenSignal: Deno.Signal | undefined;
};

interface OpenFile {
  readonly file: Deno.FsFile;
  readonly info: Deno.FileInfo;
  /** Bytes in it. */
  size: number;
  readonly output: SyncOutput;
}

function isSame(one: Deno.FileInfo, other: Deno.FileInfo): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

class RotatingFile implements FileSink {
  readonly #options: Resolved;
  readonly #losses = new Losses();
  readonly #buffer: LineBuffer;
  readonly #onSignal = () => this.reopen();
  #open: OpenFile | null;
  #lookAt = 0;
  #rotateAt: number;
  #isListening = false;

  constructor(options: Resolved) {
    this.#options = options;
    this.#rotateAt = options.maxBytes;
    this.#buffer = new LineBuffer(
      (bytes) => this.#writeLines(bytes),
      options.queueBytes,
      deferBy(options.flushMs),
    );
    this.#open = this.#openFile();
  }

  write(line: string): void {
    this.#buffer.push(line);
  }

  flush(): void {
    this.#buffer.flush();
  }

  takeLoss(): LogLoss | null {
    return this.#losses.take();
  }

  reopen(): void {
    this.flush();
    this.#replace();
  }

  close(): void {
    this.flush();
    this.#open?.file.close();
    this.#open = null;
    const { reopenSignal } = this.#options;
    if (reopenSignal === undefined || !this.#isListening) return;
    Deno.removeSignalListener(reopenSignal, this.#onSignal);
    this.#isListening = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #openFile(): OpenFile {
    const { path, mode, reopenSignal, maxBytes } = this.#options;
    const isTorn = endsInLine(path);
    const file = Deno.openSync(path, { append: true, create: true, mode });
    const info = file.statSync();
    const output = new SyncOutput(this.#losses, {
      pieceBytes: Infinity,
      isTorn,
    });
    this.#rotateAt = maxBytes;
    this.#lookAt = performance.now() + LOOK_MS;
    if (reopenSignal !== undefined && !this.#isListening) {
      Deno.addSignalListener(reopenSignal, this.#onSignal);
      this.#isListening = true;
    }
    return { file, info, output, size: info.size };
  }

  // The old file goes last: without descriptors left it is written on.
  #replace(): void {
    const old = this.#open;
    try {
      this.#open = this.#openFile();
      old?.file.close();
    } catch (error) {
      this.#losses.add(0, error);
    }
  }

  #writeLines(bytes: Uint8Array): void {
    if (this.#open === null) this.#replace();
    else this.#look();
    for (let rest = bytes; rest.length > 0;) {
      if (this.#open === null) return this.#losses.add(countLines(rest));
      const end = this.#fitting(this.#open, rest);
      this.#writeTo(this.#open, rest.subarray(0, end));
      rest = rest.subarray(end);
      if (rest.length > 0) this.#rotate(this.#open);
    }
  }

  #writeTo(open: OpenFile, bytes: Uint8Array): void {
    if (bytes.length > 0) open.size += open.output.write(open.file, bytes);
  }

  // How many of the bytes this file still takes, in whole lines.
  #fitting(open: OpenFile, bytes: Uint8Array): number {
    const room = this.#rotateAt - open.size;
    if (bytes.length <= room || !open.info.isFile) return bytes.length;
    if (room > 0) {
      const end = pieceEnd(bytes, room);
      if (bytes[end - 1] === NEWLINE) return end;
    }
    // The first line of a file may be of any length.
    return open.size > 0 ? 0 : bytes.indexOf(NEWLINE) + 1 || bytes.length;
  }

  #rotate(open: OpenFile): void {
    const { path, maxFiles, maxBytes } = this.#options;
    try {
      if (IS_WINDOWS) this.#releaseFile();
      // Another process that writes here may have rotated already.
      if (this.#isCurrent(open)) shiftFiles(path, maxFiles);
      this.#replace();
    } catch (error) {
      this.#losses.add(0, error);
      if (this.#open === null) this.#replace();
    }
    // It failed: no line is lost, and the next try is not at the next line.
    if (this.#open === open) this.#rotateAt = open.size + maxBytes;
  }

  #releaseFile(): void {
    this.#open?.file.close();
    this.#open = null;
  }

  #isCurrent(open: OpenFile): boolean {
    return IS_WINDOWS || isSame(Deno.statSync(this.#options.path), open.info);
  }

  // logrotate renames the file, or an operator deletes it.
  #look(): void {
    const now = performance.now();
    if (now < this.#lookAt || this.#open === null || IS_WINDOWS) return;
    this.#lookAt = now + LOOK_MS;
    try {
      if (this.#isCurrent(this.#open)) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return;
    }
    this.#replace();
  }
}

function pathOf(path: unknown): string {
  if (typeof path === "string" && path !== "") return path;
  if (path instanceof URL && path.protocol === "file:") return toPath(path);
  throw new TypeError(
    `Cannot log to ${describeValue(path)}: take a path or a file: URL`,
  );
}

function toPath(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return IS_WINDOWS ? path.replace(/^\/(?=[A-Za-z]:)/, "") : path;
}

// Opening one for writing would wait for a reader.
function refuseFifo(path: string): void {
  try {
    if (!Deno.statSync(path).isFifo) return;
  } catch {
    return;
  }
  throw new TypeError(
    `Cannot log to "${path}": it is a FIFO, which would wait for a reader: take a file`,
  );
}

function checkCount(
  name: string,
  value: unknown,
  least: number,
  unit?: string,
): void {
  checkNumber(`"${name}" of fileSink`, value, { least, whole: true, unit });
}

function resolve(options: FileSinkOptions): Resolved {
  checkOptionNames("fileSink", options, [
    "path",
    "maxBytes",
    "maxFiles",
    "mode",
    "queueBytes",
    "flushMs",
    "reopenSignal",
  ]);
  const { maxBytes, maxFiles = 5, mode = 0o640, reopenSignal } = options;
  const { queueBytes = 64 * 1024, flushMs } = options;
  if (maxBytes !== undefined) checkCount("maxBytes", maxBytes, 1, "bytes");
  checkCount("maxFiles", maxFiles, 0, "files");
  checkCount("mode", mode, 0);
  checkCount("queueBytes", queueBytes, 1, "bytes");
  if (flushMs !== undefined) {
    checkCount("flushMs", flushMs, 0, "milliseconds");
  }
  const path = pathOf(options.path);
  return {
    path,
    maxBytes: maxBytes ?? Infinity,
    maxFiles,
    mode,
    queueBytes,
    flushMs,
    reopenSignal,
  };
}

/**
 * Makes a sink that appends to a file. Lines are written together: when the turn
 * of the event loop ends, or when `flushMs` are over, at once when `queueBytes` are
 * full, when a server that logs to it ends, and when the process ends.
 *
 * The writes are synchronous: no line is lost or overtaken and memory stays
 * bounded, but a disk that stalls stalls the server. What cannot be written, as
 * on a full disk, is lost; the log tells how many lines that were. Several
 * processes may write to one file and rotate it.
 *
 * It needs the permission to write to the path and its numbered names, and to
 * read it.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type, or the path
 * is a FIFO.
 * @throws {RangeError} If a number is out of its bounds.
 * @throws {Deno.errors.NotFound} If the directory does not exist.
 * @throws {Deno.errors.PermissionDenied} If the file cannot be opened.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { fileSink, logging } from "@x/httpserver/middleware/logging";
 * import { assertMatch } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * const sink = fileSink({ path, maxBytes: 10 * 1024 * 1024, maxFiles: 5 });
 * const server = new HttpServer().use(logging({ format: "combined", sink }));
 * await server.inject({ path: "/" });
 * sink.close();
 * assertMatch(await Deno.readTextFile(path), /"GET \/ HTTP\/1.1" 404/);
 * await Deno.remove(path);
 * ```
 */
export function fileSink(options: FileSinkOptions): FileSink {
  const resolved = resolve(options);
  refuseFifo(resolved.path);
  return new RotatingFile(resolved);
}
