/**
 * Where log lines go, and how many of them are lost on the way.
 *
 * @module
 */

import { isThenable } from "../../http/values.ts";
import type { LogEntry } from "./entry.ts";

/** Lines that did not get where they should. */
export interface LogLoss {
  /** How many; 0 if something else went wrong, such as a rotation. */
  readonly lines: number;
  /** Why, if an error was the reason; a full queue is none. */
  readonly error?: unknown;
}

/** Takes log lines. */
export interface LogSink {
  /**
   * Takes a line, without its end, and what it was made from; `null` for one that
   * tells of lost lines. It is called while requests are answered, so it must be
   * quick.
   */
  write(line: string, entry: LogEntry | null): void | Promise<void>;
  /** Resolves once all lines so far are where they should be, or lost. */
  flush?(): void | Promise<void>;
  /**
   * As `flush`, and frees what the sink holds; called when a server ends. A sink
   * that several servers share may get lines after it.
   */
  close?(): void | Promise<void>;
  /**
   * The lines lost since the last call, or `null`: the log then tells of them as
   * soon as lines get through again.
   */
  takeLoss?(): LogLoss | null;
}

/** A sink that is just a function, see {@linkcode LogSink.write}. It may be async. */
export type LogWriter = (line: string, entry: LogEntry | null) => unknown;

/** Counts lines that were lost until somebody asks. */
export class Losses {
  #lines = 0;
  #error: unknown = undefined;

  /** Counts some, by an error or because there was no room. */
  add(lines: number, error?: unknown): void {
    this.#lines += lines;
    this.#error = error ?? this.#error;
  }

  /** Those since the last call, or `null`. */
  take(): LogLoss | null {
    if (this.#lines === 0 && this.#error === undefined) return null;
    const loss = { lines: this.#lines, error: this.#error };
    this.#lines = 0;
    this.#error = undefined;
    return loss;
  }
}

// Of lines given to an async function that has not settled, in characters.
const MOST_PENDING = 1024 * 1024;

/**
 * A function as a sink. If it is async, lines of up to 1 MiB may be on their way
 * at a time; more are lost, since nobody waits for a log.
 */
export class FunctionSink implements LogSink {
  readonly #write: LogWriter;
  readonly #losses = new Losses();
  readonly #pending = new Set<PromiseLike<unknown>>();
  #pendingLength = 0;

  /** Hands lines to `write`. */
  constructor(write: LogWriter) {
    this.#write = write;
  }

  /** Hands a line over. */
  write(line: string, entry: LogEntry | null): void {
    const isOver = this.#pendingLength + line.length > MOST_PENDING;
    if (isOver && this.#pending.size > 0) return this.#losses.add(1);
    try {
      const result = this.#write(line, entry);
      if (isThenable(result)) this.#await(result, line.length);
    } catch (error) {
      this.#losses.add(1, error);
    }
  }

  #await(result: PromiseLike<unknown>, length: number): void {
    this.#pendingLength += length;
    const settled = Promise.resolve(result)
      .catch((error) => this.#losses.add(1, error ?? "no reason"))
      .then(() => {
        this.#pendingLength -= length;
        this.#pending.delete(settled);
      });
    this.#pending.add(settled);
  }

  /** Resolves once no line is on its way. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** The lines lost since the last call. */
  takeLoss(): LogLoss | null {
    return this.#losses.take();
  }
}
