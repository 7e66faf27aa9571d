/**
 * The media type of a file by its name.
 *
 * @module
 */

import { extname } from "@std/path/posix";
import { lookup } from "mrmime";
import { isToken } from "../../grammar/chars.ts";
import { BYTES_TYPE } from "../../http/content.ts";
import { parseMediaType } from "../../http/media_type.ts";
import { describeValue } from "../../http/values.ts";

/** Gives the `Content-Type` of a file by its name. */
export type TypeRule = (name: string) => string;

/** The options that {@linkcode typeRule} is made of. */
export interface TypeRuleOptions {
  /** Types by extension or by whole name. */
  mimeTypes?: Readonly<Record<string, string>>;
  /** The charset of texts. */
  charset?: string | false;
}

const TEXT =
  /^(?:text\/|application\/(?:json|javascript|[^;]*\+json)\s*(?:;|$))/;

function readTypes(
  types: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  if (typeof types !== "object" || types === null || Array.isArray(types)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(types)
      } as mimeTypes: take types by extension`,
    );
  }
  const read = new Map<string, string>();
  for (const [name, type] of Object.entries(types)) {
    if (typeof type !== "string" || parseMediaType(type) === null) {
      throw new TypeError(
        `Cannot use ${
          describeValue(type)
        } as the media type of "${name}": take one such as "text/plain"`,
      );
    }
    read.set(name.toLowerCase().replace(/^\./, ""), type);
  }
  return read;
}

function checkCharset(charset: string | false): string {
  if (charset === false) return "";
  if (typeof charset === "string" && isToken(charset)) {
    return `; charset=${charset}`;
  }
  throw new TypeError(
    `Cannot use ${describeValue(charset)} as charset: take a name or false`,
  );
}

function knownType(extension: string): string | undefined {
  const type: unknown = lookup(extension);
  // The database is a plain object: ".constructor" finds a function in it.
  return typeof type === "string" ? type : undefined;
}

/**
 * Makes the rule: the types given, by whole name or by extension, else those of
 * the database, else `application/octet-stream`; texts with their charset.
 *
 * @throws {TypeError} If an option has the wrong shape.
 */
export function typeRule(options: TypeRuleOptions = {}): TypeRule {
  const own = readTypes(options.mimeTypes ?? {});
  const charset = checkCharset(options.charset ?? "utf-8");
  return function typeRule(name) {
    const lower = name.toLowerCase();
    // Without its dot a name like "html" would count as an extension.
    const extension = extname(lower).slice(1);
    const type = own.get(lower) ?? own.get(extension) ??
      (extension === "" ? undefined : knownType(extension));
    if (type === undefined) return BYTES_TYPE;
    // One's own types may tell another.
    return TEXT.test(type) && !/;\s*charset=/i.test(type)
      ? type + charset
      : type;
  };
}
