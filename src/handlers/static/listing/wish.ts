/**
 * What a request wants of a listing: the order, a search, the format.
 *
 * @module
 */

import { accepts } from "../../../http/negotiation.ts";
import type { AnyRequest } from "../../../http/request.ts";

/** By what entries are sorted. */
export type ListingSort = "name" | "size" | "date";

/** In which direction. */
export type ListingOrder = "asc" | "desc";

/** How a listing is to be shown. */
export interface ListingWish {
  /** By what to sort. */
  readonly sort: ListingSort;
  /** In which direction. */
  readonly order: ListingOrder;
  /** What to look for in the names; empty for nothing. */
  readonly search: string;
  /** Whether JSON is preferred to a page. */
  readonly isJson: boolean;
}

const SORTS: readonly ListingSort[] = ["name", "size", "date"];
const ORDERS: readonly ListingOrder[] = ["asc", "desc"];
// As long as a name can be.
const LONGEST_SEARCH = 255;

function choose<T extends string>(
  value: string | null,
  choices: readonly T[],
): T {
  return choices.find((one) => one === value) ?? choices[0];
}

function prefersJson(request: AnyRequest): boolean {
  const format = request.query.get("format");
  if (format === "json" || format === "html") return format === "json";
  const types = ["text/html", "application/json"];
  return accepts(request.header("accept"), types) === "application/json";
}

/** Reads the query and `Accept`; what makes no sense there counts as not said. */
export function readWish(request: AnyRequest): ListingWish {
  const { query } = request;
  return {
    sort: choose(query.get("sort"), SORTS),
    order: choose(query.get("order"), ORDERS),
    search: (query.get("q") ?? "").trim().slice(0, LONGEST_SEARCH)
      .toWellFormed(),
    isJson: prefersJson(request),
  };
}

/** The query that asks for an order and a search; empty if both are the usual. */
export function wishQuery(
  { sort, order, search }: Pick<ListingWish, "sort" | "order" | "search">,
): string {
  const query = new URLSearchParams();
  if (sort !== "name" || order !== "asc") {
    query.set("sort", sort);
    query.set("order", order);
  }
  if (search !== "") query.set("q", search);
  return query.size === 0 ? "" : `?${query}`;
}
