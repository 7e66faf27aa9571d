/**
 * Measures one case: all its servers run side by side, and are loaded in turn,
 * round after round, so that what else the machine does meets each alike.
 */
import type { Case, ServerName } from "./cases.ts";
import { ServerProcess } from "./process.ts";
import { type Fixture, startOf } from "./servers.ts";
import { runWrk } from "./wrk.ts";

/** What one server came to in one case: medians over the rounds. */
export interface Figures {
  readonly server: ServerName;
  /** CPU time of the server for one request, us. */
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** Latencies, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly residentBytes: number;
  /** CPU per request of our server divided by this one's: median of the rounds' ratios. */
  readonly oursTo: number;
  readonly errors: number;
}

/** A case with its figures. */
export interface Result {
  readonly name: string;
  readonly connections: number;
  readonly figures: readonly Figures[];
}

/** How long and how often. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
}

interface Sample {
  cpuMicros: number;
  perSecond: number;
  p50: number;
  p99: number;
  errors: number;
}

/** Measures `one` with the servers given, the first of which is ours. */
export async function measure(
  one: Case,
  servers: readonly ServerName[],
  fixture: Fixture,
  plan: Plan,
): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const processes: ServerProcess[] = [];
  for (const name of servers) {
    const start = await startOf(name, fixture, one.tls === true);
    processes.push(stack.use(await ServerProcess.start(start)));
  }
  const samples: Sample[][] = servers.map(() => []);
  // Warms the compiler up.
  for (const process of processes) await sample(one, process, 1);
  for (let round = 0; round < plan.rounds; round++) {
    for (const at of order(servers.length, round)) {
      samples[at].push(await sample(one, processes[at], plan.seconds));
    }
  }
  const figures = servers.map((server, at): Figures => ({
    server,
    cpuMicros: median(samples[at].map((it) => it.cpuMicros)),
    perSecond: median(samples[at].map((it) => it.perSecond)),
    p50: median(samples[at].map((it) => it.p50)),
    p99: median(samples[at].map((it) => it.p99)),
    residentBytes: processes[at].residentBytes(),
    oursTo: median(
      samples[at].map((it, n) => samples[0][n].cpuMicros / it.cpuMicros),
    ),
    errors: samples[at].reduce((sum, it) => sum + it.errors, 0),
  }));
  return { name: one.name, connections: one.connections, figures };
}

// Back and forth, so that no server always runs behind the same one.
function order(count: number, round: number): number[] {
  const all = Array.from({ length: count }, (_, at) => at);
  return round % 2 === 0 ? all : all.reverse();
}

async function sample(
  one: Case,
  server: ServerProcess,
  seconds: number,
): Promise<Sample> {
  const before = server.cpuMicros();
  const scheme = one.tls === true ? "https" : "http";
  const seen = await runWrk({
    url: `${scheme}://127.0.0.1:${server.port}${one.path}`,
    connections: one.connections,
    seconds,
    script: one.script,
    headers: one.headers,
  });
  const used = server.cpuMicros() - before;
  return { ...seen, cpuMicros: used / seen.requests };
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}
