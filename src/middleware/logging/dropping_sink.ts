/**
 * {@linkcode DroppingSink}: writes lines in the background and never waits; what
 * there is no room for is lost.
 *
 * @module
 */

import { type Defer, deferBy } from "./line_buffer.ts";
import { type LogLoss, type LogSink, Losses } from "./sink.ts";
import { countLines, isPipeFull, pieceEnd } from "./sync_output.ts";

/** How lines are written in the background. */
export interface DroppingSinkOptions {
  /** How many characters of lines may wait. */
  readonly queueBytes: number;
  /** How long lines may be collected, ms; left open, as `deferBy` has it. */
  readonly flushMs: number | undefined;
  /** The most bytes of one write. */
  readonly pieceBytes: number;
}

// A full pipe that somebody has made non-blocking is tried again after this.
const RETRY_MS = 5;

const encoder = new TextEncoder();

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}

/** Writes lines in the background. */
export class DroppingSink implements LogSink {
  readonly #writeSome: (bytes: Uint8Array) => Promise<number>;
  readonly #options: DroppingSinkOptions;
  readonly #defer: Defer;
  readonly #losses = new Losses();
  #waiting = "";
  #sending = 0;
  #cancel: (() => void) | null = null;
  #pump: Promise<void> | null = null;

  /** Writes by `writeSome`, which tells how many bytes it took. */
  constructor(
    writeSome: (bytes: Uint8Array) => Promise<number>,
    options: DroppingSinkOptions,
  ) {
    this.#writeSome = writeSome;
    this.#options = options;
    this.#defer = deferBy(options.flushMs);
  }

  /** Takes a line, if there is room. */
  write(line: string): void {
    const length = this.#waiting.length + this.#sending + line.length + 1;
    if (length > this.#options.queueBytes) return this.#losses.add(1);
    this.#waiting += `${line}\n`;
    if (this.#pump !== null) return;
    // What fills a write need not wait, or a long pause would fill the queue.
    if (this.#waiting.length >= this.#options.pieceBytes) this.#start();
    else this.#cancel ??= this.#defer(() => this.#start());
  }

  #start(): Promise<void> {
    // A timer would hold the process.
    this.#cancel?.();
    this.#cancel = null;
    return this.#pump ??= this.#sendAll().finally(() => this.#pump = null);
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      this.#sending = text.length;
      await this.#send(encoder.encode(text));
      this.#sending = 0;
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const rest = bytes.subarray(at);
      const piece = rest.subarray(0, pieceEnd(rest, this.#options.pieceBytes));
      try {
        at += await this.#writeSome(piece);
      } catch (error) {
        if (!isPipeFull(error)) {
          return this.#losses.add(countLines(rest), error);
        }
        await pause();
      }
    }
  }

  /** Resolves once all lines are written or lost. */
  async flush(): Promise<void> {
    while (this.#waiting !== "" || this.#pump !== null) await this.#start();
  }

  /** The lines lost since the last call. */
  takeLoss(): LogLoss | null {
    return this.#losses.take();
  }
}
