/** What an idle connection costs. */
import { assertEquals, assertLess } from "@std/assert";
import { type Program, startServer } from "../support/program.ts";
import {
  ask,
  connect,
  eventually,
  portOf,
  residentBytes,
  startLoadApp,
  times,
} from "../system/load.ts";

const IDLE = 10_000;
const AT_A_TIME = 100;
const MOST_BYTES = 10 * 1024;
const LARGE = `/?${"x".repeat(7_000)}`;

/** Opens connections, and asks once on each of them if there is a path. */
async function openIdle(
  port: number,
  count: number,
  path: string | null,
): Promise<Deno.Conn[]> {
  const conns: Deno.Conn[] = [];
  while (conns.length < count) {
    conns.push(
      ...await times(AT_A_TIME, async () => {
        const conn = await connect(port);
        if (path !== null) await ask(conn, path);
        return conn;
      }),
    );
  }
  return conns;
}

/** Resident memory once it has settled. */
async function settled(pid: number): Promise<number> {
  let last = Infinity;
  await eventually(async () => {
    const now = await residentBytes(pid);
    const isSettled = Math.abs(now - last) < 64 * 1024;
    last = now;
    return isSettled;
  }, 2_000);
  return last;
}

/** By how many bytes a server grows for each idle connection. */
async function idleBytes(
  server: Program,
  port: number,
  path: string | null,
): Promise<number> {
  // What the first connections cost is no cost of each.
  for (const conn of await openIdle(port, 2_000, path)) conn.close();
  const before = await settled(server.pid);
  const conns = await openIdle(port, IDLE, path);
  const bytes = (await settled(server.pid) - before) / IDLE;
  for (const conn of conns) conn.close();
  return bytes;
}

const KINDS: readonly [name: string, path: string | null][] = [
  ["that have asked nothing", null],
  ["that have been answered", "/"],
  ["that have sent one large head", LARGE],
];

for (const [name, path] of KINDS) {
  Deno.test(`HttpServer needs little memory for 10,000 idle connections ${name}`, async () => {
    await using server = await startLoadApp({
      options: { limits: { connections: 20_000 } },
    });
    const bytes = await idleBytes(server, await portOf(server), path);
    console.log(`${Math.round(bytes)} bytes for each`);
    assertLess(bytes, MOST_BYTES);
    server.kill();
    const { code, stderr } = await server.ended();
    assertEquals([code, stderr], [0, ""]);
  });
}

Deno.test("HttpServer needs no more memory for idle connections than Deno.serve", async () => {
  await using ours = await startLoadApp();
  await using theirs = await startServer("tests/bench/servers/deno_serve.ts");
  const [, port] = await theirs.find("stdout", /port (\d+)/);
  const most = await idleBytes(theirs, Number(port), "/");
  const bytes = await idleBytes(ours, await portOf(ours), "/");
  console.log(`${Math.round(bytes)} bytes, Deno.serve ${Math.round(most)}`);
  assertLess(bytes, most);
});
