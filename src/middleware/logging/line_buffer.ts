/**
 * {@linkcode LineBuffer}: collects lines, so that many are written at a time.
 *
 * @module
 */

/** Writes bytes that end with a line. It never throws. */
export type WriteLines = (bytes: Uint8Array) => void;

/** Has `flush` called soon; the returned function takes that back. */
export type Defer = (flush: () => void) => () => void;

interface Runtime {
  setImmediate?: (run: () => void) => unknown;
  clearImmediate?: (turn: unknown) => void;
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function endOfTurn(run: () => void): () => void {
  const { setImmediate, clearImmediate } = globalThis as Runtime;
  if (setImmediate === undefined) return after(0, run);
  const turn = setImmediate(run);
  return () => clearImmediate?.(turn);
}

// So many turns with lines, one soon after the other, are a server under load.
const MANY_TURNS = 32;
const SOON_MS = 10;

// With the lines of 8 connections this takes 1 us less for each.
function endOfTurns(): Defer {
  let last = -Infinity;
  let turns = 0;
  return (flush) => {
    const wait = last + SOON_MS - performance.now();
    turns = wait > 0 ? turns + 1 : 0;
    function run(): void {
      last = performance.now();
      flush();
    }
    return turns > MANY_TURNS ? after(wait, run) : endOfTurn(run);
  };
}

/**
 * Calls back after so many ms, 0 for the end of the turn of the event loop. Where
 * it is left open, that is the end of the turn too, but under load up to 10 ms
 * later.
 */
export function deferBy(flushMs?: number): Defer {
  if (flushMs === undefined) return endOfTurns();
  return flushMs === 0 ? endOfTurn : (flush) => after(flushMs, flush);
}

/** Something with lines that must be written before the process ends. */
export interface Flushable {
  /** Writes them. */
  flush(): void;
}

const unwritten = new Set<Flushable>();

// An uncaught error ends the process without `unload`.
const LAST_EVENTS = ["unload", "error", "unhandledrejection"];

function flushAll(): void {
  for (const buffer of unwritten) buffer.flush();
}

let isWatching = false;

/** Has lines written, at the latest, when the process ends. */
export function flushAtExit(buffer: Flushable): void {
  unwritten.add(buffer);
  if (isWatching) return;
  isWatching = true;
  for (const event of LAST_EVENTS) {
    globalThis.addEventListener?.(event, flushAll);
  }
}

/** Forgets a buffer that is empty. */
export function needNoFlush(buffer: Flushable): void {
  unwritten.delete(buffer);
}

const encoder = new TextEncoder();

// One for all: it is used up before the next one gets it.
let scratch = new Uint8Array(0);

function encode(text: string): Uint8Array {
  if (scratch.length < text.length * 3) {
    scratch = new Uint8Array(text.length * 3);
  }
  const { written } = encoder.encodeInto(text, scratch);
  return scratch.subarray(0, written);
}

/**
 * Collects lines and writes them together: soon, as `defer` says, at once when
 * `limit` characters are full, and before the process ends.
 */
export class LineBuffer implements Flushable {
  readonly #write: WriteLines;
  readonly #limit: number;
  readonly #defer: Defer;
  readonly #onTurn: () => void;
  #pending = "";
  #cancel: (() => void) | null = null;

  /** Collects up to `limit` characters for `write`. */
  constructor(write: WriteLines, limit: number, defer: Defer) {
    this.#write = write;
    this.#limit = limit;
    this.#defer = defer;
    this.#onTurn = () => {
      this.#cancel = null;
      this.flush();
    };
  }

  /** Adds a line. */
  push(line: string): void {
    this.#pending += `${line}\n`;
    if (this.#pending.length >= this.#limit) this.#writeOut();
    else if (this.#cancel === null) {
      flushAtExit(this);
      this.#cancel = this.#defer(this.#onTurn);
    }
  }

  /** Writes what is there. */
  flush(): void {
    needNoFlush(this);
    // A timer would hold the process.
    this.#cancel?.();
    this.#cancel = null;
    this.#writeOut();
  }

  #writeOut(): void {
    if (this.#pending === "") return;
    const text = this.#pending;
    this.#pending = "";
    this.#write(encode(text));
  }
}
