/**
 * {@linkcode SymlinkGuard}: whether what was opened is where it may be.
 *
 * @module
 */

import { join, relative, SEPARATOR } from "@std/path";
import { orAbsent } from "./file_errors.ts";
import { identify, type OpenEntry } from "./open_file.ts";
import type { DiskSettings } from "./settings.ts";

function isInside(path: string, root: string): boolean {
  return path === root ||
    path.startsWith(root.endsWith(SEPARATOR) ? root : root + SEPARATOR);
}

// Without the query the terminal would be asked for the permission.
function mayReadProcess(): boolean {
  if (Deno.build.os !== "linux") return false;
  const wanted = { name: "read", path: "/proc/self/fd" } as const;
  return Deno.permissions.querySync(wanted).state === "granted";
}

/**
 * Compares the true path of what was opened with the root. After the opening,
 * since whatever was checked before it may have been swapped meanwhile.
 */
export class SymlinkGuard {
  readonly #root: string;
  readonly #policy: DiskSettings["symlinks"];
  #realRoot: string | null = null;
  #hasProcess: boolean | null;

  /**
   * Guards the root of the settings by their policy.
   *
   * @param hasProcess Whether to ask `/proc`; `null` to find out.
   */
  constructor(
    settings: Pick<DiskSettings, "root" | "symlinks">,
    hasProcess: boolean | null = null,
  ) {
    this.#root = settings.root;
    this.#policy = settings.symlinks;
    this.#hasProcess = hasProcess;
  }

  /**
   * Where to look for what is in a directory that was opened at `path`: below the
   * descriptor, which no swap can lead elsewhere, or below the path again.
   */
  pathWithin(path: string, directory: OpenEntry): string {
    if (this.#policy === "follow") return path;
    return this.#processPath(directory) === null ? path : directory.processPath;
  }

  /** Tells whether what was opened at `path` may be served. */
  allowsFile(path: string, file: OpenEntry): boolean {
    if (this.#policy === "follow") return true;
    const real = this.#processPath(file);
    if (real !== null) return this.#allows(path, real);
    // Without /proc the path must be walked again. A directory swapped in
    // between could show one file to the opening and another one to the walk, so
    // both must be the same file, twice. Against a process that swaps
    // directories within microseconds this is a hurdle, not a wall.
    return this.#isSameFile(path, file) && this.#isSameFile(path, file);
  }

  /**
   * Tells whether what is at `path` now may be shown: for directories, and for
   * files that were allowed before and are still the same.
   */
  allowsPath(path: string): boolean {
    if (this.#policy === "follow") return true;
    const real = orAbsent(() => Deno.realPathSync(path));
    return real !== null && this.#allows(path, real);
  }

  /** The true path as the kernel holds it: no swap can change what it says. */
  #processPath(file: OpenEntry): string | null {
    this.#hasProcess ??= mayReadProcess();
    if (!this.#hasProcess) return null;
    try {
      return Deno.readLinkSync(file.processPath);
    } catch {
      // Only --allow-all covers /proc, and a container may have none.
      this.#hasProcess = false;
      return null;
    }
  }

  #isSameFile(path: string, file: OpenEntry): boolean {
    const real = orAbsent(() => Deno.realPathSync(path));
    if (real === null || !this.#allows(path, real)) return false;
    const root = this.#realRoot ?? this.#root;
    // By way of the root as given: the permission may cover only that.
    const again = join(this.#root, relative(root, real));
    // The root itself may be a link that has been given on purpose.
    const isRoot = again === this.#root;
    const found = orAbsent(() => identify(again, isRoot));
    return found?.ino === file.facts.ino && found.dev === file.facts.dev;
  }

  #allows(path: string, real: string): boolean {
    const known = this.#realRoot;
    if (known !== null && this.#fits(path, real, known)) return true;
    // The root may be a link that a deployment has switched.
    const current = orAbsent(() => Deno.realPathSync(this.#root));
    this.#realRoot = current;
    return current !== null && current !== known &&
      this.#fits(path, real, current);
  }

  #fits(path: string, real: string, realRoot: string): boolean {
    return this.#policy === "deny"
      ? real === join(realRoot, relative(this.#root, path))
      : isInside(real, realRoot);
  }
}
