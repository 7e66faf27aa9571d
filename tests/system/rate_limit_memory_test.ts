/** The store in memory stays small whatever keys somebody makes up. */
import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../support/program.ts";

const MIB = 2 ** 20;
const MOST_HEAP = 50 * MIB;
// With what the collector has not taken back yet.
const MOST_RESIDENT = 400 * MIB;

Deno.test("memoryStore() holds 100,000 of a million random keys in less than 50 MiB of heap", async () => {
  const { code, stdout, stderr } = await runProgram([
    "run",
    "-A",
    "--v8-flags=--expose-gc",
    "tests/system/rate_limit_memory_app.ts",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const { most, heap, resident } = JSON.parse(stdout);
  const mib = (bytes: number) => (bytes / MIB).toFixed(1);
  console.log(
    `${most} keys at most, ${mib(heap)} MiB of them in the heap, ` +
      `the process ${mib(resident)} MiB larger before it was collected`,
  );
  assertEquals(most, 100_000);
  assert(heap < MOST_HEAP, `${heap} bytes in the heap`);
  assert(resident < MOST_RESIDENT, `${resident} bytes resident`);
});
