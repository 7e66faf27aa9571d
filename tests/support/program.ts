/** Programs as child processes, that tests wait for and always end. */
import { fromFileUrl } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";

/** The root of the project. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a child process is started with. */
export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Collects what a child writes and tells when a pattern has come. */
class Output {
  text = "";
  readonly ended: Promise<void>;
  #check = () => {};

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#collect(stream);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      this.text += decoder.decode(bytes, { stream: true });
      this.#check();
    }
  }

  /** The first match, or null if the stream ends without one. */
  find(pattern: RegExp): Promise<RegExpExecArray | null> {
    return new Promise((resolve) => {
      this.#check = () => {
        const match = pattern.exec(this.text);
        if (match !== null) resolve(match);
      };
      this.#check();
      this.ended.then(() => resolve(pattern.exec(this.text)));
    });
  }
}

/** A program that runs until it is disposed of. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #running = true;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#stdout = new Output(child.stdout);
    this.#stderr = new Output(child.stderr);
    child.status.then(() => this.#running = false);
  }

  /** Starts `deno ARGS...`. */
  static async start(
    args: readonly string[],
    options: ProgramOptions = {},
  ): Promise<Program> {
    const { args: all, env } = await commandLine(args);
    const command = new Deno.Command(Deno.execPath(), {
      args: all,
      cwd: options.cwd ?? ROOT,
      env: { ...env, NO_COLOR: "1", ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    return new Program(command.spawn());
  }

  /** Waits for a pattern in what the program writes. */
  async find(
    stream: "stdout" | "stderr",
    pattern: RegExp,
  ): Promise<RegExpExecArray> {
    const output = stream === "stdout" ? this.#stdout : this.#stderr;
    const match = await output.find(pattern);
    if (match !== null) return match;
    const { code, stdout, stderr } = await this.ended();
    throw new Error(
      `The program ended with code ${code} before ${pattern}\n${stdout}${stderr}`,
    );
  }

  /** Waits for the line with its URL, without the last slash. */
  async url(stream: "stdout" | "stderr" = "stdout"): Promise<string> {
    const pattern = /listening on (http:\/\/[^\s/]+)/i;
    const [, url] = await this.find(stream, pattern);
    return url.replace("0.0.0.0", "127.0.0.1");
  }

  /** The id of its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal = "SIGTERM"): void {
    if (this.#running) this.#child.kill(signal);
  }

  /** Waits for the end. */
  async ended(): Promise<Ended> {
    const { code } = await this.#child.status;
    await Promise.all([this.#stdout.ended, this.#stderr.ended]);
    return { code, stdout: this.#stdout.text, stderr: this.#stderr.text };
  }

  /** Ends the program at once if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended();
  }
}

/** Runs `deno ARGS...` to its end. */
export async function runProgram(
  args: readonly string[],
  options?: ProgramOptions,
): Promise<Ended> {
  await using program = await Program.start(args, options);
  return await program.ended();
}

/** A program of this project that listens: `deno run -A FILE ARGS...`. */
export function startServer(
  file: string,
  args: readonly string[] = [],
  options?: ProgramOptions,
): Promise<Program> {
  const path = fromFileUrl(new URL(`../../${file}`, import.meta.url));
  return Program.start(["run", "-A", path, ...args], options);
}
