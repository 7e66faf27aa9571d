/**
 * What is to be done when a server ends, behind its last answer: log sinks
 * write what they hold.
 *
 * @module
 */

import type { ServerState } from "./server_state.ts";

/** Something to do at the end of a server. What it throws is dropped. */
export type ShutdownTask = () => void | Promise<void>;

const tasksOf = new WeakMap<ServerState, Set<ShutdownTask>>();

// Whoever waits for nothing any more still gives a task this long.
const LEAST_MS = 500;
// No log is worth a process that does not end.
const MOST_MS = 10_000;

/** Has a task run once, when the server has sent its last answer. */
export function atShutdown(server: ServerState, task: ShutdownTask): void {
  const tasks = tasksOf.get(server);
  if (tasks === undefined) tasksOf.set(server, new Set([task]));
  else tasks.add(task);
}

async function attempt(task: ShutdownTask): Promise<void> {
  try {
    await task();
  } catch {
    // Tasks report their own failures; the others must run.
  }
}

/**
 * Runs the tasks of a server, all at once, and resolves when they are done or
 * when `limitMs` are over, but at least 500 ms and at most 10 s. Once `hurried`
 * resolves, 500 ms are left.
 */
export async function runShutdownTasks(
  server: ServerState,
  limitMs: number,
  hurried: Promise<void>,
): Promise<void> {
  const tasks = tasksOf.get(server);
  if (tasks === undefined) return;
  tasksOf.delete(server);
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const limit = Math.min(Math.max(limitMs, LEAST_MS), MOST_MS);
  let timer = setTimeout(resolve, limit);
  let isOver = false;
  hurried.then(() => {
    if (isOver) return;
    clearTimeout(timer);
    timer = setTimeout(resolve, LEAST_MS);
  });
  await Promise.race([Promise.all(Array.from(tasks, attempt)), late]);
  isOver = true;
  clearTimeout(timer);
}
