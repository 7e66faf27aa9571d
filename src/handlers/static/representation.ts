/**
 * What is sent of a file besides its bytes: type, coding, validators, freshness.
 *
 * @module
 */

import { basename } from "@std/path/posix";
import { formatHttpDate } from "../../grammar/dates.ts";
import { BYTES_TYPE, TEXT_TYPE } from "../../http/content.ts";
import { fileEntityTag } from "../../http/etag.ts";
import { type FieldLines, fieldLines } from "../../http/headers.ts";
import { ContentHashes } from "./content_hash.ts";
import type { CodedFile } from "./encodings.ts";
import type { FileCoding } from "./options.ts";
import type { Settings } from "./settings.ts";
import type { SourceFile } from "./source.ts";
import { settled, type Steps } from "./steps.ts";

/** A file as a client sees it. */
export interface Representation {
  /** The path below the root, of the original. */
  readonly path: string;
  /** The coding that it is in; `null` for none. */
  readonly coding: FileCoding | null;
  /** Length in bytes. */
  readonly size: number;
  /** The media type. */
  readonly type: string;
  /** The entity tag and the time of change, where they are known. */
  readonly validators: {
    readonly etag?: string;
    readonly lastModified?: number;
  };
  /** The fields of a 200. */
  readonly lines: FieldLines;
  /** Those among them that a 304 needs as much (RFC 9110 15.4.5). */
  readonly cachingLines: FieldLines;
}

type Line = [name: string, value: string];

/** The settings that a {@linkcode Describer} goes by. */
export type DescriptionSettings = Pick<
  Settings,
  "cacheControl" | "mediaType" | "etag" | "codings"
>;

// A name of its own for each coding: the sizes and times may be the same.
function withCoding(tag: string, coding: FileCoding | null): string {
  return coding === null ? tag : `${tag.slice(0, -1)}-${coding}"`;
}

/** Describes files, those that are held in memory once. */
export class Describer {
  readonly #settings: DescriptionSettings;
  readonly #hashes = new ContentHashes();
  readonly #known = new WeakMap<SourceFile, Representation>();

  /** Describes by the settings. */
  constructor(settings: DescriptionSettings) {
    this.#settings = settings;
  }

  /** What is known of a file in no coding; `null` if it has to be described. */
  known(path: string, file: SourceFile): Representation | null {
    const known = this.#known.get(file) ?? null;
    return known?.path === path && known.coding === null ? known : null;
  }

  /**
   * Describes a file.
   *
   * @param now Milliseconds since 1970.
   * @throws {Error} If the file ends too early while it is hashed.
   */
  *describe(
    { path, file, coding }: CodedFile,
    now: number = Date.now(),
  ): Steps<Representation> {
    const known = this.#known.get(file);
    if (known?.path === path && known.coding === coding) return known;
    const tag = yield* this.#tag(file);
    const etag = tag === null ? undefined : withCoding(tag, coding);
    const lastModified = file.modified === null
      ? undefined
      // RFC 9110 8.8.2.1: never later than the answer itself.
      : Math.floor(Math.min(file.modified, now) / 1000) * 1000;
    const isLasting = file.bytes !== null && (file.modified ?? 0) <= now;
    const made = this.#make(
      { path, coding, size: file.size },
      { etag, lastModified },
      isLasting,
    );
    if (isLasting) this.#known.set(file, made);
    return made;
  }

  *#tag(file: SourceFile): Steps<string | null> {
    const { etag } = this.#settings;
    if (etag === false) return null;
    if (etag === "strong" || file.modified === null) {
      const hash = yield* settled(this.#hashes.of(file));
      if (hash !== null) return `"${hash}"`;
    }
    return file.modified === null
      ? null
      : fileEntityTag(file.size, file.modified);
  }

  #make(
    file: Pick<Representation, "path" | "coding" | "size">,
    validators: Representation["validators"],
    isLasting: boolean,
  ): Representation {
    const type = this.#settings.mediaType(basename(file.path));
    const caching = this.#cachingLines(file.path, validators);
    const all = [...caching, ...contentLines(file, type)];
    return {
      ...file,
      type,
      validators,
      // The encoding of lines is kept only where it is asked for again.
      lines: { ...fieldLines(...all), constant: isLasting },
      cachingLines: { ...fieldLines(...caching), constant: isLasting },
    };
  }

  #cachingLines(
    path: string,
    { etag, lastModified }: Representation["validators"],
  ): Line[] {
    const lines: Line[] = [];
    if (etag !== undefined) lines.push(["ETag", etag]);
    if (lastModified !== undefined) {
      lines.push(["Last-Modified", formatHttpDate(lastModified)]);
    }
    const cacheControl = this.#settings.cacheControl(path);
    if (cacheControl !== null) lines.push(["Cache-Control", cacheControl]);
    // For all files, also those that have no other coding yet.
    if (this.#settings.codings.length > 0) {
      lines.push(["Vary", "Accept-Encoding"]);
    }
    return lines;
  }
}

function contentLines(
  { coding, size }: Pick<Representation, "coding" | "size">,
  type: string,
): Line[] {
  const lines: Line[] = [
    ["Accept-Ranges", "bytes"],
    ["Content-Type", type],
    ["Content-Length", `${size}`],
  ];
  if (coding !== null) lines.push(["Content-Encoding", coding]);
  // Pages of other sites could else run such files, uploads maybe, as scripts.
  if (type === BYTES_TYPE || type === TEXT_TYPE) {
    lines.push(["X-Content-Type-Options", "nosniff"]);
  }
  return lines;
}
