/** A seeded generator for property tests: a failure can be run again. */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to below 1. */
  next(): number {
    // Mixed, for the low bits of a plain linear generator repeat soon.
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** An integer from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** One of `items`. */
  pick<Item>(items: ArrayLike<Item>): Item {
    return items[this.integer(0, items.length - 1)];
  }

  /** A text of up to `length` of the characters of `alphabet`. */
  text(alphabet: string, length: number): string {
    let text = "";
    for (let left = this.integer(0, length); left > 0; left--) {
      text += this.pick(alphabet);
    }
    return text;
  }
}
