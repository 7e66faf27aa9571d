/**
 * {@linkcode Turns}: busy connections take turns, so that none waits for long.
 *
 * @module
 */

/**
 * Resolves once everything has run that was due. A turn of `setImmediate` takes
 * 8 us, one of `setTimeout` 2 ms.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

// In one go the runtime completes 128 reads and writes. What is over must wait,
// and is woken in reverse order: with 1,000 busy connections some had waited for
// seconds. This is half of it, a write for each request being the other half.
const TURN_UNITS = 64;
// With nobody else there, the runtime pauses up to 2 ms between two turns.
const LONG_TURN_UNITS = 256;
// About as many bytes of requests take as long as one more answer.
const UNIT_BITS = 9;

interface Waiting {
  readonly units: number;
  readonly goOn: () => void;
}

/**
 * Bounds how much is answered before the runtime looks at the sockets again;
 * the rest waits, first come, first served.
 */
export class Turns {
  /** The current turn, counted from 1. */
  number = 1;
  /** How many connections there are. */
  connections = Infinity;

  #left = TURN_UNITS;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** True while somebody waits. */
  get isCrowded(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Asks to go on with `bytes` that have come; `null` means at once.
   *
   * @param last The turn in which the caller went on before, if it has waited
   * for its socket since; else 0. If it is the current one, the runtime has
   * looked at the sockets meanwhile, and the next turn begins.
   */
  take(last: number, bytes: number): Promise<void> | null {
    const units = 1 + (bytes >> UNIT_BITS);
    // All of them have room in one go: to wait would cost 12 % of CPU.
    if (units === 1 && this.connections <= TURN_UNITS) return null;
    if (last === this.number) this.#begin();
    if (this.#left > 0) {
      this.#left -= units;
      return null;
    }
    if (!this.isCrowded) this.#watch();
    return new Promise((goOn) => void this.#waiting.push({ units, goOn }));
  }

  // Those of the current turn may all have left, or send without waiting. Timed
  // from the end of its work: else time would be up before the sockets were seen.
  #watch(): void {
    const { number } = this;
    setImmediate(() => {
      if (this.isCrowded) {
        this.#timer = setTimeout(() => this.#check(number), 0);
      }
    });
  }

  #check(number: number): void {
    const isFew = this.#waiting.length < TURN_UNITS;
    if (number === this.number) {
      this.#begin(isFew ? LONG_TURN_UNITS : undefined);
    }
    if (this.isCrowded) this.#watch();
  }

  #begin(units = TURN_UNITS): void {
    this.number++;
    this.#left = units;
    let at = 0;
    for (; at < this.#waiting.length && this.#left > 0; at++) {
      const { units, goOn } = this.#waiting[at];
      this.#left -= units;
      goOn();
    }
    if (at === 0) return;
    this.#waiting.splice(0, at);
    if (!this.isCrowded) clearTimeout(this.#timer);
  }

  /** Lets everybody go on: their connections have ended. */
  end(): void {
    while (this.isCrowded) this.#begin();
  }
}
