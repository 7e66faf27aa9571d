/**
 * A worker: a process that serves on the port of its supervisor and does what
 * that says.
 *
 * @module
 */

import type { ListenOptions } from "../../server/options.ts";
import { failure } from "../errors.ts";
import type { RunnableServer } from "../serving/load_module.ts";
import { readLines } from "./lines.ts";
import {
  encodeReport,
  type Order,
  type StartOrder,
  type WorkerCounts,
  type WorkerReport,
} from "./messages.ts";
import { sumStats } from "./totals.ts";

/** What a worker is to run. */
export interface WorkerTask {
  /** Makes the server. */
  make(): Promise<RunnableServer>;
  /** Where to listen, but for the port. */
  readonly listen: ListenOptions;
  /** How many answers were a 5xx so far. */
  failures(): number;
  /** The error to tell for one that listening has thrown. */
  explain(error: unknown): unknown;
}

/** The exit code of a worker that was cut. */
const CUT = 1;

/** Reports to the supervisor and obeys it. */
class Worker {
  readonly #token: string;
  readonly #task: WorkerTask;
  #server: RunnableServer | null = null;
  #isEnding = false;

  constructor(token: string, task: WorkerTask) {
    this.#token = token;
    this.#task = task;
  }

  async serve(port: number): Promise<never> {
    const server = await this.#task.make();
    await this.#listen(server, port);
    // The application may end it by itself.
    await server.finished;
    if (server.finished !== undefined) await this.drain();
    return await new Promise<never>(() => {});
  }

  async #listen(server: RunnableServer, port: number): Promise<void> {
    try {
      await server.listen({
        ...this.#task.listen,
        port,
        reusePort: true,
        onListen: (address) => {
          this.#server = server;
          this.#report({ kind: "listening", address: address as Deno.NetAddr });
        },
      });
    } catch (error) {
      throw this.#task.explain(error);
    }
  }

  obey({ kind }: Order): void {
    if (kind === "drain") this.drain();
    else if (kind === "cut") this.#cut();
    else this.#report({ kind: "counts", counts: this.#counts() });
  }

  async drain(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const server = this.#server;
    // Nothing was accepted yet.
    if (server === null) Deno.exit(0);
    const report = await server.shutdown();
    this.#report({ kind: "ended", report, counts: this.#counts() });
    // What else the application has open does not hold the process.
    Deno.exit(report.forced ? CUT : 0);
  }

  #cut(): void {
    const server = this.#server;
    if (server === null) Deno.exit(0);
    this.drain();
    server.shutdown({ graceMs: 0 });
  }

  // Versions of the package differ in what they count.
  #counts(): WorkerCounts {
    const stats = sumStats([this.#server?.stats?.() ?? {}]);
    return { stats, failures: this.#task.failures() };
  }

  // In one synchronous write, so that nothing comes between its bytes. Without
  // a supervisor nobody reads it.
  #report(report: WorkerReport): void {
    try {
      Deno.stderr.writeSync(encodeReport(this.#token, report));
    } catch {
      // The worker drains: its orders have ended too.
    }
  }
}

// The supervisor decides. A terminal gives Ctrl-C and its own end to all
// processes; a service manager may give SIGTERM to all.
function listenForSignals(worker: Worker): void {
  for (const signal of ["SIGINT", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {});
  }
  Deno.addSignalListener("SIGTERM", () => worker.drain());
}

async function obeyAll(
  worker: Worker,
  lines: AsyncGenerator<string>,
): Promise<void> {
  for await (const line of lines) worker.obey(JSON.parse(line));
  // The supervisor is gone, however it ended.
  await worker.drain();
}

/**
 * Serves as a worker and ends the process when that is over; never resolves.
 *
 * @throws {CliError} If no supervisor has started this process.
 */
export async function runWorker(task: WorkerTask): Promise<never> {
  const lines = readLines(Deno.stdin.readable);
  const { value } = await lines.next();
  const start = readStart(value ?? "");
  if (start === null) {
    throw failure("a worker is started by --workers and by nothing else");
  }
  const worker = new Worker(start.token, task);
  listenForSignals(worker);
  obeyAll(worker, lines);
  return await worker.serve(start.port);
}

function readStart(line: string): StartOrder | null {
  try {
    const order = JSON.parse(line);
    return order.kind === "start" ? order : null;
  } catch {
    return null;
  }
}
