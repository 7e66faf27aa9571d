/**
 * {@linkcode FileCache}: contents of small files, as many as fit.
 *
 * @module
 */

/** What a {@linkcode FileCache} holds. */
export interface Cached {
  /** Bytes that it takes. */
  readonly size: number;
}

interface Slot<T> {
  readonly value: T;
  used: boolean;
}

// What an entry takes beside its content, for many empty files are no less a
// load: about what a Map, the facts and the field lines come to.
const ENTRY_BYTES = 1024;

/** Values by key up to a sum of bytes; those not asked for go first. */
export class FileCache<T extends Cached> {
  readonly #maxBytes: number;
  readonly #slots = new Map<string, Slot<T>>();
  #bytes = 0;

  /** Holds values of at most `maxBytes` together, what each takes besides included. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The value of a key, or `null`. */
  get(key: string): T | null {
    const slot = this.#slots.get(key);
    if (slot === undefined) return null;
    slot.used = true;
    return slot.value;
  }

  /** Holds a value, in place of another of its key; not if it alone is too large. */
  set(key: string, value: T): void {
    this.delete(key);
    const bytes = value.size + ENTRY_BYTES;
    if (bytes > this.#maxBytes) return;
    this.#makeRoom(this.#maxBytes - bytes);
    this.#slots.set(key, { value, used: false });
    this.#bytes += bytes;
  }

  /** Lets a value go. */
  delete(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#bytes -= slot.value.size + ENTRY_BYTES;
  }

  // A second chance for what was asked for since the last round: nearly as good
  // as the exact order of use, and a hit costs no more than a flag.
  #makeRoom(limit: number): void {
    for (const [key, slot] of this.#slots) {
      if (this.#bytes <= limit) return;
      if (slot.used) {
        slot.used = false;
        this.#slots.delete(key);
        this.#slots.set(key, slot);
      } else this.delete(key);
    }
  }
}
