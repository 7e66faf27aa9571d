/**
 * Media types, as in `Content-Type` (RFC 9110 8.3.1).
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import {
  formatParameters,
  parseParameters,
  trimOws,
} from "../grammar/lists.ts";

/** A media type with its parameters. */
export interface MediaType {
  /** Type and subtype in lower case, such as `text/html`. */
  type: string;
  /** Values by lower-case name, such as `charset`. */
  parameters: ReadonlyMap<string, string>;
}

function isEssence(text: string): boolean {
  const slash = text.indexOf("/");
  return slash > 0 && isToken(text.slice(0, slash)) &&
    isToken(text.slice(slash + 1));
}

/**
 * Reads a media type (RFC 9110 8.3.1).
 *
 * @returns Its parts, or `null` if the type or any parameter is malformed.
 *
 * @example Usage
 * ```ts
 * import { parseMediaType } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const media = parseMediaType("Text/HTML; Charset=utf-8");
 * assertEquals(media?.type, "text/html");
 * assertEquals(media?.parameters.get("charset"), "utf-8");
 * ```
 */
export function parseMediaType(value: string): MediaType | null {
  const semicolon = value.indexOf(";");
  const end = semicolon < 0 ? value.length : semicolon;
  const type = trimOws(value.slice(0, end)).toLowerCase();
  if (!isEssence(type)) return null;
  const parameters = parseParameters(value.slice(end));
  return parameters === null ? null : { type, parameters };
}

/**
 * Writes a media type, quoting the values of parameters where they need it.
 *
 * @throws {TypeError} If the type or a parameter cannot be written.
 *
 * @example Usage
 * ```ts
 * import { formatMediaType } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters = new Map([["charset", "utf-8"]]);
 * assertEquals(
 *   formatMediaType({ type: "text/html", parameters }),
 *   "text/html; charset=utf-8",
 * );
 * ```
 */
export function formatMediaType(media: MediaType): string {
  if (!isEssence(media.type)) {
    throw new TypeError(
      `Cannot write ${
        JSON.stringify(media.type)
      } as a media type: take one such as "text/html"`,
    );
  }
  return media.type + formatParameters(media.parameters);
}

/**
 * Tells whether a `Content-Type` stands for JSON: `application/json` or a type
 * with the suffix `+json` (RFC 6839 3.1).
 *
 * @param value The field value; `null`, for no such field, is not JSON.
 *
 * @example Usage
 * ```ts
 * import { isJsonType } from "@x/httpserver";
 * import { assert } from "@std/assert";
 *
 * assert(isJsonType("application/problem+json; charset=utf-8"));
 * assert(!isJsonType("text/html"));
 * ```
 */
export function isJsonType(value: string | null): boolean {
  if (value === null) return false;
  if (value === "application/json") return true;
  const type = parseMediaType(value)?.type ?? "";
  return type === "application/json" || type.endsWith("+json");
}
