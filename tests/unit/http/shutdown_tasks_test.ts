import { assert, assertEquals, assertLess } from "@std/assert";
import type { ServerState } from "../../../src/http/server_state.ts";
import {
  atShutdown,
  runShutdownTasks,
} from "../../../src/http/shutdown_tasks.ts";
import { fakeRequest } from "../middleware/fakes.ts";

const NEVER = new Promise<void>(() => {});

function fakeServer(): ServerState {
  return { ...fakeRequest().server };
}

Deno.test("runShutdownTasks() runs each task once, and waits for it", async () => {
  const server = fakeServer();
  const calls: string[] = [];
  const task = async () => {
    await null;
    calls.push("async");
  };
  atShutdown(server, task);
  atShutdown(server, task);
  atShutdown(server, () => void calls.push("sync"));
  atShutdown(fakeServer(), () => void calls.push("another server"));
  await runShutdownTasks(server, 1_000, NEVER);
  await runShutdownTasks(server, 1_000, NEVER);
  assertEquals(calls, ["sync", "async"]);
});

Deno.test("runShutdownTasks() lets no task that fails keep the others", async () => {
  const server = fakeServer();
  let isDone = false;
  atShutdown(server, () => {
    throw new Error("sync");
  });
  atShutdown(server, () => Promise.reject(new Error("async")));
  atShutdown(server, () => void (isDone = true));
  await runShutdownTasks(server, 1_000, NEVER);
  assert(isDone);
});

Deno.test("runShutdownTasks() does not wait for a task that hangs", async () => {
  for (const hurried of [NEVER, Promise.resolve()]) {
    const server = fakeServer();
    atShutdown(server, () => NEVER);
    const started = performance.now();
    const limitMs = hurried === NEVER ? 0 : Infinity;
    await runShutdownTasks(server, limitMs, hurried);
    const tookMs = performance.now() - started;
    assert(tookMs >= 450, `${tookMs} ms`);
    assertLess(tookMs, 5_000);
  }
});
