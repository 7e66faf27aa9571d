/** The clients of the soak, a process of their own: `clients.ts PORT SECONDS`.
 * Writes what came of it as JSON. */
import { delay } from "../system/load.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

/** What came of one workload. */
export interface Outcome {
  readonly name: string;
  goes: number;
  /** Faults that the load did not ask for. */
  faults: number;
  /** The first of them. */
  readonly examples: string[];
}

const MOST_EXAMPLES = 5;

async function runWorker(
  port: number,
  end: number,
  { go, restMs }: Workload,
  outcome: Outcome,
): Promise<void> {
  while (performance.now() < end) {
    try {
      await go(port);
      outcome.goes++;
    } catch (error) {
      outcome.faults++;
      if (outcome.examples.length < MOST_EXAMPLES) {
        outcome.examples.push(
          error instanceof Error ? `${error.stack}` : `${error}`,
        );
      }
    }
    await delay(restMs);
  }
}

/** Runs all workloads for some time. */
async function runAll(port: number, seconds: number): Promise<Outcome[]> {
  const end = performance.now() + seconds * 1_000;
  const outcomes: Outcome[] = [];
  const workers: Promise<void>[] = [];
  for (const workload of WORKLOADS) {
    const { name } = workload;
    const outcome: Outcome = { name, goes: 0, faults: 0, examples: [] };
    outcomes.push(outcome);
    for (let at = 0; at < workload.workers; at++) {
      workers.push(runWorker(port, end, workload, outcome));
    }
  }
  await Promise.all(workers);
  return outcomes;
}

if (import.meta.main) {
  const [port, seconds] = Deno.args.map(Number);
  console.log(JSON.stringify(await runAll(port, seconds)));
}
