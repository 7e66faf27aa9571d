/**
 * {@linkcode SiteChanges}: which files of a site have changed, for the pages that
 * show them.
 *
 * @module
 */

import { relative, SEPARATOR } from "@std/path";
import { watchChanges } from "./file_changes.ts";

/** A change of a site. */
export interface SiteChange {
  /** When it was seen, as `Date.now()`. */
  readonly at: number;
  /** The URL paths of the files; none if it is not known which. */
  readonly paths: readonly string[];
}

type Listener = (change: SiteChange) => void;

// What editors and version control write beside the files.
const UNSEEN = /(?:^|\/)\.|~$|\.sw[px]$|(?:^|\/)4913$/;

/** Watches a directory that is served. */
export class SiteChanges {
  readonly #root: string;
  readonly #base: string;
  readonly #failed: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  #lastAt = 0;
  #stop: (() => void) | null = null;

  /**
   * Prepares to watch.
   *
   * @param root The path of the directory.
   * @param base The URL path of it, without a slash at its end.
   * @param failed Hears why some of it can no longer be watched.
   */
  constructor(root: string, base: string, failed: (error: unknown) => void) {
    this.#root = root;
    this.#base = base;
    this.#failed = failed;
  }

  /**
   * Watches from now on. What was before is not known: for pages that are older
   * it counts as a change.
   *
   * @throws {Error} If the system cannot watch it.
   */
  start(): void {
    this.#lastAt = Date.now();
    const root = Deno.realPathSync(this.#root);
    this.#stop = watchChanges({
      directories: [root],
      recursive: true,
      changed: (paths) => this.#take(root, paths),
      failed: this.#failed,
    });
  }

  /** Ends watching. */
  end(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /**
   * Calls `listener` for each change, and at once for those since a time.
   *
   * @returns Ends that.
   */
  subscribe(since: number, listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#lastAt > since) listener({ at: this.#lastAt, paths: [] });
    return () => this.#listeners.delete(listener);
  }

  #take(root: string, changed: readonly string[]): void {
    const names = changed.map((path) =>
      relative(root, path).replaceAll(SEPARATOR, "/")
    ).filter((name) => name !== "" && !UNSEEN.test(name));
    if (names.length === 0) return;
    // Each time is one of its own, whatever the clock does.
    const at = Math.max(Date.now(), this.#lastAt + 1);
    this.#lastAt = at;
    const paths = names.map((name) =>
      `${this.#base}/${name.split("/").map(encodeURIComponent).join("/")}`
    );
    for (const listener of [...this.#listeners]) listener({ at, paths });
  }
}
