/**
 * {@linkcode restartOnChange}: new workers when a file of the program changes.
 *
 * @module
 */

import { dirname, SEPARATOR } from "@std/path";
import { watchChanges } from "./file_changes.ts";

/** What to do when the program changes. */
export interface RestartHost {
  /** The files that the program is made of. */
  files(): Promise<readonly string[]>;
  /** Runs the changed program; resolves once that is done or has failed. */
  restart(): Promise<unknown>;
  /** Hears of a file that has changed, before the restart. */
  changed(path: string): void;
  /** Hears why the program can no longer be watched. */
  failed(error: unknown): void;
}

/** Watches a program and restarts it. */
class ProgramWatcher {
  readonly #host: RestartHost;
  #files: ReadonlySet<string> = new Set();
  #directories = "";
  #stop = () => {};
  #isOver = false;
  #changed: string | null = null;
  #wake = () => {};

  constructor(host: RestartHost) {
    this.#host = host;
  }

  end(): void {
    this.#isOver = true;
    this.#stop();
    this.#wake();
  }

  /** Restarts until it is ended; the program as it is was read from `since` on. */
  async run(since: number): Promise<void> {
    while (!this.#isOver) {
      await this.#look(since);
      if (this.#changed === null) await this.#nextChange();
      if (this.#isOver || this.#changed === null) continue;
      this.#host.changed(this.#changed);
      this.#changed = null;
      since = Date.now();
      // A program that never comes up must not keep the mended one from it.
      await Promise.race([this.#host.restart(), this.#nextChange()]);
    }
  }

  async #look(since: number): Promise<void> {
    const files = await this.#host.files();
    if (this.#isOver) return;
    this.#files = new Set(await Promise.all(files.map(realPath)));
    const folders = Array.from(this.#files, (file) => existing(dirname(file)));
    this.#watch([...new Set(await Promise.all(folders))].sort());
    // What has changed before it was watched.
    for (const file of this.#files) {
      const info = await Deno.stat(file).catch(() => null);
      if ((info?.mtime?.getTime() ?? 0) > since) this.#changed ??= file;
    }
  }

  // Directories, not files: many programs save a file by replacing it.
  #watch(directories: readonly string[]): void {
    const key = directories.join("\n");
    if (this.#isOver || key === this.#directories) return;
    const stopBefore = this.#stop;
    this.#stop = watchChanges({
      directories,
      recursive: false,
      changed: (paths) => this.#take(paths),
      failed: (error) => this.#host.failed(error),
    });
    this.#directories = key;
    stopBefore();
  }

  #take(paths: readonly string[]): void {
    const path = paths.find((each) => this.#isPart(each));
    if (path === undefined) return;
    this.#changed = path;
    this.#wake();
  }

  // The folder of a file that is missing may come to be.
  #isPart(path: string): boolean {
    if (this.#files.has(path)) return true;
    const folder = path + SEPARATOR;
    return this.#files.values().some((file) => file.startsWith(folder));
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }
}

/** A folder, or the one above it that exists. */
async function existing(folder: string): Promise<string> {
  const info = await Deno.stat(folder).catch(() => null);
  const above = dirname(folder);
  return info?.isDirectory || above === folder ? folder : existing(above);
}

// As the system names it in what it reports.
async function realPath(path: string): Promise<string> {
  try {
    return `${await Deno.realPath(dirname(path))}${
      path.slice(dirname(path).length)
    }`;
  } catch {
    return path;
  }
}

/**
 * Restarts a program whenever one of its files changes.
 *
 * @param since When the program that runs began to be read, as `Date.now()`.
 * @returns Ends it.
 */
export function restartOnChange(host: RestartHost, since: number): () => void {
  const watcher = new ProgramWatcher(host);
  watcher.run(since).catch((error) => host.failed(error));
  return () => watcher.end();
}
