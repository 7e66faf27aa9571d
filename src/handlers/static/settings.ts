/**
 * The options of `staticFiles`, checked and resolved once.
 *
 * @module
 */

import { fromFileUrl, resolve } from "@std/path";
import {
  cannotUse,
  checkChoice,
  checkList,
  checkNumber,
} from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import { type CacheRule, cacheRule } from "./cache_rules.ts";
import { type TypeRule, typeRule } from "./media_types.ts";
import type {
  DotfilePolicy,
  EntityTagPolicy,
  FileCacheOptions,
  FileCoding,
  ListingOptions,
  StaticFilesOptions,
  SymlinkPolicy,
} from "./options.ts";
import { describeValue } from "../../http/values.ts";
import { splitPath } from "./target.ts";

/** What a directory is served by. */
export interface DiskSettings {
  /** The root as an absolute path. */
  readonly root: string;
  /** The policy on symbolic links. */
  readonly symlinks: SymlinkPolicy;
  /** The bounds of the cache; `null` for none. */
  readonly cache: Required<FileCacheOptions> | null;
}

/** {@linkcode StaticFilesOptions}, checked and with the defaults filled in. */
export interface Settings {
  /** What is in front of the paths, without a slash at its end; `null` to tell by the route. */
  readonly prefix: string | null;
  /** The index names. */
  readonly index: readonly string[];
  /** How directories are listed; `null` for not at all. */
  readonly listing: Required<ListingOptions> | null;
  /** The policy on dotfiles. */
  readonly dotfiles: DotfilePolicy;
  /** Which `Cache-Control` a file gets. */
  readonly cacheControl: CacheRule;
  /** Which type a file has. */
  readonly mediaType: TypeRule;
  /** What entity tags are made of. */
  readonly etag: EntityTagPolicy;
  /** The codings to look for, best first. */
  readonly codings: readonly FileCoding[];
  /** Whether pages have URLs without their extension. */
  readonly cleanUrls: boolean | "redirect";
  /** The path of the page that stands in for missing ones; `null` for none. */
  readonly spa: string | null;
  /** The path of the page of a 404; `null` for none. */
  readonly notFound: string | null;
  /** Fields to add. */
  readonly headers: StaticFilesOptions["headers"];
  /** What is to be saved. */
  readonly download: NonNullable<StaticFilesOptions["download"]>;
  /** Whether a middleware hands on what it has no file for. */
  readonly fallthrough: boolean;
}

const KNOWN_OPTIONS: readonly string[] = Object.keys(
  {
    root: 0,
    source: 0,
    prefix: 0,
    index: 0,
    listing: 0,
    dotfiles: 0,
    symlinks: 0,
    cacheMaxAge: 0,
    cacheControl: 0,
    immutable: 0,
    etag: 0,
    precompressed: 0,
    cleanUrls: 0,
    spa: 0,
    notFound: 0,
    mimeTypes: 0,
    charset: 0,
    cache: 0,
    headers: 0,
    download: 0,
    fallthrough: 0,
  } satisfies Record<keyof StaticFilesOptions, 0>,
);

const DOTFILES: readonly DotfilePolicy[] = ["ignore", "allow"];
const SYMLINKS: readonly SymlinkPolicy[] = ["within-root", "follow", "deny"];
const ETAGS: readonly EntityTagPolicy[] = ["weak", "strong", false];
const CLEAN_URLS: readonly Settings["cleanUrls"][] = [false, true, "redirect"];
// Brotli first: a file is packed once, by its best level, and mostly comes out
// smallest with it.
const CODINGS: readonly FileCoding[] = ["br", "zstd", "gzip"];
const CACHE_DEFAULTS: Required<FileCacheOptions> = {
  maxBytes: 32 * 1024 * 1024,
  maxFileBytes: 1024 * 1024,
  checkMs: 0,
};

function resolveRoot(root: string | URL | undefined): string {
  if (root instanceof URL) return fromFileUrl(root);
  if (typeof root !== "string" || root === "" || root.includes("\0")) {
    throw new TypeError(
      `Cannot serve the root ${
        describeValue(root)
      }: take a path or a file: URL`,
    );
  }
  // What import.meta.resolve() gives; as a path it could only be a mistake.
  return root.startsWith("file://") ? fromFileUrl(root) : resolve(root);
}

function named(name: string): string {
  return `"${name}" of staticFiles`;
}

function isFileName(name: unknown): boolean {
  return typeof name === "string" && /^[^/\\\0]+$/.test(name) &&
    name !== "." && name !== "..";
}

function checkIndex(names: readonly string[]): readonly string[] {
  checkList(named("index"), names, "names of files", isFileName);
  return [...names];
}

// The first of them unless one is given.
function choose<T>(
  name: string,
  value: T | undefined,
  choices: readonly T[],
): T {
  if (value === undefined) return choices[0];
  return checkChoice(named(name), value, choices);
}

function checkCodings(
  wanted: boolean | readonly FileCoding[] | undefined,
): readonly FileCoding[] {
  if (wanted === undefined || wanted === false) return [];
  if (wanted === true) return CODINGS;
  const of = `${CODINGS.join(", ")}, or true or false`;
  const isCoding = (one: unknown) => CODINGS.includes(one as FileCoding);
  checkList(named("precompressed"), wanted, of, isCoding);
  return [...wanted];
}

function checkPage(
  name: string,
  path: string | boolean | undefined,
): string | null {
  if (path === undefined || path === false) return null;
  const wanted = path === true && name === "spa" ? "index.html" : path;
  const segments = typeof wanted === "string" && wanted !== ""
    ? splitPath(wanted.replace(/^\//, ""), "allow")
    : null;
  if (segments !== null && segments.length > 0) return segments.join("/");
  throw new TypeError(
    `${cannotUse(named(name), path)}a path below the root`,
  );
}

function checkPrefix(prefix: string | undefined): string | null {
  if (prefix === undefined) return null;
  if (typeof prefix === "string" && prefix.startsWith("/")) {
    return prefix.replace(/\/+$/, "");
  }
  throw new TypeError(
    `${
      cannotUse(named("prefix"), prefix)
    }one that begins with a slash, such as "/assets"`,
  );
}

function checkType<T>(name: string, value: T, ...types: string[]): T {
  if (value === undefined || types.includes(typeof value)) return value;
  throw new TypeError(
    `${cannotUse(named(name), value)}a ${types.join(" or a ")}`,
  );
}

function checkBound(
  name: keyof FileCacheOptions,
  value: number | undefined,
): number {
  if (value === undefined) return CACHE_DEFAULTS[name];
  const what = `"${name}" of the cache of staticFiles`;
  return checkNumber(what, value, { least: 0, whole: true });
}

function checkCache(
  options: false | FileCacheOptions | undefined = {},
): Required<FileCacheOptions> | null {
  if (options === false) return null;
  checkOptionNames("cache", options, Object.keys(CACHE_DEFAULTS));
  return {
    maxBytes: checkBound("maxBytes", options.maxBytes),
    maxFileBytes: checkBound("maxFileBytes", options.maxFileBytes),
    checkMs: checkBound("checkMs", options.checkMs),
  };
}

function checkListing(
  options: boolean | ListingOptions = false,
): Required<ListingOptions> | null {
  if (options === false) return null;
  const given = options === true ? {} : options;
  checkOptionNames("listing", given, ["maxEntries"]);
  const { maxEntries = 1000 } = given;
  const what = '"maxEntries" of the listing of staticFiles';
  checkNumber(what, maxEntries, { least: 1, whole: true });
  return { maxEntries };
}

/**
 * Checks the options that a directory is served by.
 *
 * @throws {TypeError} If an option has the wrong shape.
 * @throws {RangeError} If a bound of the cache is not a whole number from 0.
 */
export function resolveDisk(
  options: Pick<StaticFilesOptions, "root" | "symlinks" | "cache">,
): DiskSettings {
  return {
    root: resolveRoot(options.root),
    symlinks: choose("symlinks", options.symlinks, SYMLINKS),
    cache: checkCache(options.cache),
  };
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option has the wrong shape or an unknown name.
 * @throws {RangeError} If a time is not a whole number from 0.
 */
export function resolveOptions(options: StaticFilesOptions): Settings {
  checkOptionNames("staticFiles", options, KNOWN_OPTIONS);
  return {
    prefix: checkPrefix(options.prefix),
    index: checkIndex(options.index ?? ["index.html"]),
    listing: checkListing(options.listing),
    dotfiles: choose("dotfiles", options.dotfiles, DOTFILES),
    cacheControl: cacheRule(options),
    mediaType: typeRule(options),
    etag: choose("etag", options.etag, ETAGS),
    codings: checkCodings(options.precompressed),
    cleanUrls: choose("cleanUrls", options.cleanUrls, CLEAN_URLS),
    spa: checkPage("spa", options.spa),
    notFound: checkPage("notFound", options.notFound),
    headers: checkType("headers", options.headers, "function"),
    download: checkType("download", options.download, "function", "boolean") ??
      false,
    fallthrough: checkType("fallthrough", options.fallthrough, "boolean") ??
      true,
  };
}
