import { assertEquals } from "@std/assert";
import { RestartPolicy } from "../../../../src/cli/supervisor/restart_policy.ts";

Deno.test("RestartPolicy waits longer each time and gives up at the fifth", () => {
  const policy = new RestartPolicy();
  const pauses = Array.from({ length: 5 }, () => policy.pauseAfter(500));
  assertEquals(pauses, [100, 200, 400, 800, null]);
});

Deno.test("RestartPolicy begins anew behind a worker that has served for a while", () => {
  const policy = new RestartPolicy();
  for (let round = 0; round < 10; round++) {
    assertEquals(policy.pauseAfter(10_000), 100);
    assertEquals(policy.pauseAfter(9_999), 200);
  }
});
