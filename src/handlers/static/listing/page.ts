/**
 * A listing as a page: HTML that needs no script.
 *
 * @module
 */

import type { TypeRule } from "../media_types.ts";
import { iconOf, ICONS, showIcon } from "./icons.ts";
import {
  entryUrl,
  formatTime,
  type ListedEntry,
  type Listing,
} from "./listing.ts";
import { STYLE } from "./style.ts";
import {
  countOf,
  escapeHtml,
  formatCount,
  formatSize,
  plainName,
  showName,
} from "./text.ts";
import { type ListingSort, type ListingWish, wishQuery } from "./wish.ts";

interface Column {
  readonly sort: ListingSort;
  readonly label: string;
  readonly note: string;
  readonly className: string;
}

const COLUMNS: readonly Column[] = [
  { sort: "name", label: "Name", note: "", className: "name" },
  { sort: "size", label: "Size", note: "", className: "size" },
  { sort: "date", label: "Changed", note: " (UTC)", className: "date" },
];

const WORDS = { asc: "ascending", desc: "descending" } as const;

// Roles are said again where a narrow screen turns rows into blocks: some
// browsers take such a table for none.
const ROW = '<tr role="row">';

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** The name of a directory; the root of a host has none. */
function nameOf(segment: string | undefined): string {
  return segment ?? "Home";
}

function breadcrumb({ path, depth, wish }: Listing): string {
  const segments = segmentsOf(path);
  const query = escapeHtml(wishQuery({ ...wish, search: "" }));
  const crumbs: string[] = [];
  for (let up = depth; up > 0; up--) {
    const name = showName(nameOf(segments[segments.length - 1 - up]));
    crumbs.push(`<li><a href="${"../".repeat(up)}${query}">${name}</a></li>`);
  }
  const name = showName(nameOf(segments.at(-1)));
  crumbs.push(`<li><span aria-current="page">${name}</span></li>`);
  return `<nav aria-label="Breadcrumb"><ol>${crumbs.join("")}</ol></nav>`;
}

function summary({ entries, wish }: Listing): string {
  const directories = entries.filter((one) => one.isDirectory).length;
  const files = entries.length - directories;
  const bytes = entries.reduce((sum, one) => sum + (one.size ?? 0), 0);
  const parts = [
    directories > 0 ? countOf(directories, "directory", "directories") : "",
    files > 0 ? countOf(files, "file", "files") : "",
    files > 0 ? formatSize(bytes) : "",
  ].filter((part) => part !== "");
  const found = parts.length === 0 ? "Nothing here" : parts.join(", ");
  if (wish.search === "") return `<p class="sum">${found}</p>`;
  const all = wishQuery({ ...wish, search: "" });
  return `<p class="sum">${found} with “${
    showName(wish.search)
  }” in the name. <a href="./${escapeHtml(all)}">Show all</a></p>`;
}

function searchForm({ wish }: Listing): string {
  const { sort, order, search } = wish;
  const kept = wishQuery({ sort, order, search: "" }) === "" ? "" : `
<input type="hidden" name="sort" value="${sort}">
<input type="hidden" name="order" value="${order}">`;
  return `<form role="search" action="./">${kept}
<input type="search" name="q" value="${
    escapeHtml(search)
  }" placeholder="Search names" aria-label="Search names in this directory" maxlength="255" autocomplete="off" spellcheck="false">
<button aria-label="Search">${showIcon("search")}</button>
</form>`;
}

function columnHead(column: Column, wish: ListingWish): string {
  const { sort, label, note, className } = column;
  const isSorted = wish.sort === sort;
  // The largest and the latest are what is mostly looked for.
  const first = sort === "name" ? "asc" : "desc";
  const other = wish.order === "asc" ? "desc" : "asc";
  const order = isSorted ? other : first;
  const query = new URLSearchParams({ sort, order });
  if (wish.search !== "") query.set("q", wish.search);
  const aria = isSorted ? ` aria-sort="${WORDS[wish.order]}"` : "";
  const arrow = wish.order === "asc" ? "↑" : "↓";
  const mark = isSorted ? `<span aria-hidden="true">${arrow}</span>` : "";
  return `<th role="columnheader" scope="col" class="${className}"${aria}><a href="./?${
    escapeHtml(`${query}`)
  }">${label}${note}${mark}</a></th>`;
}

function sizeCell({ isDirectory, size }: ListedEntry): string {
  if (isDirectory || size === null) return emptyCell("size");
  const exact = countOf(size, "byte", "bytes");
  return `<td role="cell" class="size"><data value="${size}" title="${exact}">${
    formatSize(size)
  }</data></td>`;
}

function dateCell(modified: number | null): string {
  const time = formatTime(modified);
  if (time === null) return emptyCell("date");
  const shown = time.slice(0, 16).replace("T", " ");
  return `<td role="cell" class="date"><time datetime="${time}" title="${
    time.slice(0, 19).replace("T", " ")
  } UTC">${shown}</time></td>`;
}

function emptyCell(className: string): string {
  return `<td role="cell" class="${className} none"></td>`;
}

function nameCell(href: string, icon: string, name: string): string {
  return `<th role="rowheader" scope="row"><a href="${
    escapeHtml(href)
  }">${icon}<span>${name}</span></a></th>`;
}

function entryRow(
  entry: ListedEntry,
  directoryQuery: string,
  mediaType: TypeRule,
): string {
  const { name, isDirectory, modified } = entry;
  const icon = showIcon(isDirectory ? "folder" : iconOf(mediaType(name)));
  const href = entryUrl(entry) + (isDirectory ? directoryQuery : "");
  const shown = showName(name) + (isDirectory ? "/" : "");
  return ROW + nameCell(href, icon, shown) + sizeCell(entry) +
    dateCell(modified) + "</tr>";
}

function rows(listing: Listing, mediaType: TypeRule): string[] {
  const { depth, entries, wish } = listing;
  const query = wishQuery({ ...wish, search: "" });
  const found = entries.map((entry) => entryRow(entry, query, mediaType));
  if (entries.length === 0) {
    const why = wish.search === ""
      ? "This directory is empty."
      : "No name here has that in it.";
    found.push(
      `${ROW}<td role="cell" class="empty" colspan="3">${why}</td></tr>`,
    );
  }
  if (depth === 0) return found;
  const up = nameCell(`../${query}`, showIcon("up"), "Parent directory");
  const row = ROW + up + emptyCell("size") + emptyCell("date") + "</tr>";
  return [row, ...found];
}

function table(listing: Listing, mediaType: TypeRule): string {
  const { path, wish } = listing;
  const heads = COLUMNS.map((column) => columnHead(column, wish)).join("");
  return `<div class="card"><table role="table">
<caption class="hidden">What is in ${showName(path)}, sorted by ${wish.sort}, ${
    WORDS[wish.order]
  }</caption>
<thead role="rowgroup">${ROW}${heads}</tr></thead>
<tbody role="rowgroup">
${rows(listing, mediaType).join("\n")}
</tbody>
</table></div>`;
}

function cutNote(cutAt: number | null): string {
  if (cutAt === null) return "";
  return `<p class="note" role="note">There are more entries: these are the first ${
    formatCount(cutAt)
  } by name. A search looks through all of them.</p>`;
}

function jsonLink(wish: ListingWish): string {
  const query = new URLSearchParams(wishQuery(wish).slice(1));
  query.set("format", "json");
  return `<a href="./?${
    escapeHtml(`${query}`)
  }" type="application/json">This list as JSON</a>`;
}

/**
 * Writes the page of a listing.
 *
 * @param mediaType Tells the types that the pictures before the names go by.
 */
export function listingPage(listing: Listing, mediaType: TypeRule): string {
  const { path, wish, cutAt } = listing;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(plainName(path))}</title>
<style>${STYLE}</style>
</head>
<body>
${ICONS}
<header>
<div class="where">
${breadcrumb(listing)}
<h1>${showName(nameOf(segmentsOf(path).at(-1)))}</h1>
${summary(listing)}
</div>
${searchForm(listing)}
</header>
<main>
${cutNote(cutAt)}
${table(listing, mediaType)}
</main>
<footer>${jsonLink(wish)}</footer>
</body>
</html>
`;
}
