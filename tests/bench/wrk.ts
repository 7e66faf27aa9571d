/** The load: wrk, one run at a time. */
import { fromFileUrl } from "@std/path";

/** What wrk is told. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** A script of `wrk/`. */
  readonly script?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What wrk has seen. */
export interface Seen {
  readonly requests: number;
  readonly perSecond: number;
  /** Latencies, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx and 3xx, and failed connections. */
  readonly errors: number;
}

const UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** Fails with advice if wrk is not installed. */
export async function requireWrk(): Promise<void> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null" }).output();
  } catch {
    throw new Error(
      "The benchmarks need wrk: apt-get install wrk, or brew install wrk",
    );
  }
}

/** Runs wrk once. */
export async function runWrk(load: Load): Promise<Seen> {
  const args = [
    "-t1",
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    "--latency",
    "--timeout",
    "10s",
  ];
  for (const [name, value] of Object.entries(load.headers ?? {})) {
    args.push("-H", `${name}: ${value}`);
  }
  if (load.script !== undefined) {
    const script = new URL(`./wrk/${load.script}`, import.meta.url);
    args.push("-s", fromFileUrl(script));
  }
  args.push(load.url);
  const { stdout, stderr, success } = await new Deno.Command("wrk", { args })
    .output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (!success) {
    throw new Error(`wrk failed: ${text}${decoder.decode(stderr)}`);
  }
  return parse(text);
}

function parse(text: string): Seen {
  const requests = /(\d+) requests in/.exec(text);
  const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(text);
  if (requests === null || perSecond === null) {
    throw new Error(`wrk has written something unknown: ${text}`);
  }
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const failed = /Socket errors: connect (\d+), read (\d+), write (\d+)/
    .exec(text)?.slice(1).reduce((sum, count) => sum + Number(count), 0) ?? 0;
  return {
    requests: Number(requests[1]),
    perSecond: Number(perSecond[1]),
    p50: latency(text, 50),
    p99: latency(text, 99),
    errors: bad + failed,
  };
}

function latency(text: string, percent: number): number {
  const match = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, "m")
    .exec(text);
  return match === null ? NaN : Number(match[1]) * UNITS[match[2]];
}
