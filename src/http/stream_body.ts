/**
 * {@linkcode StreamBody}: a content that a function writes bit by bit.
 *
 * @module
 */

import { describeValue } from "./values.ts";

/** Writes the content of an answer; see `stream()`. */
export interface BodyWriter {
  /**
   * Writes a piece; a string as UTF-8. What is written goes out together with
   * what follows at once, or else soon. It gives a promise where the client is
   * slower than that: await it, or all that is not sent yet stays in memory. The
   * bytes may be used again once it has returned without one, or the promise has
   * resolved.
   *
   * The promise rejects if the client has gone, or with a TypeError if the
   * content has ended.
   *
   * @throws {TypeError} If it is neither text nor a Uint8Array.
   */
  write(piece: Uint8Array | string): void | Promise<void>;
  /**
   * Resolves once all that was written is with the operating system, or with
   * whoever reads the content in between; rejects as the promise of `write`.
   */
  flush(): Promise<void>;
}

/** Writes a content. What it throws ends the answer as a failure. */
export type WriteBody = (writer: BodyWriter) => void | Promise<void>;

/** Where the pieces of a {@linkcode StreamBody} go. */
export interface PieceSink {
  /** Takes a piece; the caller leaves it as it is until the promise, if there is one, has resolved. */
  write(piece: Uint8Array): void | Promise<void>;
  /** Has all pieces sent. */
  flush(): Promise<void>;
}

const encoder = new TextEncoder();

function bytesOf(piece: Uint8Array | string): Uint8Array {
  if (typeof piece === "string") return encoder.encode(piece);
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError(
    `Cannot write ${
      describeValue(piece)
    } to the body of a response: take text or a Uint8Array`,
  );
}

// Handled, for whom nobody awaits: a timer that was forgotten ends no process.
function refuse(): Promise<never> {
  const refusal = Promise.reject(
    new TypeError(
      "Cannot write to the body of a response that has ended: await all writes before the function returns",
    ),
  );
  refusal.catch(() => {});
  return refusal;
}

// Keeps the order of pieces that nobody waits for.
class OrderedWriter implements BodyWriter {
  readonly #sink: PieceSink;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #isOpen = true;

  constructor(sink: PieceSink) {
    this.#sink = sink;
  }

  write(piece: Uint8Array | string): void | Promise<void> {
    if (!this.#isOpen) return refuse();
    const bytes = bytesOf(piece);
    if (this.#waiting > 0) return this.#queue(() => this.#sink.write(bytes));
    const written = this.#take(bytes);
    if (written === undefined) return;
    // Behind a failure nobody would look at it.
    written.catch(() => {});
    return this.#queue(() => written);
  }

  // A timer that writes must not end the process when the client has gone.
  #take(bytes: Uint8Array): void | Promise<void> {
    try {
      return this.#sink.write(bytes);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  flush(): Promise<void> {
    return this.#isOpen ? this.#queue(() => this.#sink.flush()) : refuse();
  }

  #queue(run: () => void | Promise<void>): Promise<void> {
    this.#waiting++;
    const done = this.#last.then(run).finally(() => this.#waiting--);
    // One that nobody awaits is told of by the next, or by the end.
    done.catch(() => {});
    return this.#last = done;
  }

  async end(): Promise<void> {
    this.#isOpen = false;
    await this.#last;
  }
}

/** A content that a function writes. */
export class StreamBody implements AsyncIterable<Uint8Array> {
  readonly #write: WriteBody;

  /** The function is called each time the content is to be sent. */
  constructor(write: WriteBody) {
    this.#write = write;
  }

  /** Writes the content to `sink`; rejects with what the function throws. */
  async writeTo(sink: PieceSink): Promise<void> {
    const writer = new OrderedWriter(sink);
    try {
      await this.#write(writer);
    } catch (error) {
      await writer.end().catch(() => {});
      throw error;
    }
    await writer.end();
  }

  /** The pieces, for whoever takes them one by one, such as a middleware. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
    return {
      next: async () => {
        reader ??= this.#openReader();
        const { done, value } = await reader.read();
        return done ? { done, value: undefined } : { done, value };
      },
      return: async () => {
        const reason = new DOMException("The reader has gone", "AbortError");
        await reader?.cancel(reason);
        return { done: true, value: undefined };
      },
    };
  }

  #openReader(): ReadableStreamDefaultReader<Uint8Array> {
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    this.writeTo({
      write: (piece) => writer.write(piece.slice()),
      flush: () => writer.ready,
    }).then(
      () => writer.close(),
      (error) => writer.abort(error),
    ).catch(() => {
      // Its failure is that of the readable side.
    });
    return readable.getReader();
  }
}
