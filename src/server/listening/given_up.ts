/**
 * {@linkcode GivenUp}: sockets that the runtime keeps although nobody serves
 * them any more.
 *
 * @module
 */

/**
 * TLS connections whose handshake took too long. The runtime keeps the socket of
 * one until its peer moves, closed or not, so it is closed only then, and counts
 * as a connection until then: silent clients can't use up the descriptors.
 */
export class GivenUp {
  readonly #closes = new Set<() => void>();
  readonly #freed: () => void;

  /** Calls `freed` whenever one has gone. */
  constructor(freed: () => void) {
    this.#freed = freed;
  }

  /** How many there are. */
  get size(): number {
    return this.#closes.size;
  }

  /** Keeps one until `moved` settles, and closes it by `close`. */
  keep(moved: Promise<unknown>, close: () => void): void {
    this.#closes.add(close);
    const end = () => {
      if (!this.#closes.delete(close)) return;
      close();
      this.#freed();
    };
    moved.then(end, end);
  }

  /** Closes all: nothing of them is to keep the process. */
  end(): void {
    for (const close of this.#closes) close();
    this.#closes.clear();
  }
}
