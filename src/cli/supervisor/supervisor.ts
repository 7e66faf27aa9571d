/**
 * {@linkcode Supervisor}: keeps a number of workers running on one port.
 *
 * @module
 */

import type { ShutdownReport } from "../../server/shutdown.ts";
import { firstLine } from "../errors.ts";
import { MOST_FAILURES, RestartPolicy } from "./restart_policy.ts";
import type { WorkerCounts } from "./messages.ts";
import { closedCounts, sumCounted, sumReports } from "./totals.ts";
import type { WorkerEnd, WorkerProcess } from "./worker_process.ts";

/** What a supervisor needs. */
export interface SupervisorHost {
  /** How many workers to keep, from 1. */
  readonly count: number;
  /** Starts a worker on a port; 0 takes a free one. */
  start(port: number): WorkerProcess;
  /**
   * How long a new worker that does not listen yet is waited for once another
   * restart is asked for, ms: it may never come up. @default {10_000}
   */
  readonly mostStartMs?: number;
  /** Takes a line for the operator. */
  tell(line: string): void;
}

/** What the work of a supervisor came to. */
export interface SupervisorReport {
  /** The exit code: 0, or 1 if requests were cut or a worker did not stay up. */
  readonly exitCode: number;
  /** What all workers there have been have counted. */
  readonly counts: WorkerCounts;
  /** The shutdown of the workers that were there at the end. */
  readonly shutdown: ShutdownReport;
}

/** The place of one worker and its successors. */
interface Slot {
  worker: WorkerProcess;
  policy: RestartPolicy;
  pause: ReturnType<typeof setTimeout> | undefined;
}

// A worker that is to cut and end has this long, then it is killed: a second
// signal ends all within a second.
const MOST_CUT_MS = 700;
// To start the next takes CPU that the one which drains has a better use for;
// but one may have requests that go on for long.
const MOST_WAIT_MS = 1_000;
const MOST_START_MS = 10_000;
const NOTHING: WorkerEnd = { code: 0, report: null, counts: null, livedMs: 0 };

/** Starts workers, restarts them, and ends them together. */
export class Supervisor {
  /** Resolves once no worker is left. */
  readonly finished: Promise<SupervisorReport>;

  readonly #host: SupervisorHost;
  readonly #done = Promise.withResolvers<SupervisorReport>();
  readonly #slots: Slot[] = [];
  readonly #alive = new Set<WorkerProcess>();
  readonly #reports: ShutdownReport[] = [];
  #gone: WorkerCounts = sumCounted([]);
  #port = 0;
  #exitCode = 0;
  #isEnding = false;
  #restarting: Promise<boolean> | null = null;
  #restartNext: Promise<boolean> | null = null;
  // Ends the waiting for a worker that starts.
  #hasten: () => void = () => {};

  /** Prepares a supervisor; {@linkcode Supervisor.start} starts the workers. */
  constructor(host: SupervisorHost) {
    this.#host = host;
    this.finished = this.#done.promise;
  }

  /**
   * Starts the workers: the first takes the port, which the others share.
   *
   * @param port The port; 0 takes a free one.
   * @returns The address; or `null` if the first worker has ended before it
   * listened, which {@linkcode Supervisor.finished} tells the exit code of.
   */
  async start(port: number): Promise<Deno.NetAddr | null> {
    this.#port = port;
    const first = this.#launch();
    const address = await first.listening;
    if (address === null) {
      const { code } = await first.ended;
      if (!this.#isEnding) this.#exitCode = code === 0 ? 1 : code;
      this.shutdown();
      return null;
    }
    this.#port = address.port;
    this.#occupy(first);
    if (this.#isEnding) return address;
    const others = Array.from(
      { length: this.#host.count - 1 },
      () => this.#occupy(this.#launch()),
    );
    await Promise.all(others.map(({ worker }) => worker.listening));
    return address;
  }

  /** The ids of the workers' processes. */
  pids(): number[] {
    return this.#slots.map(({ worker }) => worker.pid);
  }

  /** What all workers there have been have counted, summed. */
  async counts(): Promise<WorkerCounts> {
    const all = await Promise.all(
      Array.from(this.#alive, (worker) => worker.counts()),
    );
    const known = all.filter((counts) => counts !== null);
    return sumCounted([this.#gone, ...known]);
  }

  /**
   * Replaces the workers one by one: the new one listens before the old one
   * drains. If a new one does not come up, the old ones that are left go on.
   * Asked while it goes on, it is done once more afterwards; a new one that
   * does not come up is given up then.
   *
   * @returns True if all are replaced.
   */
  restart(): Promise<boolean> {
    if (this.#restarting === null) {
      this.#restarting = this.#restartAll().finally(() => {
        this.#restarting = null;
      });
      return this.#restarting;
    }
    this.#restartNext ??= this.#restarting.then(() => {
      this.#restartNext = null;
      return this.restart();
    });
    this.#hasten();
    return this.#restartNext;
  }

  /** Has all workers drain and end. */
  shutdown(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const { pause } of this.#slots) clearTimeout(pause);
    for (const worker of this.#alive) worker.drain();
    this.#finishIfEmpty();
  }

  /** Has all workers cut what is under way and end, within a second. */
  force(): void {
    this.shutdown();
    if (this.#alive.size === 0) return;
    this.#exitCode = 1;
    for (const worker of this.#alive) worker.cut();
    const timer = setTimeout(() => {
      for (const worker of this.#alive) worker.kill();
    }, MOST_CUT_MS);
    this.finished.then(() => clearTimeout(timer));
  }

  #launch(): WorkerProcess {
    const worker = this.#host.start(this.#port);
    this.#alive.add(worker);
    worker.ended.then((end) => this.#ended(worker, end));
    return worker;
  }

  // The runtime may be gone from its place, or descriptors may lack.
  #tryLaunch(): WorkerProcess | null {
    try {
      return this.#launch();
    } catch (error) {
      this.#host.tell(`cannot start a worker: ${firstLine(error)}`);
      return null;
    }
  }

  #occupy(worker: WorkerProcess): Slot {
    const policy = new RestartPolicy();
    const slot: Slot = { worker, policy, pause: undefined };
    this.#slots.push(slot);
    return slot;
  }

  #ended(worker: WorkerProcess, end: WorkerEnd): void {
    this.#alive.delete(worker);
    if (end.counts !== null) {
      this.#gone = sumCounted([this.#gone, closedCounts(end.counts)]);
    }
    if (this.#isEnding) {
      if (end.report !== null) this.#reports.push(end.report);
      if (end.code !== 0) this.#exitCode = 1;
      return this.#finishIfEmpty();
    }
    // One that was replaced, or never came up, has no slot.
    const slot = this.#slots.find((each) => each.worker === worker);
    if (slot !== undefined) this.#replaceLost(slot, end);
  }

  #replaceLost(slot: Slot, { code, livedMs }: WorkerEnd): void {
    const what = `worker ${slot.worker.pid} has ended with code ${code}`;
    const pauseMs = slot.policy.pauseAfter(livedMs);
    if (pauseMs === null) {
      this.#host.tell(
        `${what}, ${MOST_FAILURES} times in a row: giving up, see above for its errors`,
      );
      this.#exitCode = 1;
      return this.shutdown();
    }
    this.#host.tell(`${what}: starting another in ${pauseMs} ms`);
    slot.pause = setTimeout(() => this.#refill(slot), pauseMs);
  }

  #refill(slot: Slot): void {
    slot.pause = undefined;
    const worker = this.#tryLaunch();
    if (worker !== null) slot.worker = worker;
    // Nothing is left of it that could end once more.
    else this.#replaceLost(slot, { ...NOTHING, code: 1 });
  }

  async #restartAll(): Promise<boolean> {
    for (const slot of this.#slots) {
      if (this.#isEnding) return false;
      const next = this.#tryLaunch();
      if (next === null || !(await this.#comesUp(next))) {
        if (!this.#isEnding) {
          this.#host.tell("the new worker did not start: the old ones go on");
        }
        return false;
      }
      await this.#replace(slot, next);
    }
    return true;
  }

  // False if it ends before it listens, or is given up.
  async #comesUp(worker: WorkerProcess): Promise<boolean> {
    const late = Promise.withResolvers<null>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { mostStartMs = MOST_START_MS } = this.#host;
    this.#hasten = () => {
      timer ??= setTimeout(() => late.resolve(null), mostStartMs);
    };
    if (this.#restartNext !== null) this.#hasten();
    const address = await Promise.race([worker.listening, late.promise]);
    clearTimeout(timer);
    this.#hasten = () => {};
    if (address === null) worker.drain();
    return address !== null;
  }

  async #replace(slot: Slot, next: WorkerProcess): Promise<void> {
    clearTimeout(slot.pause);
    slot.pause = undefined;
    slot.policy = new RestartPolicy();
    const old = slot.worker;
    slot.worker = next;
    if (this.#isEnding) return;
    old.drain();
    await atMost(MOST_WAIT_MS, old.ended);
  }

  #finishIfEmpty(): void {
    if (this.#alive.size > 0) return;
    this.#done.resolve({
      exitCode: this.#exitCode,
      counts: this.#gone,
      shutdown: sumReports(this.#reports),
    });
  }
}

/** Waits for an event, but not for longer than `ms`. */
async function atMost(ms: number, event: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([event, promise]);
  clearTimeout(timer);
}
