/**
 * {@linkcode ByteBuffer}: bytes to be sent, appended piece by piece.
 *
 * @module
 */

const UTF8 = new TextEncoder();

// Up to this many characters a loop beats a call into the runtime.
const LOOP_CHARACTERS = 40;

// Likewise for bytes.
const LOOP_BYTES = 24;

/**
 * A buffer that grows as it is appended to and is used again and again.
 *
 * @example Usage
 * ```ts
 * import { ByteBuffer } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const buffer = new ByteBuffer(4);
 * buffer.appendLatin1("size: ");
 * buffer.appendDecimal(5);
 * assertEquals(new TextDecoder().decode(buffer.appended), "size: 5");
 * ```
 */
export class ByteBuffer {
  /** The bytes; those from {@linkcode ByteBuffer.length} on mean nothing. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The number of bytes appended. */
  length = 0;

  #view: Uint8Array<ArrayBuffer> | null = null;

  /** Makes an empty buffer with room for `capacity` bytes. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    wider.set(this.bytes.subarray(0, this.length));
    this.bytes = wider;
    this.#view = null;
  }

  /** The bytes appended, good until the next change. */
  get appended(): Uint8Array<ArrayBuffer> {
    // Answers of the same length share a view: making one takes 35 ns.
    if (this.#view === null || this.#view.length !== this.length) {
      this.#view = this.bytes.subarray(0, this.length);
    }
    return this.#view;
  }

  /** Appends bytes. */
  append(bytes: Uint8Array): void {
    const count = bytes.length;
    this.reserve(count);
    const at = this.length;
    if (count > LOOP_BYTES) this.bytes.set(bytes, at);
    else for (let i = 0; i < count; i++) this.bytes[at + i] = bytes[i];
    this.length = at + count;
  }

  /** Appends text whose characters are all below 256, a byte for each. */
  appendLatin1(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Appends text as UTF-8 and returns the number of bytes. */
  appendUtf8(text: string): number {
    const start = this.length;
    if (text.length <= LOOP_CHARACTERS && this.#appendAscii(text)) {
      return text.length;
    }
    this.reserve(text.length * 3);
    const { written } = UTF8.encodeInto(text, this.bytes.subarray(start));
    this.length = start + written;
    return written;
  }

  // False, and nothing appended, if a character is not ASCII.
  #appendAscii(text: string): boolean {
    this.reserve(text.length);
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      bytes[length + i] = code;
    }
    this.length = length + text.length;
    return true;
  }

  /** Appends a whole number in decimal digits. */
  appendDecimal(value: number): void {
    this.appendLatin1(`${value}`);
  }

  /** Forgets the bytes appended from `length` on. */
  truncate(length: number): void {
    this.length = length;
  }
}
