/**
 * {@linkcode FileBody}: a part of an open file as the content of an answer, read
 * straight into the buffer that is sent.
 *
 * @module
 */

/** An open file, as much of it as a body needs; `Deno.FsFile` is one. */
export interface ReadableFile {
  /** Reads into `into` from the current offset; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Closes the file. */
  close(): void;
}

const PIECE_BYTES = 256 * 1024;

/**
 * The next `length` bytes of an open file. Whoever sends the answer closes the
 * file, also if the client goes away.
 *
 * @example Usage
 * ```ts
 * import { FileBody, HttpResponse } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "hello world");
 * const file = await Deno.open(path);
 * const response = new HttpResponse({ body: new FileBody(file, 5) });
 * assertEquals(await response.text(), "hello");
 * await Deno.remove(path);
 * ```
 */
export class FileBody implements AsyncIterable<Uint8Array> {
  readonly #file: ReadableFile;
  /** The number of bytes of the content. */
  readonly length: number;
  #left: number;
  #used = false;
  #closed = false;

  /** Takes the next `length` bytes of `file`, and the file itself. */
  constructor(file: ReadableFile, length: number) {
    this.#file = file;
    this.length = length;
    this.#left = length;
  }

  /** True once somebody reads it, who then sees to its end, or it is closed. */
  get used(): boolean {
    return this.#used;
  }

  /**
   * Reads at most as much as fits; 0 at the end.
   *
   * @throws {Error} If the file ends before the content does: it was cut meanwhile.
   */
  async read(into: Uint8Array): Promise<number> {
    this.#used = true;
    if (this.#left === 0) return 0;
    const room = into.length > this.#left ? into.subarray(0, this.#left) : into;
    const count = await this.#file.read(room);
    if (count === null) {
      throw new Error(`The file ended ${this.#left} bytes too early`);
    }
    this.#left -= count;
    return count;
  }

  /** Closes the file; once is enough, twice does no harm. */
  close(): void {
    if (this.#closed) return;
    this.#used = this.#closed = true;
    this.#file.close();
  }

  /** Iterates over the content in pieces and closes the file. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array<ArrayBuffer>> {
    this.#used = true;
    // Not a generator: one that is given up before its first step never runs
    // its last, and the file would stay open.
    return {
      next: () => this.#next(),
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array<ArrayBuffer>>> {
    try {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, this.#left));
      const count = await this.read(piece);
      if (count > 0) return { done: false, value: piece.subarray(0, count) };
    } catch (error) {
      this.close();
      throw error;
    }
    this.close();
    return { done: true, value: undefined };
  }
}
