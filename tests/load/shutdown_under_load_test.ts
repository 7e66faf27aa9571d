/** A server under load that is told to end loses nothing that it has taken. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import {
  connect,
  delay,
  portOf,
  readToEnd,
  send,
  spread,
  startLoadApp,
  times,
} from "../system/load.ts";
import type { Program } from "../support/program.ts";

const ROUNDS = 10;
const IN_FLIGHT = 50;
const IDLE = 50;
const KEPT = 8;
const FRESH = 8;
const WARM_UP_MS = 150;
/** Longer than the server accepts on after the signal. */
const WORK_MS = 400;
/** From the last answer to the end of the process. */
const MOST_AFTER_MS = 1_500;
/** Connections that may be reset as the listener closes, in a round. */
const MOST_RESET = 1;

/** What became of one request. */
interface Asked {
  /** What it asked for; on a connection of its own, or one of several. */
  readonly path: string;
  readonly fresh: boolean;
  /** When it was sent; the connection was open by then. */
  readonly sentAt: number;
  /** What came back: complete, or nothing, or a part. */
  outcome: "open" | "complete" | "none" | "part";
  answer: string;
  endedAt: number;
}

/** All requests of a round. */
class Ledger {
  readonly asked: Asked[] = [];
  /** Connections that could not be made any more. */
  refused = 0;
  over = false;

  note(path: string, fresh = true): Asked {
    const one: Asked = {
      path,
      fresh,
      sentAt: performance.now(),
      outcome: "open",
      answer: "",
      endedAt: 0,
    };
    this.asked.push(one);
    return one;
  }

  end(one: Asked, answer: string): void {
    one.endedAt = performance.now();
    one.answer = answer;
    one.outcome = answer === ""
      ? "none"
      : isComplete(answer)
      ? "complete"
      : "part";
  }
}

function isComplete(answer: string): boolean {
  const [head, ...rest] = answer.split("\r\n\r\n");
  const content = rest.join("\r\n\r\n");
  if (!head.startsWith("HTTP/1.1 200 OK\r\n")) return false;
  const length = /^content-length: (\d+)\r?$/mi.exec(head)?.[1];
  return length === undefined
    ? content.endsWith("0\r\n") || content.endsWith("0\r\n\r\n")
    : content.length === Number(length);
}

function getText(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

/** One request, on a connection of its own. */
async function ask(ledger: Ledger, port: number, path: string): Promise<void> {
  using conn = await connect(port);
  await send(conn, getText(path));
  const one = ledger.note(path);
  ledger.end(one, await readAnswer(conn));
}

/** Reads until the answer is complete or the connection ends. */
async function readAnswer(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  for (let answer = "";;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return answer;
    answer += decoder.decode(buffer.subarray(0, count), { stream: true });
    if (isComplete(answer)) return answer;
  }
}

const BODY = "x".repeat(1_000);

/** An upload that goes on for `WORK_MS`. */
async function upload(ledger: Ledger, port: number): Promise<void> {
  using conn = await connect(port);
  const head = "POST /count HTTP/1.1\r\nHost: a\r\n";
  await send(conn, `${head}Content-Length: ${BODY.length * 4}\r\n\r\n`);
  const one = ledger.note("/count");
  for (let part = 0; part < 4; part++) {
    await delay(WORK_MS / 4);
    await send(conn, BODY);
  }
  ledger.end(one, await readAnswer(conn));
}

/** Requests in flight of three kinds. */
function work(ledger: Ledger, port: number, at: number): Promise<void> {
  const kind = at % 3;
  if (kind === 0) return upload(ledger, port);
  return ask(ledger, port, `/${kind === 1 ? "slow" : "drip"}/${WORK_MS}`);
}

/** New connections with a request each, until none is taken any more. */
async function askFreshly(ledger: Ledger, port: number): Promise<void> {
  while (!ledger.over) {
    try {
      await ask(ledger, port, "/");
    } catch {
      // Refused, or reset before the request was sent.
      ledger.refused++;
      return;
    }
  }
}

/** Requests in a row on one connection, until it ends. */
async function askKept(ledger: Ledger, port: number): Promise<void> {
  using conn = await connect(port);
  while (!ledger.over) {
    try {
      await send(conn, getText("/"));
    } catch {
      return;
    }
    const one = ledger.note("/", false);
    ledger.end(one, await readAnswer(conn));
    if (one.outcome !== "complete") return;
    if (/^connection: close\r?$/mi.test(one.answer)) return;
  }
}

/** The time from `since` until an idle connection has ended, ms. */
async function timeToClose(conn: Deno.Conn): Promise<number> {
  const { at, bytes, clean } = await readToEnd(conn);
  assertEquals([bytes, clean], [0, true]);
  return at;
}

interface Round {
  readonly code: number;
  readonly ledger: Ledger;
  readonly signalAt: number;
  readonly endedAt: number;
  readonly idleEnds: readonly number[];
}

async function openIdle(port: number): Promise<Deno.TcpConn> {
  const conn = await connect(port);
  await send(conn, getText("/"));
  assert(isComplete(await readAnswer(conn)));
  return conn;
}

async function runRound(server: Program): Promise<Round> {
  const port = await portOf(server);
  const ledger = new Ledger();
  const idle = await times(IDLE, () => openIdle(port));
  const load = [
    times(KEPT, () => askKept(ledger, port)),
    times(FRESH, () => askFreshly(ledger, port)),
  ];
  await delay(WARM_UP_MS);
  const flying = times(IN_FLIGHT, (at) => work(ledger, port, at));
  await delay(WARM_UP_MS);
  server.kill();
  const signalAt = performance.now();
  const idleEnds = await Promise.all(idle.map(timeToClose));
  for (const conn of idle) conn.close();
  await flying;
  const { code } = await server.ended();
  const endedAt = performance.now();
  ledger.over = true;
  await Promise.all(load);
  return { code, ledger, signalAt, endedAt, idleEnds };
}

Deno.test(`HttpServer loses nothing and ends with code 0 when SIGTERM comes under load, ${ROUNDS} times in a row`, async () => {
  const drains: number[] = [];
  const tails: number[] = [];
  const idles: number[] = [];
  let finished = 0;
  let resets = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await using server = await startLoadApp();
    const { code, ledger, signalAt, endedAt, idleEnds } = await runRound(
      server,
    );
    assertEquals(code, 0);
    const early = ledger.asked.filter(({ sentAt }) => sentAt <= signalAt);
    const lost = early.filter(({ outcome }) => outcome !== "complete");
    assertEquals(lost, [], `Round ${round} has lost requests`);
    // Behind the signal nothing is cut half-way either.
    const late = ledger.asked.filter(({ sentAt }) => sentAt > signalAt);
    assertEquals(late.filter(({ outcome }) => outcome === "part"), []);
    const dropped = late.filter(({ outcome }) => outcome === "none");
    const reset = dropped.filter(({ fresh }) => fresh).length;
    const flying = early.filter(({ endedAt }) => endedAt > signalAt);
    assertGreater(flying.length, IN_FLIGHT - 1);
    finished += flying.length;
    resets += reset;
    const last = Math.max(...ledger.asked.map(({ endedAt }) => endedAt));
    drains.push(endedAt - signalAt);
    tails.push(endedAt - last);
    idles.push(...idleEnds.map((at) => at - signalAt));
    console.log(
      `round ${round}: ${early.length} requests before the signal, ` +
        `${flying.length} in flight, ${late.length} behind it, ` +
        `of them ${reset} new connections reset, ` +
        `${dropped.length - reset} kept ones closed`,
    );
  }
  console.log(`${finished} requests in flight finished, ${resets} resets`);
  assertLess(spread("idle connections closed after", idles).max, 1_000);
  assertLess(spread("ended after the last answer", tails).max, MOST_AFTER_MS);
  spread("ended after the signal", drains);
  assert(resets <= MOST_RESET * ROUNDS, `${resets} connections were reset`);
});

Deno.test("HttpServer ends with code 1 at the deadline when a handler never ends", async () => {
  const shutdownMs = 500;
  await using server = await startLoadApp({
    options: { timeouts: { shutdownMs } },
  });
  const port = await portOf(server);
  using conn = await connect(port);
  await send(conn, getText("/never"));
  await server.find("stdout", /waiting/);
  server.kill();
  const started = performance.now();
  const { bytes } = await readToEnd(conn);
  assertEquals(bytes, 0);
  const { code, stderr } = await server.ended();
  const took = performance.now() - started;
  assertEquals(code, 1);
  assert(took >= shutdownMs - 50 && took < shutdownMs + 500, `${took} ms`);
  console.log(`forced after ${Math.round(took)} ms, stderr "${stderr}"`);
});

Deno.test("HttpServer ends within a second with code 1 when a second signal comes under load", async () => {
  await using server = await startLoadApp();
  const port = await portOf(server);
  const conns = await times(IN_FLIGHT, () => connect(port));
  await Promise.all(conns.map((conn) => send(conn, getText("/never"))));
  await server.find("stdout", /(waiting\n){50}/);
  server.kill();
  // Two signals within 250 ms are taken for one Ctrl-C.
  await delay(300);
  server.kill();
  const started = performance.now();
  const { code, stdout } = await server.ended();
  assertEquals(code, 1);
  assertLess(performance.now() - started, 1_000);
  assertMatch(stdout, /^(?!.*drained)/s);
  for (const conn of conns) conn.close();
});
