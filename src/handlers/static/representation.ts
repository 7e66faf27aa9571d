/**
 * What is sent of a file besides its bytes: type, validators, freshness.
 *
 * @module
 */

import { formatHttpDate } from "../../grammar/dates.ts";
import type { Validators } from "../../http/conditional.ts";
import { fileEntityTag } from "../../http/etag.ts";
import { HeaderList } from "../../http/headers.ts";
import { mediaTypeOf } from "./media_types.ts";
import type { FileFacts } from "./open_file.ts";

/** A file as a client sees it. */
export interface Representation {
  /** Length in bytes. */
  readonly size: number;
  /** The media type. */
  readonly type: string;
  /** The entity tag and the time of change. */
  readonly validators: Required<Pick<Validators, "etag" | "lastModified">>;
  /** The value of `Cache-Control`; `null` for none. */
  readonly cacheControl: string | null;
}

/**
 * Describes a file.
 *
 * @param now Milliseconds since 1970.
 */
export function describeFile(
  name: string,
  facts: FileFacts,
  cacheControl: string | null,
  now: number = Date.now(),
): Representation {
  const { size, mtimeMs } = facts;
  return {
    size,
    type: mediaTypeOf(name),
    validators: {
      etag: fileEntityTag(size, mtimeMs),
      // RFC 9110 8.8.2.1: never later than the answer itself.
      lastModified: Math.floor(Math.min(mtimeMs, now) / 1000) * 1000,
    },
    cacheControl,
  };
}

/** The fields that a 304 needs as much as a 200 (RFC 9110 15.4.5). */
export function cachingFields(representation: Representation): HeaderList {
  const { validators, cacheControl } = representation;
  const headers = new HeaderList()
    .set("etag", validators.etag)
    .set("last-modified", formatHttpDate(validators.lastModified));
  if (cacheControl !== null) headers.set("cache-control", cacheControl);
  return headers;
}
