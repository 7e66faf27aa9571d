/**
 * What errors of the file system mean to a client.
 *
 * @module
 */

import { HttpError } from "../../http/errors.ts";

// All of them say that the name leads to nothing that may be read. Which of
// them it was would tell a stranger what there is.
const ABSENT: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EINVAL",
  "EISDIR",
  "EILSEQ",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "ENXIO",
  "EPERM",
]);

const EXHAUSTED: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE"]);

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

// What an error says: nothing to see, or more than that.
function absentOrThrow(error: unknown): null {
  const code = codeOf(error);
  if (ABSENT.has(code) || error instanceof Deno.errors.NotFound) return null;
  if (!EXHAUSTED.has(code)) throw error;
  throw new HttpError(503, "Too many files are open", { cause: error });
}

/**
 * Runs `look`, and gives `null` where the file system says that there is nothing
 * to see.
 *
 * @throws {HttpError} 503 if the process has no file descriptor left.
 */
export function orAbsent<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    return absentOrThrow(error);
  }
}

/** The same for what is still looked for. */
export async function orAbsentLater<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    return absentOrThrow(error);
  }
}
