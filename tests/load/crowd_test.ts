/** Busy connections leave others their share. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { startServer } from "../support/program.ts";
import {
  ask,
  askFresh,
  connect,
  delay,
  percentile,
  portOf,
  startLoadApp,
} from "../system/load.ts";
import { runTool } from "../system/tools.ts";

const SETTLE_MS = 1_000;
const MEASURE_MS = 4_000;
const PAUSE_MS = 5;

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

/** Fails if one of a hundred light requests takes longer than `mostMs`. */
async function checkLightly(port: number, mostMs: number): Promise<void> {
  const before = await requestsOf(port);
  const latencies = await askLightly(port);
  const rate = (await requestsOf(port) - before) * 1_000 / MEASURE_MS;
  console.log(`the server answered ${Math.round(rate)} requests a second`);
  // The crowd was there, and the server at work for it.
  assert(rate > 2_000, `${rate} requests a second`);
  for (const [kind, values] of Object.entries(latencies)) {
    const [p50, p99, max] = [0.5, 0.99, 1].map((part) =>
      percentile(values, part)
    );
    console.log(
      `${kind}: ${values.length} requests, p50 ${p50.toFixed(1)} ms, ` +
        `p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`,
    );
    assertLess(p99, mostMs);
  }
}

for (const ahead of [50, 1_000]) {
  Deno.test(`HttpServer answers a light client soon beside 4 that send ${ahead} requests at a time without a pause`, async () => {
    await using server = await startLoadApp();
    const port = await portOf(server);
    const args = [port, 4, ahead].map(String);
    await using flood = await startServer("tests/load/flood.ts", args);
    await flood.find("stdout", /busy/);
    await delay(SETTLE_MS);
    await checkLightly(port, 100);
    server.kill("SIGKILL");
    assertEquals((await server.ended()).stderr, "");
  });
}

/** The time that a part of wrk's requests took at most, ms. */
function latency(report: string, percent: number): number {
  const found = new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s)$`, "m")
    .exec(report);
  assert(found !== null, `wrk told ${report}`);
  const [, value, unit] = found;
  return Number(value) * { us: 0.001, ms: 1, s: 1_000 }[unit as "us"];
}

// The runtime alone lets some of a thousand wait a hundred times as long as
// others: for seconds.
Deno.test("HttpServer serves 1,000 busy connections alike, and a light client soon beside them", async () => {
  await using server = await startLoadApp();
  const port = await portOf(server);
  const seconds = Math.ceil((SETTLE_MS + MEASURE_MS) / 1_000) + 1;
  const busy = runTool("wrk", [
    ...["-t1", "-c1000", `-d${seconds}s`, "--latency"],
    `http://127.0.0.1:${port}/`,
  ]);
  await delay(SETTLE_MS);
  await checkLightly(port, 1_000);
  const { stdout } = await busy;
  const [p50, p99] = [50, 99].map((percent) => latency(stdout, percent));
  console.log(`busy: p50 ${p50} ms, p99 ${p99} ms`);
  assertLess(p99, 15 * p50);
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals([code, stderr], [0, ""]);
});
