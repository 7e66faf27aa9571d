/**
 * Files that are kept in a content coding beside the plain ones.
 *
 * @module
 */

import { acceptsEncodings } from "../../http/negotiation.ts";
import type { FoundFile, Locator } from "./locate.ts";
import type { FileCoding } from "./options.ts";
import type { SourceFile } from "./source.ts";
import type { Steps } from "./steps.ts";

/** A found file in the coding that is sent. */
export interface CodedFile extends FoundFile {
  /** The coding; `null` for the file as it is. */
  readonly coding: FileCoding | null;
}

const EXTENSIONS: Readonly<Record<FileCoding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

// What was packed before the original last changed holds something else.
function isCurrent(packed: SourceFile, original: SourceFile): boolean {
  return packed.modified === null || original.modified === null ||
    packed.modified >= original.modified;
}

/**
 * Chooses among a file and what lies packed beside it, by `Accept-Encoding`. The
 * file is taken over: it is closed where another goes in its place.
 *
 * @param codings The codings to look for, best first.
 */
export function* chooseCoding(
  locator: Locator,
  found: FoundFile,
  accepted: string | null,
  codings: readonly FileCoding[],
): Steps<CodedFile> {
  const { path, file } = found;
  for (let left = codings; accepted !== null && left.length > 0;) {
    const wanted = acceptsEncodings(accepted, left);
    const coding = left.find((one) => one === wanted);
    if (coding === undefined) break;
    const packed = yield* openPacked(locator, found, coding);
    if (packed !== null) {
      file.close();
      return { path, file: packed, coding };
    }
    left = left.filter((one) => one !== coding);
  }
  return { path, file, coding: null };
}

function* openPacked(
  locator: Locator,
  { path, file }: FoundFile,
  coding: FileCoding,
): Steps<SourceFile | null> {
  try {
    const packed = yield* locator.openFile(path + EXTENSIONS[coding]);
    if (packed === null) return null;
    if (isCurrent(packed.file, file)) return packed.file;
    packed.file.close();
    return null;
  } catch (error) {
    file.close();
    throw error;
  }
}
