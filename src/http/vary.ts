/**
 * Keeping `Vary` honest when several parties choose by the request.
 *
 * @module
 */

import { splitList } from "../grammar/lists.ts";
import type { HeaderList } from "./headers.ts";

function names(value: string, field: string): boolean {
  const key = field.toLowerCase();
  return splitList(value).some((member) =>
    member === "*" || member.toLowerCase() === key
  );
}

/**
 * Adds the name of a request field to `Vary`, unless it or `*` is there
 * already (RFC 9110 12.5.5).
 */
export function addVary(headers: HeaderList, field: string): void {
  const present = headers.get("vary");
  if (present === null) headers.append("Vary", field);
  else if (present === "") headers.set("Vary", field);
  else if (!names(present, field)) headers.set("Vary", `${present}, ${field}`);
}
