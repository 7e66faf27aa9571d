/** Thousands of connections that idle, come and go, and too many of them. */
import {
  assert,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import net from "node:net";
import {
  ask,
  askMeanwhile,
  connect,
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
