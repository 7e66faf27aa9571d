/** What the tests of load share: the server process, clients, and measures. */
import { assert } from "@std/assert";
import type { HttpServerOptions, ListenOptions } from "@x/httpserver";
import { type Program, startServer } from "../support/program.ts";
import { within } from "../support/within.ts";

/** What `load_app.ts` is started with. */
export interface Settings {
  readonly options?: Pick<
    HttpServerOptions,
    "limits" | "timeouts" | "proxyProtocol" | "allowedHosts"
  >;
  readonly listen?: Omit<ListenOptions, "onListen">;
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trusted?: readonly string[];
}

const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();

/** Starts `load_app.ts`. */
export function startLoadApp(settings: Settings = {}): Promise<Program> {
  return startServer("tests/system/load_app.ts", [JSON.stringify(settings)]);
}

/** Waits, where time itself is what is tested. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks again and again until something holds or the time is over. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  ms: number,
): Promise<boolean> {
  const end = performance.now() + ms;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() >= end) return false;
    await delay(10);
  }
}

/** Calls a function `count` times at once. */
export function times<T>(
  count: number,
  work: (at: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => work(at)));
}

/** Least, middle and greatest of some times, ms. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Sums times up, and prints them under a name. */
export function spread(name: string, values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) =>
    Math.round(sorted[Math.floor(part * (sorted.length - 1))]);
  const found = { min: at(0), median: at(0.5), max: at(1) };
  console.log(
    `${name}: ${values.length} times, min ${found.min} ms, ` +
      `median ${found.median} ms, max ${found.max} ms`,
  );
  return found;
}

/** Resident memory of a process, bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The number of a process's open descriptors. */
export async function descriptors(pid: number): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length;
}

/** Connects to a port of this machine. */
export function connect(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** Sends all of a text. */
export async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = ENCODER.encode(text);
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** Asks once on a connection and leaves it open. */
export async function ask(conn: Deno.Conn, path = "/"): Promise<string> {
  const buffer = new Uint8Array(1024);
  await send(conn, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const count = await conn.read(buffer) ?? 0;
  return DECODER.decode(buffer.subarray(0, count));
}

/** How a connection went on to its end. */
export interface Ending {
  /** When, by `performance.now()`. */
  readonly at: number;
  /** The first of what the server has sent, in all cases its head. */
  readonly text: string;
  readonly bytes: number;
  /** False after a reset. */
  readonly clean: boolean;
}

const KEPT_TEXT = 4096;

/** The value that all but a part of the values are below, as 0.99. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

const PATIENCE_MS = 15_000;

/** Reads to the end of a connection, which is bound to come. */
export function readToEnd(conn: Deno.Conn): Promise<Ending> {
  return within("the end of a connection", readAll(conn), PATIENCE_MS);
}

async function readAll(conn: Deno.Conn): Promise<Ending> {
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  let bytes = 0;
  for (;;) {
    const count = await conn.read(buffer).catch(() => -1);
    const at = performance.now();
    if (count === null || count < 0) {
      return { at, text, bytes, clean: count === null };
    }
    bytes += count;
    if (text.length < KEPT_TEXT) {
      text += DECODER.decode(buffer.subarray(0, count));
    }
  }
}

/** Asks `GET /` on a connection of its own; the time it took, ms. */
export async function askFresh(port: number): Promise<number> {
  const started = performance.now();
  using conn = await connect(port);
  await send(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const { text } = await readToEnd(conn);
  assert(text.startsWith("HTTP/1.1 200 OK\r\n"), `The answer was ${text}`);
  return performance.now() - started;
}

const ASK_AGAIN_MS = 20;

/** Normal requests beside the load: how long each took, ms. */
export async function askMeanwhile<T>(
  port: number,
  load: () => Promise<T>,
): Promise<{ result: T; latencies: number[] }> {
  const latencies: number[] = [];
  let over = false;
  const asking = async () => {
    while (!over) {
      latencies.push(await askFresh(port));
      await delay(ASK_AGAIN_MS);
    }
  };
  const [result] = await Promise.all([
    load().finally(() => over = true),
    asking(),
  ]);
  return { result, latencies };
}

/** The port of a program that listens on 127.0.0.1. */
export async function portOf(program: Program): Promise<number> {
  return Number(new URL(await program.url()).port);
}
