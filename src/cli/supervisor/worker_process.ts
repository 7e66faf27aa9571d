/**
 * {@linkcode WorkerProcess}: a worker as its supervisor sees it.
 *
 * @module
 */

import type { ShutdownReport } from "../../server/shutdown.ts";
import {
  encodeOrder,
  type Order,
  type StartOrder,
  type WorkerCounts,
  type WorkerReport,
} from "./messages.ts";
import { ReportSplitter } from "./report_splitter.ts";

/** How a worker is started. */
export interface WorkerCommand {
  /** The program. */
  readonly path: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/** How a worker has ended. */
export interface WorkerEnd {
  /** Its exit code; 128 and more for one that a signal has ended. */
  readonly code: number;
  /** What its shutdown came to; `null` if it ended without one. */
  readonly report: ShutdownReport | null;
  /** Its last counts that are known. */
  readonly counts: WorkerCounts | null;
  /** How long it has lived, ms. */
  readonly livedMs: number;
}

// A worker that drains is asked this often whether its event loop still turns.
const PING_MS = 1_000;
// What a worker has started may hold its standard error open for ever.
const MOST_OUTPUT_MS = 500;
// One that drains and is silent for so long is killed.
const MOST_SILENCE_MS = 10_000;

/** A running worker. */
export class WorkerProcess {
  /** Resolves with the address once it listens, or with `null` if it ends before. */
  readonly listening: Promise<Deno.NetAddr | null>;
  /** Resolves once it has ended and all that it wrote is taken. */
  readonly ended: Promise<WorkerEnd>;

  readonly #mostSilenceMs: number;
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #startedAt = performance.now();
  readonly #listens = Promise.withResolvers<Deno.NetAddr | null>();
  #report: ShutdownReport | null = null;
  #counts: WorkerCounts | null = null;
  #waiting: ((counts: WorkerCounts | null) => void)[] = [];
  #heardAt = 0;
  #ping: ReturnType<typeof setInterval> | undefined;
  #isGone = false;

  /**
   * Starts a worker.
   *
   * @param command The program.
   * @param port The port to listen on, 0 for a free one.
   * @param showLines Takes what it writes to its standard error, in lines.
   * @param mostSilenceMs How long it may be silent while it drains, ms.
   */
  constructor(
    command: WorkerCommand,
    port: number,
    showLines: (bytes: Uint8Array) => void,
    mostSilenceMs: number = MOST_SILENCE_MS,
  ) {
    this.#mostSilenceMs = mostSilenceMs;
    this.#child = new Deno.Command(command.path, {
      args: [...command.args],
      stdin: "piped",
      stdout: "inherit",
      stderr: "piped",
    }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.listening = this.#listens.promise;
    const token = crypto.randomUUID();
    this.#send({ kind: "start", token, port });
    const splitter = new ReportSplitter(token, {
      report: (report) => this.#take(report),
      lines: showLines,
    });
    this.ended = this.#follow(splitter);
  }

  /** The id of its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What it has counted by now; those known last if it ends before it answers. */
  counts(): Promise<WorkerCounts | null> {
    if (this.#isGone) return Promise.resolve(this.#counts);
    const { promise, resolve } = Promise.withResolvers<WorkerCounts | null>();
    this.#waiting.push(resolve);
    this.#send({ kind: "count" });
    return promise;
  }

  /** Has it drain and end; kills it if its event loop stands still meanwhile. */
  drain(): void {
    if (this.#ping !== undefined || this.#isGone) return;
    this.#send({ kind: "drain" });
    this.#heardAt = performance.now();
    this.#ping = setInterval(() => {
      if (performance.now() - this.#heardAt > this.#mostSilenceMs) this.kill();
      else this.#send({ kind: "count" });
    }, PING_MS);
  }

  /** Has it cut what is under way and end. */
  cut(): void {
    this.#send({ kind: "cut" });
  }

  /** Ends it at once. */
  kill(): void {
    if (!this.#isGone) this.#child.kill("SIGKILL");
  }

  #send(order: StartOrder | Order): void {
    // It may have ended in this moment; that shows elsewhere.
    this.#orders.write(encodeOrder(order)).catch(() => {});
  }

  #take(report: WorkerReport): void {
    this.#heardAt = performance.now();
    if (report.kind === "listening") {
      return this.#listens.resolve(report.address);
    }
    this.#counts = report.counts;
    if (report.kind === "ended") this.#report = report.report;
    else this.#answer();
  }

  #answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve(this.#counts);
  }

  async #follow(splitter: ReportSplitter): Promise<WorkerEnd> {
    const reader = this.#child.stderr.getReader();
    const output = readErrors(reader, splitter);
    const { code } = await this.#child.status;
    this.#isGone = true;
    clearInterval(this.#ping);
    const livedMs = performance.now() - this.#startedAt;
    const timer = setTimeout(() => reader.cancel(), MOST_OUTPUT_MS);
    await output;
    clearTimeout(timer);
    this.#listens.resolve(null);
    this.#answer();
    await this.#orders.close().catch(() => {});
    return { code, report: this.#report, counts: this.#counts, livedMs };
  }
}

async function readErrors(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  splitter: ReportSplitter,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      splitter.push(value);
    }
  } catch {
    // The pipe broke: there is nothing more to read.
  }
  splitter.end();
}
