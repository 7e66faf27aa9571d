/** Mixed load on a server for minutes: `deno task soak --minutes 10`.
 *
 * Ends with code 1 if a client met a fault that it did not ask for, memory
 * grew, a descriptor was left or the server did not end well. */
import { runProgram } from "../support/program.ts";
import {
  delay,
  descriptors,
  eventually,
  portOf,
  residentBytes,
  startLoadApp,
} from "../system/load.ts";
import type { Outcome } from "./clients.ts";

const MIB = 2 ** 20;
const SAMPLE_MS = 10_000;
const A_MINUTE = 60_000 / SAMPLE_MS;
/** Memory of the last minute, as a part of that of the third. */
const MOST_GROWTH = 1.1;
const DESCRIPTORS_MS = 3_000;

interface Soak {
  readonly outcomes: readonly Outcome[];
  /** Resident memory each 10 s, bytes. */
  readonly memory: readonly number[];
  readonly descriptorsLeft: number;
  readonly stats: string;
  readonly code: number;
  /** Reports of the server that none of its faults explains. */
  readonly reports: readonly string[];
}

async function runSoak(minutes: number): Promise<Soak> {
  await using server = await startLoadApp({
    options: {
      timeouts: {
        headersMs: 2_000,
        bodyIdleMs: 2_000,
        keepAliveMs: 2_000,
        writeIdleMs: 5_000,
      },
    },
  });
  const port = await portOf(server);
  const before = await descriptors(server.pid);
  const clients = runProgram([
    ...["run", "-A", new URL("clients.ts", import.meta.url).href],
    ...[`${port}`, `${minutes * 60}`],
  ]);
  const memory = await sampleMemory(server.pid, minutes);
  const { stdout, stderr } = await clients;
  if (stdout === "") throw new Error(`The clients failed: ${stderr}`);
  const left = async () => await descriptors(server.pid) - before;
  await eventually(async () => await left() <= 0, DESCRIPTORS_MS);
  const descriptorsLeft = await left();
  const stats = await (await fetch(`http://127.0.0.1:${port}/stats`)).text();
  server.kill();
  const ended = await server.ended();
  return {
    outcomes: JSON.parse(stdout),
    memory,
    descriptorsLeft,
    stats,
    code: ended.code,
    reports: unexplained(ended.stderr),
  };
}

async function sampleMemory(pid: number, minutes: number): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < minutes * A_MINUTE) {
    await delay(SAMPLE_MS);
    const bytes = await residentBytes(pid);
    samples.push(bytes);
    console.log(`${samples.length * 10} s: ${(bytes / MIB).toFixed(1)} MiB`);
  }
  return samples;
}

/** The first line of each report, but those of the handlers that fail. */
function unexplained(log: string): string[] {
  return log.split("\n").filter((line) =>
    line.startsWith("httpserver: ") &&
    !/\(GET \/(?:fail|break),/.test(line)
  );
}

/** Mean memory of a minute, counted from 1, bytes. */
function meanOf(memory: readonly number[], minute: number): number {
  const part = memory.slice((minute - 1) * A_MINUTE, minute * A_MINUTE);
  return part.reduce((sum, one) => sum + one, 0) / part.length;
}

/** What has gone wrong, in words. */
function findFaults(soak: Soak, minutes: number): string[] {
  const faults = soak.outcomes.filter(({ faults }) => faults > 0).map(
    ({ name, faults, examples }) =>
      `${name}: ${faults} faults\n${examples.join("\n")}`,
  );
  const reference = Math.min(3, minutes - 1);
  if (reference > 0) {
    const growth = meanOf(soak.memory, minutes) /
      meanOf(soak.memory, reference);
    const percent = ((growth - 1) * 100).toFixed(1);
    console.log(`memory, minute ${minutes} to ${reference}: ${percent} %`);
    if (growth > MOST_GROWTH) faults.push(`memory grew by ${percent} %`);
  }
  if (soak.descriptorsLeft > 0) {
    faults.push(`${soak.descriptorsLeft} descriptors were left`);
  }
  if (soak.code !== 0) faults.push(`the server ended with code ${soak.code}`);
  const reports = [...new Set(soak.reports)].slice(0, 10);
  if (reports.length > 0) {
    faults.push(`${soak.reports.length} reports:\n${reports.join("\n")}`);
  }
  return faults;
}

function readMinutes(args: readonly string[]): number {
  const minutes = Number(args[args.indexOf("--minutes") + 1] ?? 10);
  if (args.length === 0) return 10;
  if (args[0] === "--minutes" && Number.isInteger(minutes) && minutes > 0) {
    return minutes;
  }
  console.error("Usage: deno task soak [--minutes N]");
  Deno.exit(2);
}

const minutes = readMinutes(Deno.args);
const soak = await runSoak(minutes);
for (const { name, goes, faults } of soak.outcomes) {
  console.log(`${name}: ${goes} times, ${faults} faults`);
}
console.log(`descriptors left: ${soak.descriptorsLeft}`);
console.log(`counters: ${soak.stats}`);
const faults = findFaults(soak, minutes);
for (const fault of faults) console.log(`FAILED ${fault}`);
console.log(faults.length === 0 ? "ok" : "failed");
Deno.exit(faults.length === 0 ? 0 : 1);
