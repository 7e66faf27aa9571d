/** Slow peers are cut when their time is up, not earlier and not a tick later;
 * everybody else is served meanwhile. */
import { assert, assertEquals, assertLess } from "@std/assert";
import type { ServerTimeouts } from "@x/httpserver";
import type { Program } from "../support/program.ts";
import {
  askMeanwhile,
  connect,
  delay,
  type Ending,
  portOf,
  readToEnd,
  send,
  type Spread,
  spread,
  startLoadApp,
  times,
} from "../system/load.ts";
import { runTool } from "../system/tools.ts";

const PEERS = 100;
const BIG_BYTES = 64 * 1024 * 1024;
/** The coarsest tick that the server promises. */
const TICK_MS = 250;
/** The server's clock counts whole milliseconds. */
const ROUNDING_MS = 2;

interface Scene {
  readonly timeouts: Partial<ServerTimeouts>;
  readonly bodyBytesPerSecond?: number;
}

/** Runs slow peers against a server; `peer` tells how late each was cut. */
async function cutAll(
  name: string,
  scene: Scene,
  peer: (port: number, at: number) => Promise<number>,
): Promise<Spread> {
  const { timeouts, ...limits } = scene;
  await using server = await startLoadApp({ options: { timeouts, limits } });
  const port = await portOf(server);
  const { result, latencies } = await askMeanwhile(
    port,
    () => times(PEERS, (at) => peer(port, at)),
  );
  const normal = spread(`${name}, normal requests meanwhile`, latencies);
  assertLess(normal.max, 1_000);
  return spread(`${name}, after the set time`, result);
}

function assertOnTime({ min, max }: Spread): void {
  assert(min >= -ROUNDING_MS, `Cut ${-min} ms too early`);
  assert(max <= TICK_MS, `Cut ${max} ms too late`);
}

/** Sends text bit by bit until the server ends the connection. */
async function trickle(
  conn: Deno.Conn,
  text: string,
  size: number,
  everyMs: number,
): Promise<Ending & { sent: number }> {
  let over = false;
  const ending = readToEnd(conn).finally(() => over = true);
  let sent = 0;
  for (; !over && sent < text.length; sent += size) {
    // The server may be faster to close than we are to hear of it.
    await send(conn, text.slice(sent, sent + size)).catch(() => {});
    await delay(everyMs);
  }
  return { ...await ending, sent };
}

function statusOf({ text }: Ending): string {
  return text.slice(0, text.indexOf("\r\n"));
}

const LONG_HEAD = `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(500)}`;
const TIMED_OUT = "HTTP/1.1 408 Request Timeout";

Deno.test("HttpServer cuts 100 slowloris heads on time", async () => {
  const headersMs = 500;
  const late = await cutAll(
    "slowloris",
    { timeouts: { headersMs } },
    async (port) => {
      const started = performance.now();
      using conn = await connect(port);
      const ending = await trickle(conn, LONG_HEAD, 1, 25);
      assertEquals(statusOf(ending), TIMED_OUT);
      return ending.at - started - headersMs;
    },
  );
  assertOnTime(late);
});

Deno.test("HttpServer cuts 100 slowloris heads on connections that it has served", async () => {
  const headersMs = 500;
  const late = await cutAll(
    "slowloris, second head",
    { timeouts: { headersMs } },
    async (port) => {
      using conn = await connect(port);
      await send(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await conn.read(new Uint8Array(1024));
      const started = performance.now();
      const ending = await trickle(conn, LONG_HEAD, 1, 25);
      assertEquals(statusOf(ending), TIMED_OUT);
      return ending.at - started - headersMs;
    },
  );
  assertOnTime(late);
});

Deno.test("HttpServer cuts 100 silent connections on time", async () => {
  const headersMs = 500;
  const late = await cutAll(
    "silent",
    { timeouts: { headersMs } },
    async (port, at) => {
      const started = performance.now();
      using conn = await connect(port);
      // Empty lines before a request are no request.
      if (at % 2 === 0) await send(conn, "\r\n");
      const ending = await readToEnd(conn);
      assert(ending.clean, "The connection was reset");
      return ending.at - started - headersMs;
    },
  );
  assertOnTime(late);
});

Deno.test("HttpServer cuts 100 idle connections on time", async () => {
  const keepAliveMs = 500;
  const late = await cutAll(
    "keep-alive",
    { timeouts: { keepAliveMs } },
    async (port) => {
      using conn = await connect(port);
      await send(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await conn.read(new Uint8Array(1024));
      const started = performance.now();
      const ending = await readToEnd(conn);
      assertEquals([ending.bytes, ending.clean], [0, true]);
      return ending.at - started - keepAliveMs;
    },
  );
  // The idle time begins a little before the client has the answer.
  assertOnTime({ ...late, min: late.min + 20 });
});

const UPLOAD = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n";
const CHUNKED = "POST /count HTTP/1.1\r\nHost: a\r\n" +
  "Transfer-Encoding: chunked\r\n";

Deno.test("HttpServer cuts 100 bodies that stall on time", async () => {
  const bodyIdleMs = 500;
  const late = await cutAll(
    "stalled body",
    { timeouts: { bodyIdleMs } },
    async (port, at) => {
      using conn = await connect(port);
      const body = at % 2 === 0 ? `${UPLOAD}\r\n` : `${CHUNKED}\r\n5\r\n`;
      await send(conn, `${body}abc`);
      const started = performance.now();
      const ending = await readToEnd(conn);
      assertEquals(statusOf(ending), TIMED_OUT);
      return ending.at - started - bodyIdleMs;
    },
  );
  // The server may have the last byte before the client knows that it is sent.
  assertOnTime({ ...late, min: late.min + 20 });
});

Deno.test("HttpServer cuts 100 bodies below the least rate on time", async () => {
  const bodyGraceMs = 500;
  const bodyBytesPerSecond = 1_000;
  const timeouts = { bodyGraceMs, bodyIdleMs: 1_000 };
  const late = await cutAll(
    "dripping body",
    { timeouts, bodyBytesPerSecond },
    async (port) => {
      using conn = await connect(port);
      const started = performance.now();
      await send(conn, `${UPLOAD}\r\n`);
      const ending = await trickle(conn, "x".repeat(2_000), 10, 50);
      assertEquals(statusOf(ending), TIMED_OUT);
      const allowed = bodyGraceMs + 1_000 * ending.sent / bodyBytesPerSecond;
      return ending.at - started - allowed;
    },
  );
  // The last drip may have come behind the end.
  assertOnTime({ ...late, min: late.min + 10 });
});

const SET_MS = 500;

/** Every time-out of a message is short. */
function startImpatient(): Promise<Program> {
  return startLoadApp({
    options: {
      limits: { bodyBytesPerSecond: 1_000 },
      timeouts: {
        headersMs: SET_MS,
        bodyIdleMs: SET_MS,
        bodyGraceMs: SET_MS,
        writeIdleMs: SET_MS,
        keepAliveMs: SET_MS,
        lingerMs: SET_MS,
        halfCloseMs: SET_MS,
      },
    },
  });
}

/** 2,000 bytes a second for 3 s, six times each of the time-outs. */
async function uploadSlowly(port: number): Promise<string> {
  using conn = await connect(port);
  const body = "x".repeat(6_000);
  await send(
    conn,
    "POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
      `Content-Length: ${body.length}\r\n\r\n`,
  );
  return (await trickle(conn, body, 100, 50)).text;
}

function assertCounted(text: string): void {
  assert(text.endsWith('{"bytes":6000}'), `The upload was answered ${text}`);
}

Deno.test("HttpServer never cuts a healthy slow upload", async () => {
  await using server = await startImpatient();
  const port = await portOf(server);
  const answers = await times(20, () => uploadSlowly(port));
  for (const text of answers) assertCounted(text);
});

async function download(port: number): Promise<number> {
  using conn = await connect(port);
  await send(
    conn,
    "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  return (await readToEnd(conn)).bytes;
}

// As when a machine is suspended, or a handler keeps the process busy.
Deno.test("HttpServer cuts nobody for a time in which it was stopped itself", async () => {
  await using server = await startImpatient();
  const port = await portOf(server);
  const uploads = times(5, () => uploadSlowly(port));
  const early = times(5, () => download(port));
  await delay(SET_MS / 2);
  server.kill("SIGSTOP");
  const late = times(5, () => download(port));
  await delay(SET_MS * 3);
  server.kill("SIGCONT");
  for (const text of await uploads) assertCounted(text);
  for (const bytes of [...await early, ...await late]) {
    assert(bytes > BIG_BYTES, `A download ended after ${bytes} bytes`);
  }
});

const LOOK_EVERY_MS = 20;

/** What the kernel tells of the server's side of a connection. */
interface Sending {
  /** Bytes that the server has written and the peer not taken. */
  queued: number;
  /** When the look before the one that showed the last write began, and when that one ended. */
  wroteFrom: number;
  wroteAt: number;
  cutAt: number;
}

/** State, bytes in the send queue and the peer's port of each connection. */
async function listSending(
  port: number,
): Promise<[state: string, queued: number, peer: number][]> {
  // Thousands of ended connections of other tests would take long to list.
  const filter = ["exclude", "time-wait", `sport = :${port}`];
  const { stdout } = await runTool("ss", ["-tnH", ...filter]);
  return stdout.split("\n").filter((line) => line !== "").map((line) => {
    const [state, , queued, , peer] = line.split(/ +/);
    return [state, Number(queued), Number(peer.split(":")[1])];
  });
}

/** Watches the kernel's send queues of connections until each was cut. */
async function watchSending(
  port: number,
  conns: readonly Deno.TcpConn[],
): Promise<Sending[]> {
  const rows = new Map<number, Sending>();
  for (const { localAddr } of conns) {
    rows.set(localAddr.port, { queued: 0, wroteFrom: 0, wroteAt: 0, cutAt: 0 });
  }
  let before = performance.now();
  while (rows.values().some(({ cutAt }) => cutAt === 0)) {
    const started = performance.now();
    const found = await listSending(port);
    const now = performance.now();
    for (const [state, queued, peer] of found) {
      const one = rows.get(peer);
      if (one === undefined || one.cutAt > 0) continue;
      // The end of a connection counts as a byte.
      if (state !== "ESTAB") one.cutAt = now;
      else if (queued > one.queued) {
        one.wroteFrom = before;
        one.wroteAt = now;
      }
      one.queued = queued;
    }
    before = started;
    await delay(LOOK_EVERY_MS);
  }
  return [...rows.values()];
}

Deno.test("HttpServer cuts 100 readers that read nothing on time", async () => {
  const writeIdleMs = 1_000;
  await using server = await startLoadApp({
    options: { timeouts: { writeIdleMs } },
  });
  const port = await portOf(server);
  const conns = await times(PEERS, () => connect(port));
  const { result, latencies } = await askMeanwhile(port, async () => {
    const rows = watchSending(port, conns);
    for (const [at, conn] of conns.entries()) {
      const path = at % 10 === 0 ? "/stream/67108864" : "/big";
      await send(conn, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      // Each fills 4 MB of the kernel's memory; all at once would take a while.
      await delay(5);
    }
    return await rows;
  });
  for (const conn of conns) conn.close();
  const normal = spread("slow readers, normal requests meanwhile", latencies);
  assertLess(normal.max, 1_000);
  const late = result.map((row) => row.cutAt - row.wroteAt - writeIdleMs);
  const { max } = spread("slow readers, after the set time", late);
  // We look at the queues now and then only, and later than we want.
  const min = Math.min(
    ...result.map((row) => row.cutAt - row.wroteFrom - writeIdleMs),
  );
  assertOnTime({ min, median: 0, max });
});
