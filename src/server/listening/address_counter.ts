/**
 * {@linkcode AddressCounter}: how many connections each address has.
 *
 * @module
 */

/** Counts connections by IP address, if there is a limit at all. */
export class AddressCounter {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /** Allows `limit` connections an address. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts a connection; true if it is one too many. */
  enter(ip: string): boolean {
    if (this.#isUnlimited(ip)) return false;
    const count = (this.#counts.get(ip) ?? 0) + 1;
    this.#counts.set(ip, count);
    return count > this.#limit;
  }

  /** Takes it off again. */
  leave(ip: string): void {
    if (this.#isUnlimited(ip)) return;
    const count = (this.#counts.get(ip) ?? 0) - 1;
    if (count > 0) this.#counts.set(ip, count);
    else this.#counts.delete(ip);
  }

  // Peers on a Unix socket have no address.
  #isUnlimited(ip: string): boolean {
    return ip === "" || this.#limit === Number.MAX_SAFE_INTEGER;
  }
}
