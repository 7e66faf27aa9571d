/**
 * What the file system tells of a file, and whether it is still the same.
 *
 * @module
 */

/** What is known of a file. */
export interface FileFacts {
  /** Length in bytes. */
  readonly size: number;
  /** Time of change in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Time of any change, of the name or the rights too; `null` if unknown. */
  readonly ctimeMs: number | null;
  /** The device that it is on. */
  readonly dev: number;
  /** Its number on the device; `null` if unknown. */
  readonly ino: number | null;
}

// Clocks of file systems go in steps of up to two seconds: within one a file may
// change again and look the same.
const SETTLED_MS = 2000;

/** The facts that `Deno.stat` tells. */
export function factsOf(info: Deno.FileInfo): FileFacts {
  return {
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? null,
    dev: info.dev,
    ino: info.ino,
  };
}

/** Tells whether both are of the same file, unchanged. */
export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs && a.dev === b.dev;
}

/** Tells whether a change from now on will be seen by the facts. */
export function isSettled(facts: FileFacts, now: number): boolean {
  const changed = facts.ctimeMs ?? facts.mtimeMs;
  return now - changed >= SETTLED_MS;
}

/** A name that another content of the file will not have. */
export function versionOf(facts: FileFacts): string {
  const { dev, ino, size, mtimeMs, ctimeMs } = facts;
  return `${dev}-${ino}-${size}-${mtimeMs}-${ctimeMs}`;
}
