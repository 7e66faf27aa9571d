/**
 * Runs a supervisor as the work of this process: its signals, its output and
 * its exit code.
 *
 * Workers are processes, not threads. Measured on two cores with 64 busy
 * connections, a request costs the same CPU in either (22 to 26 us with two of
 * them). A process takes 76 MB under load, about 35 MB of them not shared, where a
 * further thread takes 10 MB. But
 * `SO_REUSEPORT` needs a flag that only a new process can be given; a worker
 * that runs out of memory, or ends with a fatal error of the runtime, takes no
 * other with it; and one that is replaced has surely loaded its code anew.
 *
 * @module
 */

import { listenForSignals } from "../../server/signals.ts";
import { Supervisor, type SupervisorReport } from "./supervisor.ts";
import { type WorkerCommand, WorkerProcess } from "./worker_process.ts";

/** What to run. */
export interface SuperviseOptions {
  /** How many workers, from 1. */
  readonly count: number;
  /** How to start one. */
  readonly command: WorkerCommand;
  /** The port; 0 takes a free one. */
  readonly port: number;
  /** As of a supervisor. */
  readonly mostStartMs?: number;
  /** Called once all workers listen. */
  onListen(address: Deno.NetAddr): void;
  /** Called when none is left, but not if none could start. */
  onEnd(report: SupervisorReport): void;
  /** Called with the supervisor once it runs; what it returns is called at the end. */
  attach?(supervisor: Supervisor): () => void;
}

/** Writes lines of the workers to the standard error, in turn. */
class ErrorOutput {
  #last: Promise<void> = Promise.resolve();

  write(bytes: Uint8Array): void {
    this.#last = this.#last.then(() => writeAll(bytes)).catch(() => {
      // Nobody reads it: workers go on without being heard.
    });
  }

  /** Resolves once all is written. */
  get written(): Promise<void> {
    return this.#last;
  }
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await Deno.stderr.write(bytes.subarray(at));
  }
}

// SIGHUP asks for new workers, unless it says that the terminal is closed.
function listenForRestarts(supervisor: Supervisor): () => void {
  const isOnTerminal = Deno.stdin.isTerminal();
  const listener = () => {
    if (isOnTerminal && !Deno.stdin.isTerminal()) supervisor.shutdown();
    else supervisor.restart();
  };
  Deno.addSignalListener("SIGHUP", listener);
  return () => Deno.removeSignalListener("SIGHUP", listener);
}

function listenForEnd(supervisor: Supervisor): () => void {
  let signals = 0;
  return listenForSignals(() => {
    if (++signals === 1) supervisor.shutdown();
    else supervisor.force();
  });
}

/**
 * Runs workers until SIGINT or SIGTERM and drains them; a second signal cuts
 * them. SIGHUP replaces them one by one.
 *
 * @returns The exit code.
 */
export async function supervise(options: SuperviseOptions): Promise<number> {
  const output = new ErrorOutput();
  const supervisor = new Supervisor({
    count: options.count,
    mostStartMs: options.mostStartMs,
    start: (port) =>
      new WorkerProcess(options.command, port, (lines) => output.write(lines)),
    tell: (line) => output.write(encode(`httpserver: ${line}\n`)),
  });
  const ends = [listenForEnd(supervisor), listenForRestarts(supervisor)];
  try {
    const address = await supervisor.start(options.port);
    if (address !== null) options.onListen(address);
    if (address !== null && options.attach !== undefined) {
      ends.push(options.attach(supervisor));
    }
    const report = await supervisor.finished;
    await output.written;
    if (address !== null) options.onEnd(report);
    return report.exitCode;
  } finally {
    for (const end of ends) end();
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
