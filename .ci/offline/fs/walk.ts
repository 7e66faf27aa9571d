import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What {@linkcode walk} yields. */
export interface WalkEntry extends Deno.DirEntry {
  /** The path, beginning with the root of the walk. */
  path: string;
}

/** Options of {@linkcode walk}. */
export interface WalkOptions {
  /** How many levels below the root are walked. @default {Infinity} */
  maxDepth?: number;
  /** Whether files are yielded. @default {true} */
  includeFiles?: boolean;
  /** Whether directories are yielded, the root too. @default {true} */
  includeDirs?: boolean;
  /** Whether links are yielded. @default {true} */
  includeSymlinks?: boolean;
  /** Endings of the paths to yield, with or without the dot. */
  exts?: string[];
  /** Yield just what one of these matches. */
  match?: RegExp[];
  /** Leave out what one of these matches, and all below it. */
  skip?: RegExp[];
}

/** Walks a directory and what is below it; links are not followed. */
export async function* walk(
  root: string | URL,
  options: WalkOptions = {},
): AsyncIterableIterator<WalkEntry> {
  const path = root instanceof URL ? fileURLToPath(root) : root;
  const { isFile, isDirectory, isSymlink } = await Deno.stat(path);
  const name = basename(path) || path;
  const entry = { path, name, isFile, isDirectory, isSymlink };
  if ((options.maxDepth ?? Infinity) < 0) return;
  yield* walkEntry(entry, options.maxDepth ?? Infinity, options);
}

async function* walkEntry(
  entry: WalkEntry,
  depth: number,
  options: WalkOptions,
): AsyncIterableIterator<WalkEntry> {
  if (options.skip?.some((pattern) => entry.path.match(pattern))) return;
  if (isWanted(entry, options)) yield entry;
  if (!entry.isDirectory || depth < 1) return;
  for await (const child of Deno.readDir(entry.path)) {
    const path = join(entry.path, child.name);
    yield* walkEntry({ path, ...child }, depth - 1, options);
  }
}

function isWanted(entry: WalkEntry, options: WalkOptions): boolean {
  const { includeDirs, includeFiles, includeSymlinks, exts, match } = options;
  if (entry.isDirectory && includeDirs === false) return false;
  if (entry.isFile && includeFiles === false) return false;
  if (entry.isSymlink && includeSymlinks === false) return false;
  const endings = exts?.map((ext) => ext.startsWith(".") ? ext : `.${ext}`);
  if (endings?.some((ending) => entry.path.endsWith(ending)) === false) {
    return false;
  }
  return match?.some((pattern) => entry.path.match(pattern)) ?? true;
}
