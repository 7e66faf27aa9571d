/**
 * Where log lines go by default: standard output, many lines a write.
 *
 * @module
 */

/** Takes log lines, each without its end. */
export type LogSink = (line: string) => void;

// In characters, which for log lines are bytes almost always.
const FLUSH_AT = 16 * 1024;

/**
 * Collects lines and writes them together: when the current turn of the event
 * loop ends, or at once when 16 KiB are full.
 */
export class LineBuffer {
  readonly #write: (text: string) => void;
  readonly #defer: (flush: () => void) => void;
  readonly #onTurn: () => void;
  #pending = "";
  #scheduled = false;

  /** Writes by `write`; `defer` calls back at the end of a turn. */
  constructor(
    write: (text: string) => void,
    defer: (flush: () => void) => void,
  ) {
    this.#write = write;
    this.#defer = defer;
    this.#onTurn = () => {
      this.#scheduled = false;
      this.flush();
    };
  }

  /** Adds a line. */
  push(line: string): void {
    this.#pending += `${line}\n`;
    if (this.#pending.length >= FLUSH_AT) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#defer(this.#onTurn);
    }
  }

  /** Writes what is there. */
  flush(): void {
    if (this.#pending === "") return;
    const text = this.#pending;
    this.#pending = "";
    this.#write(text);
  }
}

/** Standard output, as much of it as a sink needs. */
export interface SyncWriter {
  /** Writes some of the bytes and tells how many. */
  writeSync(bytes: Uint8Array): number;
}

const encoder = new TextEncoder();
const NEWLINE = 0x0a;

// POSIX PIPE_BUF of Linux: a pipe takes so much wholly or not at all.
const ATOMIC_BYTES = 4096;

// Deno.stdout keeps a buffer of its own. When a non-blocking pipe takes only a
// part, or a rest follows the last newline, it throws although it keeps that
// rest, and a second try would write it twice.
function pieceEnd(bytes: Uint8Array): number {
  if (bytes.length <= ATOMIC_BYTES) return bytes.length;
  const newline = bytes.lastIndexOf(NEWLINE, ATOMIC_BYTES - 1);
  return newline < 0 ? ATOMIC_BYTES : newline + 1;
}

function pauseThread(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}

// A pipe that someone else has made non-blocking is full at times: wait as a
// blocking one would.
function writeSome(
  writer: SyncWriter,
  bytes: Uint8Array,
  pause: () => void,
): number {
  try {
    return writer.writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "WouldBlock") throw error;
    pause();
    return 0;
  }
}

/**
 * Writes lines wholly, each write as much as a pipe takes at once. What cannot be written is dropped: a server whose log
 * has no reader any more, or no room on the disk, still answers.
 */
export function writeWholly(
  writer: SyncWriter,
  text: string,
  pause: () => void = pauseThread,
): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) {
      const piece = bytes.subarray(0, pieceEnd(bytes));
      bytes = bytes.subarray(writeSome(writer, piece, pause));
    }
  } catch {
    return;
  }
}

interface Runtime {
  Deno?: {
    stdout?: SyncWriter & { isTerminal?(): boolean };
    noColor?: boolean;
  };
  setImmediate?: (run: () => void) => unknown;
}

/** A function that writes to the standard output of a runtime, or its console. */
export function stdoutWriter(
  runtime: Runtime = globalThis as Runtime,
): (text: string) => void {
  const stdout = runtime.Deno?.stdout;
  if (typeof stdout?.writeSync === "function") {
    return (text) => writeWholly(stdout, text);
  }
  // deno-lint-ignore no-console
  return (text) => console.log(text.slice(0, -1));
}

function endOfTurn(run: () => void): void {
  const { setImmediate } = globalThis as Runtime;
  if (setImmediate === undefined) setTimeout(run, 0);
  else setImmediate(run);
}

/** Tells whether standard output is a terminal that is to be coloured (NO_COLOR). */
export function hasColor(runtime: Runtime = globalThis as Runtime): boolean {
  const { Deno } = runtime;
  return Deno?.stdout?.isTerminal?.() === true && Deno.noColor !== true;
}

// An uncaught error ends the process without `unload`.
const LAST_EVENTS = ["unload", "error", "unhandledrejection"];

let shared: LineBuffer | null = null;

function sharedBuffer(): LineBuffer {
  if (shared !== null) return shared;
  const buffer = new LineBuffer(stdoutWriter(), endOfTurn);
  for (const event of LAST_EVENTS) {
    globalThis.addEventListener?.(event, () => buffer.flush());
  }
  return shared = buffer;
}

/**
 * The sink that writes to standard output; one buffer for the whole process, so
 * that lines of several loggers keep their order.
 *
 * Lines are written together once a turn of the event loop, or at once when
 * 16 KiB have come together, and the last ones when the process ends, by
 * `Deno.exit` or by an uncaught error too. The writes are synchronous: no line
 * is lost or overtaken and memory stays bounded, but a pipe whose reader stalls
 * stalls the server. Where lines should rather be lost, give a sink that drops
 * them. A reader that is gone for good costs its lines only. Without
 * `Deno.stdout` the lines go to `console.log`.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { logging, stdoutSink } from "@x/httpserver/middleware/logging";
 * import { assertEquals } from "@std/assert";
 *
 * const write = stdoutSink();
 * let lines = 0;
 * const sink = (line: string) => {
 *   lines++;
 *   write(line);
 * };
 * const server = new HttpServer().use(logging({ sink }));
 * await server.inject({ path: "/" });
 * assertEquals(lines, 1);
 * ```
 */
export function stdoutSink(): LogSink {
  const buffer = sharedBuffer();
  return (line) => buffer.push(line);
}
