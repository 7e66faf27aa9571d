/** A server that is out of file descriptors lives on. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import type { Program } from "../support/program.ts";
import {
  ask,
  connect,
  delay,
  descriptors,
  eventually,
  portOf,
  spread,
  startLoadApp,
  times,
} from "../system/load.ts";

/** Bounds the number of descriptors of a process. */
async function boundDescriptors(pid: number, most: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", {
    args: [`--pid=${pid}`, `--nofile=${most}:${most}`],
  }).output();
  assert(success, "prlimit failed");
}

const ROOM = 20;

interface Client {
  readonly conn: Deno.TcpConn;
  /** Whether its request has been answered. */
  done: boolean;
}

/** Connects until the server has no descriptor left. */
async function useUp(server: Program): Promise<{
  answers: readonly Client[];
  /** Resolves once all are answered. */
  asked: Promise<unknown>;
  served: () => Client[];
}> {
  const port = await portOf(server);
  const open = await descriptors(server.pid);
  await boundDescriptors(server.pid, open + ROOM);
  const conns = await times(ROOM * 2, () => connect(port));
  // The kernel has taken all of them, the server only some.
  const answers = conns.map((conn): Client => ({ conn, done: false }));
  const asked = Promise.all(answers.map(async (one) => {
    const text = await ask(one.conn);
    one.done = true;
    assertStringIncludes(text, "hello");
  }));
  // If the test fails before they are answered, that is what is to be told.
  asked.catch(() => {});
  const served = () => answers.filter(({ done }) => done);
  await server.find("stderr", /could not accept/);
  assert(await eventually(() => served().length >= ROOM - 2, 1_000));
  return { answers, asked, served };
}

Deno.test("HttpServer serves what is open while descriptors lack, and accepts again later", async () => {
  await using server = await startLoadApp();
  const { answers, asked, served } = await useUp(server);
  // Longer than the longest pause between two attempts.
  const worst: number[] = [];
  for (let round = 0; round < 60; round++) {
    const started = performance.now();
    assertStringIncludes(await ask(served()[0].conn), "hello");
    worst.push(performance.now() - started);
    await delay(20);
  }
  spread("requests on open connections without descriptors", worst);
  assertLess(served().length, answers.length);

  const closed = served();
  for (const { conn } of closed) conn.close();
  const started = performance.now();
  await asked;
  const waited = performance.now() - started;
  console.log(`accepting went on after ${Math.round(waited)} ms`);
  // The pauses had grown to a second: it is the connections' end that tells.
  assertLess(waited, 500);
  for (const one of answers) if (!closed.includes(one)) one.conn.close();
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals(code, 0);
  // One report for a row of failures, not one for each.
  assertLess(stderr.split("could not accept").length - 1, 5);
});

// To show the stack of an error, the runtime opens files: without descriptors
// that ended the process.
Deno.test("HttpServer lives on when a handler fails while descriptors lack", async () => {
  await using server = await startLoadApp();
  const { answers, asked, served } = await useUp(server);
  const [{ conn }] = served();
  for (let round = 0; round < 10; round++) {
    assertStringIncludes(await ask(conn, "/fail"), "HTTP/1.1 500 ");
  }
  assertStringIncludes(await ask(conn), "hello");
  const closed = served();
  for (const { conn } of closed) conn.close();
  await asked;
  // The stacks are back.
  const last = answers.find((one) => !closed.includes(one));
  assert(last !== undefined);
  assertStringIncludes(await ask(last.conn, "/fail"), "HTTP/1.1 500 ");
  for (const one of answers) if (!closed.includes(one)) one.conn.close();
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals(code, 0);
  const reports = stderr.split("\n").filter((line) =>
    line.includes("This handler fails")
  );
  assertEquals(reports.length, 11);
  assertGreater(stderr.indexOf("at "), stderr.lastIndexOf(reports[9]));
});
