/** Servers as processes, and what they cost by the kernel's own account. */

/** How a server is started. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it listens, if it can't choose a free port and say so. */
  readonly port?: number;
}

const START_MS = 20_000;
const decoder = new TextDecoder();

/** A server under measurement. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** Where it listens on 127.0.0.1. */
  readonly port: number;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts it and waits until it listens. */
  static async start(start: Start): Promise<ServerProcess> {
    const child = new Deno.Command(start.command, {
      args: [...start.args],
      env: { NO_COLOR: "1", ...start.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = collect(child.stderr);
    const timer = setTimeout(() => child.kill("SIGKILL"), START_MS);
    try {
      const port = start.port === undefined
        ? await readPort(child.stdout)
        : await answering(start.port, child.stdout);
      if (port !== null) return new ServerProcess(child, port);
    } finally {
      clearTimeout(timer);
    }
    throw new Error(
      `${start.command} ${
        start.args.join(" ")
      } did not listen: ${await errors}`,
    );
  }

  /** CPU time that it and its children have used so far, us. */
  cpuMicros(): number {
    return this.#processes().reduce((sum, pid) => sum + cpuMicros(pid), 0);
  }

  /** Memory that it and its children hold, bytes. */
  residentBytes(): number {
    return this.#processes().reduce((sum, pid) => sum + residentBytes(pid), 0);
  }

  #processes(): number[] {
    return family(this.#child.pid);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#processes().reverse()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    }
    await this.#child.status;
  }
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of stream) {
    if (text.length < 4000) text += decoder.decode(bytes);
  }
  return text;
}

// Goes on reading, so that no full pipe ever holds the server up.
async function readPort(
  stream: ReadableStream<Uint8Array>,
): Promise<number | null> {
  const found = Promise.withResolvers<number | null>();
  let text = "";
  (async () => {
    for await (const bytes of stream) {
      if (text.length > 4000) continue;
      text += decoder.decode(bytes);
      const match = /^port (\d+)$/m.exec(text);
      if (match !== null) found.resolve(Number(match[1]));
    }
    found.resolve(null);
  })();
  return await found.promise;
}

async function answering(
  port: number,
  stdout: ReadableStream<Uint8Array>,
): Promise<number | null> {
  let ended = false;
  collect(stdout).then(() => ended = true);
  while (!ended) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return port;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return null;
}

function family(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = readProc(path).split(" ").filter((id) => id !== "");
  return [pid, ...children.flatMap((id) => family(Number(id)))];
}

function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return ""; // It has ended.
  }
}

// utime and stime are the 14th and 15th field; a clock tick is 10 ms.
const TICK_US = 10_000;

function cpuMicros(pid: number): number {
  const stat = readProc(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US || 0;
}

function residentBytes(pid: number): number {
  const status = readProc(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
