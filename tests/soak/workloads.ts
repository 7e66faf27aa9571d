/** What the clients of the soak do, over and over. Each function is one go; it
 * throws if the server does anything but what was asked for. */
import { assert, assertEquals } from "@std/assert";
import { RawClient, ResettingClient } from "../support/raw_client.ts";
import { get, post, postChunks, postHead } from "../support/requests.ts";
import { delay } from "../system/load.ts";

/** One go of a workload against a port of this machine. */
export type Go = (port: number) => Promise<void>;

/** A workload. */
export interface Workload {
  readonly name: string;
  /** How many do it at a time. */
  readonly workers: number;
  /** What each rests between two goes, ms. */
  readonly restMs: number;
  readonly go: Go;
}

const KEPT_REQUESTS = 100;

async function keepAlive(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  for (let at = 0; at < KEPT_REQUESTS; at++) {
    assertEquals((await client.ask(get("/"))).text, "hello");
    await delay(2);
  }
}

async function churn(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  const answer = await client.ask(get("/", "Connection: close\r\n"));
  assertEquals([answer.text, await client.ends()], ["hello", true]);
}

const PIPELINED = 32;

async function pipeline(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  await client.send(get("/").repeat(PIPELINED));
  for (let at = 0; at < PIPELINED; at++) {
    assertEquals((await client.read()).text, "hello");
  }
}

const BIG_BYTES = 4_000_000;
const SIP_BYTES = 64 * 1024;

async function readSlowly(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  await client.send(get(`/stream/${BIG_BYTES}`, "Connection: close\r\n"));
  let bytes = 0;
  for (;;) {
    const sip = await client.take(SIP_BYTES);
    bytes += sip.length;
    if (sip.length < SIP_BYTES) break;
    await delay(10);
  }
  assert(bytes > BIG_BYTES, `${bytes} bytes came`);
  assertEquals(client.end, "closed");
}

const PIECE = "x".repeat(10_000);

async function upload(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  for (let at = 0; at < 5; at++) {
    const pieces = Array.from({ length: 10 }, () => PIECE);
    const request = at % 2 === 0
      ? post("/count", pieces.join(""))
      : postChunks("/count", ...pieces);
    assertEquals((await client.ask(request)).text, '{"bytes":100000}');
  }
}

async function uploadSlowly(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  await client.send(postHead("/count", "Content-Length: 10000\r\n"));
  for (let at = 0; at < 10; at++) {
    await delay(50);
    await client.send(PIECE.slice(0, 1_000));
  }
  assertEquals((await client.read()).text, '{"bytes":10000}');
}

/** Requests whose clients leave before the answer is complete. */
const ABORTED = [
  get("/stream/4000000"),
  get("/big"),
  get("/slow/500"),
  get("/drip/500"),
  postHead("/count", "Content-Length: 9999\r\n") + "some",
  "GET / HTTP/1.1\r\nHo",
  "",
];

async function reset(port: number): Promise<void> {
  for (const text of ABORTED) {
    using client = await ResettingClient.send(port, text);
    await delay(5);
    await client.reset();
  }
}

async function leave(port: number): Promise<void> {
  for (const text of ABORTED) {
    using client = await RawClient.connect(port);
    await client.send(text);
    await delay(5);
  }
}

/** Requests that are refused or fail, with their status. */
const FAULTS: readonly (readonly [text: string, status: number])[] = [
  [get("/fail"), 500],
  [get("/missing"), 404],
  [get("/count"), 405],
  [get("/%zz"), 400],
  ["GET / HTTP/1.1\r\n\r\n", 400],
  ["\x00\x01\x02\r\n\r\n", 400],
  ["GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505],
  [postHead("/count", "Content-Length: 1, 2\r\n"), 400],
  [postHead("/count", "Content-Length: 2000000000\r\n"), 413],
  [postHead("/count", "Transfer-Encoding: chunked\r\n") + "zz\r\n", 400],
  [get("/", `X-Long: ${"x".repeat(20_000)}\r\n`), 431],
];

async function fail(port: number): Promise<void> {
  for (const [text, status] of FAULTS) {
    using client = await RawClient.connect(port);
    assertEquals((await client.ask(text, "GET")).status, status, text);
  }
  using client = await RawClient.connect(port);
  const broken = await client.ask(get("/break"));
  assertEquals([broken.status, broken.complete], [200, false]);
}

async function leaveUnread(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  for (let at = 0; at < 5; at++) {
    const answer = await client.ask(post("/unread", PIECE));
    assertEquals(answer.text, "not read");
  }
}

/** Waits to be cut: the soak's server has short time-outs. */
async function beSlow(port: number): Promise<void> {
  using slowHead = await RawClient.connect(port);
  using slowBody = await RawClient.connect(port);
  using idle = await RawClient.connect(port);
  await slowHead.send("GET / HTTP/1.1\r\n");
  await slowBody.send(postHead("/count", "Content-Length: 9\r\n") + "abc");
  await idle.ask(get("/"));
  const statuses = [
    (await slowHead.read()).status,
    (await slowBody.read()).status,
  ];
  assertEquals([...statuses, await idle.ends()], [408, 408, true]);
}

/** All of them: some 1,000 requests a second. */
export const WORKLOADS: readonly Workload[] = [
  { name: "keep-alive", workers: 16, restMs: 10, go: keepAlive },
  { name: "churn", workers: 4, restMs: 10, go: churn },
  { name: "pipelines", workers: 2, restMs: 50, go: pipeline },
  { name: "slow readers", workers: 4, restMs: 10, go: readSlowly },
  { name: "uploads", workers: 4, restMs: 20, go: upload },
  { name: "slow uploads", workers: 4, restMs: 10, go: uploadSlowly },
  { name: "resets", workers: 2, restMs: 50, go: reset },
  { name: "clients that leave", workers: 2, restMs: 50, go: leave },
  { name: "unread bodies", workers: 2, restMs: 20, go: leaveUnread },
  { name: "faults", workers: 2, restMs: 100, go: fail },
  { name: "slow peers", workers: 4, restMs: 10, go: beSlow },
];
