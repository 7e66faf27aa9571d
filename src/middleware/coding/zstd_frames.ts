/**
 * {@linkcode ZstdFrames}: where the frames of a zstd content end. The runtime's
 * decoder keeps silent about a content that ends too early.
 *
 * @module
 */

const MAGIC = 0xfd2fb528;
// The last four bits are free.
const SKIPPABLE_MAGIC = 0x184d2a50;
const RLE = 1;
const RESERVED = 3;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

type State = "magic" | "skippable" | "descriptor" | "block" | "end";

const FIELD_BYTES: Readonly<Record<State, number>> = {
  magic: 4,
  skippable: 4,
  descriptor: 1,
  block: 3,
  end: 0,
};

/** Follows the structure of a zstd content (RFC 8878 3.1), however it is split. */
export class ZstdFrames {
  #state: State = "magic";
  /** The field that is being read, little-endian, and how many bytes it has. */
  #field = 0;
  #fieldBytes = 0;
  /** Bytes to pass over before the next field. */
  #skip = 0;
  #hasChecksum = false;
  #frames = 0;

  /** True if what was seen is one whole frame or more. */
  get isComplete(): boolean {
    return this.#frames > 0 && this.#state === "magic" &&
      this.#fieldBytes === 0;
  }

  /**
   * Goes on from `at`.
   *
   * @returns The index behind the frame that ends here, else the length of
   * `bytes`; -1 if this is no frame.
   */
  scan(bytes: Uint8Array, at: number): number {
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const count = Math.min(this.#skip, bytes.length - at);
        this.#skip -= count;
        at += count;
      } else {
        this.#field += bytes[at++] * 2 ** (8 * this.#fieldBytes++);
        if (this.#fieldBytes === FIELD_BYTES[this.#state]) {
          if (!this.#read()) return -1;
          this.#field = this.#fieldBytes = 0;
        }
      }
      if (this.#skip === 0 && this.#state === "end") {
        this.#state = "magic";
        this.#frames++;
        return at;
      }
    }
    return at;
  }

  #read(): boolean {
    switch (this.#state) {
      case "magic":
        return this.#readMagic();
      case "skippable":
        this.#skip = this.#field;
        this.#state = "end";
        return true;
      case "descriptor":
        return this.#readDescriptor();
      default:
        return this.#readBlock();
    }
  }

  #readMagic(): boolean {
    const isSkippable = this.#field - this.#field % 16 === SKIPPABLE_MAGIC;
    this.#state = isSkippable ? "skippable" : "descriptor";
    return isSkippable || this.#field === MAGIC;
  }

  #readDescriptor(): boolean {
    const descriptor = this.#field;
    const isSingle = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >> 6;
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#skip = (isSingle ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3] +
      (sizeFlag === 0 && isSingle ? 1 : SIZE_BYTES[sizeFlag]);
    this.#state = "block";
    return (descriptor & 8) === 0;
  }

  #readBlock(): boolean {
    const isLast = (this.#field & 1) !== 0;
    const type = (this.#field >> 1) & 3;
    this.#skip = type === RLE ? 1 : this.#field >> 3;
    if (isLast) {
      this.#skip += this.#hasChecksum ? 4 : 0;
      this.#state = "end";
    }
    return type !== RESERVED;
  }
}
