/**
 * The options of `staticFiles`, checked and resolved once.
 *
 * @module
 */

import { fromFileUrl, resolve } from "@std/path";

/** What becomes of names that begin with a dot. */
export type DotfilePolicy = "ignore" | "allow";

/** Where symbolic links may lead. */
export type SymlinkPolicy = "within-root" | "follow" | "deny";

/** Options of `staticFiles`. */
export interface StaticFilesOptions {
  /**
   * The directory to serve: a path, relative ones from the current directory at
   * construction, or a `file:` URL. It may be missing until the first request,
   * and may itself be a symbolic link that is switched while the server runs.
   */
  root: string | URL;
  /**
   * How long clients and shared caches may reuse a file without asking, in
   * seconds: `Cache-Control: public, max-age=N`.
   *
   * @default {undefined} no Cache-Control: caches ask or guess
   */
  cacheMaxAge?: number;
  /**
   * The file names to try, in order, when a directory is asked for; an empty
   * list serves no directory.
   *
   * @default {["index.html"]}
   */
  index?: readonly string[];
  /**
   * Whether names that begin with a dot are served: `"ignore"` answers 404 as if
   * they were not there, except below a `.well-known` at the top (RFC 8615).
   *
   * @default {"ignore"}
   */
  dotfiles?: DotfilePolicy;
  /**
   * Where symbolic links may lead: `"within-root"`, only to what is inside the
   * root; `"follow"`, anywhere; `"deny"`, nowhere. What is refused answers 404.
   *
   * @default {"within-root"}
   */
  symlinks?: SymlinkPolicy;
}

/** {@linkcode StaticFilesOptions}, checked and with the defaults filled in. */
export interface Settings {
  /** The root as an absolute path. */
  readonly root: string;
  /** The value of `Cache-Control`; `null` for none. */
  readonly cacheControl: string | null;
  /** The index names. */
  readonly index: readonly string[];
  /** The policy on dotfiles. */
  readonly dotfiles: DotfilePolicy;
  /** The policy on symbolic links. */
  readonly symlinks: SymlinkPolicy;
}

const DOTFILES: readonly DotfilePolicy[] = ["ignore", "allow"];
const SYMLINKS: readonly SymlinkPolicy[] = ["within-root", "follow", "deny"];

function resolveRoot(root: string | URL): string {
  if (root instanceof URL) return fromFileUrl(root);
  if (typeof root !== "string" || root === "" || root.includes("\0")) {
    throw new TypeError(
      `Cannot serve the root ${quote(root)}: take a path or a file: URL`,
    );
  }
  // What import.meta.resolve() gives; as a path it could only be a mistake.
  return root.startsWith("file://") ? fromFileUrl(root) : resolve(root);
}

function cacheControl(seconds: number | undefined): string | null {
  if (seconds === undefined) return null;
  if (typeof seconds !== "number") {
    throw new TypeError(`Cannot use ${quote(seconds)} as cacheMaxAge`);
  }
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new RangeError(
      `Cannot use "${seconds}" as cacheMaxAge: take whole seconds from 0`,
    );
  }
  return `public, max-age=${seconds}`;
}

function checkIndex(names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) {
    throw new TypeError(`Cannot use ${quote(names)} as index: take a list`);
  }
  for (const name of names) {
    const isName = typeof name === "string" && /^[^/\\\0]+$/.test(name) &&
      name !== "." && name !== "..";
    if (!isName) {
      throw new TypeError(`Cannot use ${quote(name)} as an index: take a name`);
    }
  }
  return [...names];
}

function checkChoice<T extends string>(
  name: string,
  value: T | undefined,
  choices: readonly T[],
): T {
  if (value === undefined) return choices[0];
  if (choices.includes(value)) return value;
  throw new TypeError(
    `Cannot use ${quote(value)} as ${name}: take one of "${
      choices.join('", "')
    }"`,
  );
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option has the wrong shape.
 * @throws {RangeError} If `cacheMaxAge` is not a whole number from 0.
 */
export function resolveOptions(options: StaticFilesOptions): Settings {
  return Object.freeze({
    root: resolveRoot(options.root),
    cacheControl: cacheControl(options.cacheMaxAge),
    index: checkIndex(options.index ?? ["index.html"]),
    dotfiles: checkChoice("dotfiles", options.dotfiles, DOTFILES),
    symlinks: checkChoice("symlinks", options.symlinks, SYMLINKS),
  });
}
