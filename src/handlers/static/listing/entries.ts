/**
 * From a directory to what is listed of it.
 *
 * @module
 */

import type { DotfilePolicy } from "../options.ts";
import type { SourceDirectory } from "../source.ts";
import { splitPath } from "../target.ts";
import type { ListedEntry } from "./listing.ts";
import type { ListingWish } from "./wish.ts";

/** By what entries are chosen. */
export interface EntryRules {
  /** The policy on dotfiles. */
  readonly dotfiles: DotfilePolicy;
  /** How many are listed at most. */
  readonly maxEntries: number;
}

/** What is listed, and whether there is more. */
export interface FoundEntries {
  /** In the order that was asked for. */
  readonly entries: readonly ListedEntry[];
  /** Whether some were left out. */
  readonly isCut: boolean;
}

type Compare = (a: ListedEntry, b: ListedEntry) => number;

// Enough to keep a disk or a network busy, few enough to leave threads to others.
const PARALLEL = 16;
// Of one language everywhere: the same order, and entity tag, on all servers.
const COLLATOR = new Intl.Collator("en", { numeric: true });

function compareNames(a: ListedEntry, b: ListedEntry): number {
  const difference = COLLATOR.compare(a.name, b.name);
  if (difference !== 0) return difference;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

// Unknown sizes and times count as the least.
function compareNumbers(a: number | null, b: number | null): number {
  const [one, other] = [a ?? -Infinity, b ?? -Infinity];
  return one === other ? 0 : one < other ? -1 : 1;
}

const COMPARES: Readonly<Record<ListingWish["sort"], Compare>> = {
  name: compareNames,
  size: (a, b) => compareNumbers(a.size, b.size),
  date: (a, b) => compareNumbers(a.modified, b.modified),
};

/** Directories first, then by the order asked for, equal ones by name. */
function byWish({ sort, order }: ListingWish): Compare {
  const compare = COMPARES[sort];
  const sign = order === "desc" ? -1 : 1;
  return (a, b) =>
    Number(b.isDirectory) - Number(a.isDirectory) ||
    sign * compare(a, b) ||
    compareNames(a, b);
}

/** Makes the test for names that a URL may lead to, and that match the search. */
function nameTest(
  path: string,
  dotfiles: DotfilePolicy,
  search: string,
): (name: string) => boolean {
  const prefix = path === "" ? "" : `${path}/`;
  const wanted = search.toLowerCase();
  return (name) =>
    name !== "" && !name.includes("/") && name.isWellFormed() &&
    (wanted === "" || name.toLowerCase().includes(wanted)) &&
    splitPath(prefix + name, dotfiles) !== null;
}

/** Does a piece of work for each item, a bounded number of them at a time. */
async function forAll<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length) await work(items[next++]);
  }
  const workers = Array.from({ length: PARALLEL }, worker);
  // All must have ended before an error is told: the directory is closed then.
  const results = await Promise.allSettled(workers);
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
}

/**
 * Finds what is to be listed of a directory: what may be served, matches the
 * search, and does not go beyond the bound.
 *
 * @param path Its path below the root.
 */
export async function findEntries(
  directory: SourceDirectory,
  path: string,
  rules: EntryRules,
  wish: ListingWish,
): Promise<FoundEntries> {
  const isListed = nameTest(path, rules.dotfiles, wish.search);
  const names = [...directory.names].filter(isListed);
  const isCut = names.length > rules.maxEntries;
  // By code unit: a bound on the work for directories of a hundred thousand.
  if (isCut) names.sort().length = rules.maxEntries;
  const entries: ListedEntry[] = [];
  await forAll(names, async (name) => {
    const facts = await directory.describe(name);
    if (facts !== null) entries.push({ ...facts, name });
  });
  return { entries: entries.sort(byWish(wish)), isCut };
}
