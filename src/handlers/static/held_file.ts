/**
 * {@linkcode HeldFile}: a file whose bytes are at hand.
 *
 * @module
 */

import type { SourceFile } from "./source.ts";

/** A file whose bytes are at hand, never to be changed. */
export class HeldFile implements SourceFile {
  /** The content. */
  readonly bytes: Uint8Array;
  /** Time of change in milliseconds since 1970; `null` if unknown. */
  readonly modified: number | null;
  /** Not needed: the bytes themselves tell one content from another. */
  readonly version = null;

  /** Holds a content. */
  constructor(bytes: Uint8Array, modified: number | null) {
    this.bytes = bytes;
    this.modified = modified;
  }

  /** Length in bytes. */
  get size(): number {
    return this.bytes.length;
  }

  /** Copies at most as much as fits from `position` on. */
  read(into: Uint8Array, position: number): number {
    const part = this.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  /** Nothing is to be freed. */
  close(): void {}
}
