/**
 * What the runtime tells of its process, as metrics. Those that come with
 * prom-client are made for another runtime: some of them never move here, some
 * are wrong, and some keep a timer.
 *
 * @module
 */

import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";

const DESCRIPTORS = "/proc/self/fd";

/** Adds memory, processor time, start time and descriptors, as far as known. */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time spent, user and system",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970",
    registers,
  }).set(performance.timeOrigin / 1000);
  addMemory(registers);
  if (canCountDescriptors()) addDescriptors(registers);
}

const MEMORY: readonly (readonly [
  string,
  keyof Deno.MemoryUsage,
  string,
])[] = [
  ["process_resident_memory_bytes", "rss", "Resident memory"],
  ["process_heap_bytes", "heapTotal", "Memory reserved for the heap"],
  ["process_heap_used_bytes", "heapUsed", "Memory used of the heap"],
  ["process_external_memory_bytes", "external", "Memory held by the heap"],
];

function addMemory(registers: Registry[]): void {
  for (const [name, source, help] of MEMORY) {
    new Gauge({
      name,
      help: `${help}, in bytes`,
      registers,
      collect() {
        this.set(Deno.memoryUsage()[source]);
      },
    });
  }
}

// Nobody is to be asked for a permission by a scrape.
function canCountDescriptors(): boolean {
  try {
    const read = { name: "read", path: DESCRIPTORS } as const;
    if (Deno.permissions.querySync(read).state !== "granted") return false;
    return countDescriptors() > 0;
  } catch {
    return false;
  }
}

function countDescriptors(): number {
  return [...Deno.readDirSync(DESCRIPTORS)].length;
}

function addDescriptors(registers: Registry[]): void {
  new Gauge({
    name: "process_open_fds",
    help: "Open file descriptors",
    registers,
    collect() {
      this.set(countDescriptors());
    },
  });
}
