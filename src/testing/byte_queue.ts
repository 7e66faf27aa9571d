/**
 * {@linkcode ByteQueue}: bytes on their way from one end to the other.
 *
 * @module
 */

const NOTHING = new Uint8Array(0);

/** Carries bytes one way, holding no more than its window takes. */
export class ByteQueue {
  readonly #window: number;
  #held: Uint8Array = NOTHING;
  #isEnded = false;
  #error: Error | null = null;
  // Those who wait for a change.
  #waiting: (() => void)[] = [];

  /** Holds at most `window` bytes that nobody has read. */
  constructor(window: number) {
    this.#window = window;
  }

  /** True once no more bytes come. */
  get isOver(): boolean {
    return this.#isEnded || this.#error !== null;
  }

  /** How many bytes wait to be read. */
  get length(): number {
    return this.#held.length;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const goOn of waiting) goOn();
  }

  /** Takes some of the bytes, at least one, and returns how many; waits for room. */
  async write(bytes: Uint8Array): Promise<number> {
    if (bytes.length === 0) return 0;
    while (!this.isOver && this.#held.length >= this.#window) {
      await this.#change();
    }
    if (this.#error !== null) throw this.#error;
    if (this.#isEnded) throw new Deno.errors.BrokenPipe("The side has ended");
    const part = bytes.subarray(0, this.#window - this.#held.length);
    const all = new Uint8Array(this.#held.length + part.length);
    all.set(this.#held);
    all.set(part, this.#held.length);
    this.#held = all;
    this.#tell();
    return part.length;
  }

  // Waits until there is something; false at the end.
  async #hasBytes(): Promise<boolean> {
    while (this.#held.length === 0 && !this.isOver) await this.#change();
    if (this.#error !== null) throw this.#error;
    return this.#held.length > 0;
  }

  /** Takes up to `count` bytes, waiting for the first; `null` at the end. */
  async take(count: number): Promise<Uint8Array | null> {
    if (!(await this.#hasBytes())) return null;
    const part = this.#held.slice(0, count);
    this.#held = this.#held.subarray(part.length);
    this.#tell();
    return part;
  }

  /** Reads into a buffer; `null` at the end. */
  async readInto(into: Uint8Array): Promise<number | null> {
    const part = await this.take(into.length);
    if (part !== null) into.set(part);
    return part?.length ?? null;
  }

  /** Resolves once all bytes have been read, or none will be. */
  async drained(): Promise<void> {
    while (this.#held.length > 0 && !this.isOver) await this.#change();
  }

  /** No more bytes come; those that have may be read. */
  end(): void {
    this.#isEnded = true;
    this.#tell();
  }

  /** Ends it with an error for whoever reads or writes. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#held = NOTHING;
    this.#tell();
  }
}
