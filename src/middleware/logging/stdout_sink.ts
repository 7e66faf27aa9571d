/**
 * {@linkcode stdoutSink}: log lines to standard output, many a write.
 *
 * @module
 */

import { checkChoice, checkNumber } from "../../http/checks.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import { DroppingSink } from "./dropping_sink.ts";
import { deferBy, LineBuffer, type WriteLines } from "./line_buffer.ts";
import { type LogLoss, type LogSink, Losses } from "./sink.ts";
import { SyncOutput, type SyncWriter } from "./sync_output.ts";

/** Options of {@linkcode stdoutSink}. */
export interface StdoutSinkOptions {
  /**
   * What happens when lines come faster than they are taken, as by a pipe whose
   * reader stalls. `"block"` waits: no line is lost, and the server stands still
   * meanwhile. `"drop"` leaves lines out once `queueBytes` wait, and the log
   * tells how many.
   *
   * @default {"block"}
   */
  onOverflow?: "block" | "drop";
  /**
   * How many characters of lines are collected before they are written at once,
   * or, with `"drop"`, how many may wait.
   *
   * @default {65_536} with `"drop"` 1,048,576
   */
  queueBytes?: number;
  /**
   * How long lines are collected, ms; with 0 until the turn of the event loop
   * ends. A process that is killed loses what is collected.
   *
   * @default {undefined} until the turn ends; under load, up to 10 ms
   */
  flushMs?: number;
}

// POSIX PIPE_BUF of Linux: a pipe takes so much wholly or not at all. Deno.stdout
// keeps a buffer of its own: when a non-blocking pipe takes only a part, or a
// rest follows the last newline, it throws although it keeps that rest, and a
// second try would write it twice.
const ATOMIC_BYTES = 4096;
// A file takes any number at once, and four times as cheap.
const FILE_BYTES = 64 * 1024;

const QUEUE_BYTES = { block: 64 * 1024, drop: 1024 * 1024 };

/** Standard output, as much of it as a sink needs. */
export interface Stdout extends SyncWriter {
  /** Writes some of the bytes. */
  write?(bytes: Uint8Array): Promise<number>;
  /** Tells whether it is a terminal. */
  isTerminal?(): boolean;
}

interface Runtime {
  Deno?: {
    stdout?: Stdout;
    noColor?: boolean;
    statSync?(path: string): { readonly isFile: boolean };
    permissions?: {
      querySync?(permission: { name: "read"; path: string }): {
        readonly state: string;
      };
    };
  };
}

// Never at the price of a question to the user.
function isFile({ Deno }: Runtime): boolean {
  const path = "/dev/stdout";
  try {
    const read = Deno?.permissions?.querySync?.({ name: "read", path });
    return read?.state === "granted" && Deno?.statSync?.(path).isFile === true;
  } catch {
    return false;
  }
}

/** Writes lines to the standard output of a runtime, or to its console. */
export function stdoutWriter(
  losses: Losses,
  runtime: Runtime = globalThis as Runtime,
): WriteLines {
  const stdout = runtime.Deno?.stdout;
  if (typeof stdout?.writeSync === "function") {
    const pieceBytes = isFile(runtime) ? FILE_BYTES : ATOMIC_BYTES;
    const output = new SyncOutput(losses, { pieceBytes });
    return (bytes) => void output.write(stdout, bytes);
  }
  const decoder = new TextDecoder();
  // deno-lint-ignore no-console
  return (bytes) => console.log(decoder.decode(bytes.subarray(0, -1)));
}

/** Tells whether standard output is a terminal that is to be coloured (NO_COLOR). */
export function hasColor(runtime: Runtime = globalThis as Runtime): boolean {
  const { Deno } = runtime;
  return Deno?.stdout?.isTerminal?.() === true && Deno.noColor !== true;
}

class BlockingSink implements LogSink {
  readonly #losses = new Losses();
  readonly #buffer: LineBuffer;

  constructor(queueBytes: number, flushMs: number | undefined) {
    const write = stdoutWriter(this.#losses);
    this.#buffer = new LineBuffer(write, queueBytes, deferBy(flushMs));
  }

  write(line: string): void {
    this.#buffer.push(line);
  }

  flush(): void {
    this.#buffer.flush();
  }

  takeLoss(): LogLoss | null {
    return this.#losses.take();
  }
}

let shared: LogSink | null = null;

function makeSink(options: StdoutSinkOptions): LogSink {
  checkOptionNames("stdoutSink", options, [
    "onOverflow",
    "queueBytes",
    "flushMs",
  ]);
  const { onOverflow = "block", flushMs } = options;
  checkChoice('"onOverflow" of stdoutSink', onOverflow, ["block", "drop"]);
  const queueBytes = options.queueBytes ?? QUEUE_BYTES[onOverflow];
  const bytes = { least: 1, whole: true, unit: "bytes" };
  checkNumber('"queueBytes" of stdoutSink', queueBytes, bytes);
  const times = { least: 0, whole: true, unit: "milliseconds" };
  if (flushMs !== undefined) {
    checkNumber('"flushMs" of stdoutSink', flushMs, times);
  }
  const { Deno } = globalThis as Runtime;
  return onOverflow === "drop" && typeof Deno?.stdout?.write === "function"
    ? new DroppingSink(Deno.stdout.write.bind(Deno.stdout), {
      queueBytes,
      flushMs,
      pieceBytes: ATOMIC_BYTES,
    })
    : new BlockingSink(queueBytes, flushMs);
}

/**
 * Makes a sink that writes to standard output. Without options it is one for the
 * whole process, so that lines of several loggers keep their order.
 *
 * Lines are written together: when the turn of the event loop ends, or when `flushMs`
 * are over, at once when `queueBytes` are full, and the last ones when the
 * process ends, by `Deno.exit` or by an uncaught error too. A reader that is gone
 * for good, or a full disk behind it, costs lines only. Where there is no
 * `Deno.stdout` the lines go to `console.log`.
 *
 * With `"drop"` a process whose reader has stalled ends by `Deno.exit` or a
 * signal only, as the runtime waits for the last write.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its bounds.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { logging, stdoutSink } from "@x/httpserver/middleware/logging";
 * import { assertEquals } from "@std/assert";
 *
 * const sink = stdoutSink({ onOverflow: "drop", queueBytes: 256 * 1024 });
 * const server = new HttpServer().use(logging({ format: "json", sink }));
 * const response = await server.inject({ path: "/" });
 * await sink.flush?.();
 * assertEquals(response.status, 404);
 * ```
 */
export function stdoutSink(options?: StdoutSinkOptions): LogSink {
  if (options !== undefined) return makeSink(options);
  return shared ??= makeSink({});
}
