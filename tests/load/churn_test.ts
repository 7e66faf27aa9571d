/** Thousands of connections that idle, come and go, and too many of them. */
import {
  assert,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import net from "node:net";
import {
  askMeanwhile,
  connect,
  delay,
  descriptors,
  eventually,
  portOf,
  readToEnd,
  send,
  spread,
  startLoadApp,
  times,
} from "../system/load.ts";

const IDLE = 2_000;
const CHURN = 5_000;
const AT_A_TIME = 50;
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** Asks once on a connection and leaves it open. */
async function ask(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1024);
  await send(conn, GET);
  const count = await conn.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, count));
}

/** Connects with a socket that can be reset. */
async function connectNode(port: number): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  return socket;
}

/** Resets a connection. */
function reset(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.resetAndDestroy();
  });
}

/** Ways in which a client comes and goes; each serves one connection. */
const VISITS: readonly ((port: number) => Promise<void>)[] = [
  async function asksAndCloses(port) {
    using conn = await connect(port);
    assertStringIncludes(await ask(conn), "hello");
  },
  async function asksForTheClose(port) {
    using conn = await connect(port);
    await send(conn, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    const { text, clean } = await readToEnd(conn);
    assert(clean && text.endsWith("hello"), `The answer was ${text}`);
  },
  async function closesUnread(port) {
    using conn = await connect(port);
    await send(conn, GET);
  },
  async function resetsUnread(port) {
    const socket = await connectNode(port);
    await new Promise((resolve) => socket.write(GET, resolve));
    await reset(socket);
  },
  async function resetsWithinTheBody(port) {
    const socket = await connectNode(port);
    const head = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n";
    await new Promise((resolve) => socket.write(`${head}\r\nabc`, resolve));
    await reset(socket);
  },
  async function resetsWithinTheAnswer(port) {
    const socket = await connectNode(port);
    const first = new Promise((resolve) => socket.once("data", resolve));
    socket.write(GET.replace("/", "/stream/1000000"));
    await first;
    await reset(socket);
  },
  async function resetsAtOnce(port) {
    await reset(await connectNode(port));
  },
];

/** Visits `CHURN` times, `AT_A_TIME` at a time. */
async function churn(port: number): Promise<void> {
  let next = 0;
  await times(AT_A_TIME, async () => {
    while (next < CHURN) await VISITS[next++ % VISITS.length](port);
  });
}

Deno.test("HttpServer serves within a second beside 2,000 idle connections and 5,000 that come and go", async () => {
  await using server = await startLoadApp();
  const port = await portOf(server);
  const before = await descriptors(server.pid);
  const started = performance.now();
  const { result: idle, latencies } = await askMeanwhile(port, async () => {
    const conns = await times(IDLE, () => connect(port));
    // Every other one has asked before it idles.
    await Promise.all(
      conns.filter((_, at) => at % 2 === 0).map((conn) => ask(conn)),
    );
    await churn(port);
    return conns;
  });
  console.log(`churn took ${Math.round(performance.now() - started)} ms`);
  assertLess(spread("normal requests beside churn", latencies).max, 1_000);
  assertEquals(
    await eventually(
      async () => await descriptors(server.pid) <= before + IDLE,
      3_000,
    ),
    true,
    "Descriptors of the churn were left",
  );
  // They were not forgotten.
  for (const conn of idle.slice(0, 100)) {
    assertStringIncludes(await ask(conn), "hello");
  }
  for (const conn of idle) conn.close();
  assertEquals(
    await eventually(
      async () => await descriptors(server.pid) <= before,
      3_000,
    ),
    true,
    `${await descriptors(server.pid)} descriptors, ${before} before`,
  );
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals([code, stderr], [0, ""]);
});

/** Bounds the number of descriptors of a process. */
async function boundDescriptors(pid: number, most: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", {
    args: [`--pid=${pid}`, `--nofile=${most}:${most}`],
  }).output();
  assert(success, "prlimit failed");
}

Deno.test("HttpServer serves what is open while descriptors lack, and accepts again later", async () => {
  await using server = await startLoadApp();
  const port = await portOf(server);
  const room = 20;
  const open = await descriptors(server.pid);
  await boundDescriptors(server.pid, open + room);
  const conns = await times(room * 2, () => connect(port));
  // The kernel has taken all of them, the server only some.
  const answers = conns.map((conn) => ({ conn, done: false }));
  const asked = Promise.all(answers.map(async (one) => {
    const text = await ask(one.conn);
    one.done = true;
    assertStringIncludes(text, "hello");
  }));
  // If the test fails before they are answered, that is what is to be told.
  asked.catch(() => {});
  const served = () => answers.filter(({ done }) => done);
  await server.find("stderr", /could not accept/);
  assert(await eventually(() => served().length >= room - 2, 1_000));
  // Longer than the longest pause between two attempts.
  const worst: number[] = [];
  for (let round = 0; round < 60; round++) {
    const started = performance.now();
    assertStringIncludes(await ask(served()[0].conn), "hello");
    worst.push(performance.now() - started);
    await delay(20);
  }
  spread("requests on open connections without descriptors", worst);
  assertLess(served().length, conns.length);

  const closed = served();
  for (const { conn } of closed) conn.close();
  const started = performance.now();
  await asked;
  const waited = performance.now() - started;
  console.log(`accepting went on after ${Math.round(waited)} ms`);
  assertLess(waited, 1_500);
  for (const one of answers) if (!closed.includes(one)) one.conn.close();
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals(code, 0);
  // One report for a row of failures, not one for each.
  assertLess(stderr.split("could not accept").length - 1, 5);
});
