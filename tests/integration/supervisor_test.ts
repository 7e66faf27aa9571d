/** `Supervisor` and `WorkerProcess` with real workers. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
} from "@std/assert";
import { join } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";
import { WORKER_FLAG } from "../../src/cli/supervisor/command.ts";
import { Supervisor } from "../../src/cli/supervisor/supervisor.ts";
import { WorkerProcess } from "../../src/cli/supervisor/worker_process.ts";
import { ROOT } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { within } from "../support/within.ts";
import { pidsAt, WORKER_APP } from "../support/workers.ts";

const PATIENCE_MS = 60_000;

function testOnUnix(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: Deno.build.os === "windows" });
}

/** Starts workers of the app, silent but for what they report. */
async function starter(
  mostSilenceMs?: number,
): Promise<(port: number) => WorkerProcess> {
  const main = join(ROOT, "src/cli/main.ts");
  const { args } = await commandLine(["run", "-A", "--unstable-net", main]);
  const command = {
    path: Deno.execPath(),
    args: [...args, WORKER_FLAG, WORKER_APP],
  };
  return (port) => new WorkerProcess(command, port, () => {}, mostSilenceMs);
}

testOnUnix(
  "Supervisor sums the counters of workers, also of those that are gone",
  async () => {
    const told: string[] = [];
    const supervisor = new Supervisor({
      count: 2,
      start: await starter(),
      tell: (line) => told.push(line),
    });
    const address = await supervisor.start(0);
    assert(address !== null);
    assertEquals(supervisor.pids().length, 2);
    const before = await within(
      "two workers",
      pidsAt(address.port, 2),
      PATIENCE_MS,
    );
    assertEquals(before, new Set(supervisor.pids()));
    const { totalRequests, totalConnections } =
      (await supervisor.counts()).stats;
    assertGreater(totalRequests, 1);
    assertEquals(totalConnections, totalRequests);

    // Twice at once: the second waits for the first.
    const restarts = [supervisor.restart(), supervisor.restart()];
    assertEquals(await Promise.all(restarts), [true, true]);
    assertEquals(before.intersection(new Set(supervisor.pids())).size, 0);
    supervisor.shutdown();
    const report = await within("the end", supervisor.finished, PATIENCE_MS);
    assertEquals([report.exitCode, told], [0, []]);
    assertEquals(report.counts.stats.totalRequests, totalRequests);
    assertEquals(report.counts.stats.connections, 0);
    assertEquals(report.shutdown.forced, false);
    assertEquals(
      (await supervisor.counts()).stats.totalRequests,
      totalRequests,
    );
  },
);

testOnUnix(
  "Supervisor tells the counters of a worker that has crashed as it knew them",
  async () => {
    const start = await starter();
    const worker = start(0);
    const address = await worker.listening;
    assert(address !== null);
    await pidsAt(address.port, 1);
    assertEquals((await worker.counts())?.stats.totalRequests, 1);
    worker.kill();
    const { code, counts, report } = await worker.ended;
    assertEquals([code, counts?.stats.totalRequests, report], [137, 1, null]);
    assertEquals((await worker.counts())?.stats.totalRequests, 1);
  },
);

testOnUnix("Supervisor goes on when no process can be started", async () => {
  const start = await starter();
  const told: string[] = [];
  let isAble = true;
  const supervisor = new Supervisor({
    count: 1,
    start: (port) => {
      if (isAble) return start(port);
      throw new Error("no room");
    },
    tell: (line) => told.push(line),
  });
  const address = await supervisor.start(0);
  assert(address !== null);
  isAble = false;
  assertEquals(await supervisor.restart(), false);
  assertEquals(told, [
    "cannot start a worker: no room",
    "the new worker did not start: the old ones go on",
  ]);
  const [pid] = supervisor.pids();
  assertEquals(await pidsAt(address.port, 1), new Set([pid]));
  // Without a worker, and without a way to start one, it gives up.
  Deno.kill(pid, "SIGKILL");
  const { exitCode } = await within(
    "the end",
    supervisor.finished,
    PATIENCE_MS,
  );
  assertEquals(exitCode, 1);
  assertEquals(told.filter((line) => line.endsWith("no room")).length, 5);
});

testOnUnix(
  "Supervisor.restart() goes on when the worker of an earlier one never comes up",
  async () => {
    const told: string[] = [];
    const start = await starter();
    const stuck = { path: "sleep", args: ["1000"] };
    let isStuck = false;
    const supervisor = new Supervisor({
      count: 1,
      start: (port) =>
        isStuck ? new WorkerProcess(stuck, port, () => {}, 100) : start(port),
      mostStartMs: 100,
      tell: (line) => told.push(line),
    });
    const address = await supervisor.start(0);
    assert(address !== null);
    const [before] = supervisor.pids();
    isStuck = true;
    const restarts = [supervisor.restart()];
    isStuck = false;
    restarts.push(supervisor.restart());
    const results = Promise.all(restarts);
    assertEquals(await within("the restarts", results, PATIENCE_MS), [
      false,
      true,
    ]);
    const [after] = supervisor.pids();
    assertNotEquals(after, before);
    assertEquals(told, ["the new worker did not start: the old ones go on"]);
    supervisor.shutdown();
    const end = await within("the end", supervisor.finished, PATIENCE_MS);
    assertEquals(end.shutdown.forced, false);
  },
);

testOnUnix(
  "Supervisor can be ended while its first worker starts",
  async () => {
    const supervisor = new Supervisor({
      count: 2,
      start: await starter(),
      tell: () => {},
    });
    const starting = supervisor.start(0);
    supervisor.shutdown();
    await within("the start", starting, PATIENCE_MS);
    const { exitCode } = await within(
      "the end",
      supervisor.finished,
      PATIENCE_MS,
    );
    assertEquals(exitCode, 0);
  },
);

testOnUnix(
  "WorkerProcess drain() kills a worker whose event loop stands still",
  async () => {
    const start = await starter(1_500);
    const worker = start(0);
    const address = await worker.listening;
    assert(address !== null);
    using client = await RawClient.connect(address.port);
    await client.send(get("/block"));
    // Its answer to this never comes.
    const counts = worker.counts();
    const began = performance.now();
    worker.drain();
    const { code } = await within("the end", worker.ended, PATIENCE_MS);
    assertEquals(code, 137);
    assertLess(performance.now() - began, PATIENCE_MS);
    await counts;
  },
);
