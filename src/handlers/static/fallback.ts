/**
 * What stands in where there is no file: the page of an application, or of a 404.
 *
 * @module
 */

import { accepts, parseAccept } from "../../http/negotiation.ts";
import type { AnyRequest } from "../../http/request.ts";
import type { FileTarget } from "./target.ts";

/** The fields by which {@linkcode isNavigation} tells. */
export const NAVIGATION_FIELDS: readonly string[] = [
  "Accept",
  "Sec-Fetch-Mode",
];

// By name: what fetches scripts and images says that it takes anything.
function namesHtml(accept: string | null): boolean {
  if (accept === null) return false;
  return parseAccept(accept).some(({ type, quality }) =>
    quality > 0 && (type === "text/html" || type === "application/xhtml+xml")
  );
}

/**
 * Tells whether somebody goes to a page, rather than a page loads a part of
 * itself, and whether the path may be one of an application.
 */
export function isNavigation(request: AnyRequest, target: FileTarget): boolean {
  const last = target.path.slice(target.path.lastIndexOf("/") + 1);
  if (last.includes(".")) return false;
  const mode = request.header("sec-fetch-mode");
  if (mode !== null && mode !== "navigate") return false;
  const accept = request.header("accept");
  return mode === null
    ? namesHtml(accept)
    : accepts(accept, ["text/html"]) !== null;
}
