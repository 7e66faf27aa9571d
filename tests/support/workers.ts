/** What the tests of workers share. */
import { fromFileUrl } from "@std/path";
import { type Program, startServer } from "./program.ts";
import { RawClient } from "./raw_client.ts";
import { get } from "./requests.ts";

/** The module that most of them run. */
export const WORKER_APP = fromFileUrl(
  new URL("worker_app.ts", import.meta.url),
);

/** Starts the command line on a free port. */
export function startWorkers(...args: string[]): Promise<Program> {
  return startServer("src/cli/main.ts", [...args, "--port=0"]);
}

/** The port that a program has told. */
export async function portOf(program: Program): Promise<number> {
  return Number(new URL(await program.url()).port);
}

/** The id of the process that a new connection leads to. */
export async function pidAt(port: number): Promise<number> {
  using client = await RawClient.connect(port);
  return Number((await client.ask(get("/", "Connection: close\r\n"))).text);
}

/** Connects until `count` processes have answered that `counts` takes. */
export async function pidsAt(
  port: number,
  count: number,
  counts: (pid: number) => boolean = () => true,
): Promise<Set<number>> {
  const pids = new Set<number>();
  while (pids.size < count) {
    const pid = await pidAt(port);
    if (counts(pid)) pids.add(pid);
  }
  return pids;
}

/** Resolves once nobody listens on a port. */
export async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port })
      .catch(() => null);
    if (conn === null) return;
    conn.close();
  }
}
