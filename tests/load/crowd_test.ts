/** Busy connections leave others their share. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { type Program, startServer } from "../support/program.ts";
import {
  ask,
  askFresh,
  connect,
  delay,
  percentile,
  portOf,
  startLoadApp,
} from "../system/load.ts";

const SETTLE_MS = 1_000;
const MEASURE_MS = 4_000;
const PAUSE_MS = 5;

/** Clients that never pause, in a process of their own. */
async function startFlood(
  port: number,
  connections: number,
  ahead: number,
): Promise<Program> {
  const args = [port, connections, ahead].map(String);
  const flood = await startServer("tests/load/flood.ts", args);
  await flood.find("stdout", /busy/);
  await delay(SETTLE_MS);
  return flood;
}

/** Asks now and then, on one connection and on new ones; how long it took, ms. */
async function askLightly(port: number): Promise<Record<string, number[]>> {
  using conn = await connect(port);
  const kept: number[] = [];
  const fresh: number[] = [];
  const end = performance.now() + MEASURE_MS;
  while (performance.now() < end) {
    const started = performance.now();
    assert((await ask(conn)).endsWith("hello"));
    kept.push(performance.now() - started);
    await delay(PAUSE_MS);
    fresh.push(await askFresh(port));
    await delay(PAUSE_MS);
  }
  return { kept, fresh };
}

async function requestsOf(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/stats`);
  return (await response.json()).totalRequests;
}

interface Crowd {
  readonly connections: number;
  /** How many requests each sends ahead. */
  readonly ahead: number;
  /** The most that 99 of 100 light requests may take, ms. */
  readonly p99: number;
}

const CROWDS: readonly (Crowd & { readonly name: string })[] = [
  {
    name: "4 connections that send 1,000 requests ahead",
    ...{ connections: 4, ahead: 1_000, p99: 100 },
  },
  {
    name: "4 connections that send 50 requests ahead",
    ...{ connections: 4, ahead: 50, p99: 100 },
  },
  // The runtime alone had let some of them wait for seconds.
  {
    name: "1,000 connections that ask at once again",
    ...{ connections: 1_000, ahead: 1, p99: 1_000 },
  },
];

for (const { name, connections, ahead, p99 } of CROWDS) {
  Deno.test(`HttpServer answers a light client soon beside ${name}`, async () => {
    await using server = await startLoadApp();
    const port = await portOf(server);
    await using _flood = await startFlood(port, connections, ahead);
    const before = await requestsOf(port);
    const latencies = await askLightly(port);
    const rate = (await requestsOf(port) - before) * 1_000 / MEASURE_MS;
    console.log(`the server answered ${Math.round(rate)} requests a second`);
    for (const [kind, values] of Object.entries(latencies)) {
      const [p50, most, max] = [0.5, 0.99, 1].map((part) =>
        percentile(values, part)
      );
      console.log(
        `${kind}: ${values.length} requests, p50 ${p50.toFixed(1)} ms, ` +
          `p99 ${most.toFixed(1)} ms, max ${max.toFixed(1)} ms`,
      );
      assertLess(most, p99);
    }
    // The crowd was there, and the server at work for it.
    assert(rate > 2_000, `${rate} requests a second`);
    server.kill("SIGKILL");
    assertEquals((await server.ended()).stderr, "");
  });
}

Deno.test("HttpServer serves 1,000 busy connections alike", async () => {
  await using server = await startLoadApp();
  const port = await portOf(server);
  await using flood = await startFlood(port, 1_000, 1);
  await delay(MEASURE_MS);
  flood.kill();
  const [, text] = await flood.find("stdout", /answers (.+)\n/);
  const counts: number[] = JSON.parse(text);
  const [least, median, most] = [0.01, 0.5, 0.99].map((part) =>
    percentile(counts, part)
  );
  console.log(`answers: p1 ${least}, median ${median}, p99 ${most}`);
  assert(most <= 2 * least, "Some were served more often than others");
});
