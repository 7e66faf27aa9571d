/** Programs on a terminal of their own, by `script` of util-linux. */
import { assert } from "@std/assert";
import { commandLine } from "../../.ci/offline/standins.ts";
import { within } from "./within.ts";

// Programs start slowly on a busy machine.
const MOST_WAIT_MS = 60_000;

/** Whether there is a `script` that runs a command. */
export async function hasTerminals(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const command = new Deno.Command("script", { args: ["--version"] });
    const { stdout } = await command.output();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A program on a terminal, until it is disposed of. */
export class OnTerminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<void>;
  #check = () => {};
  /** What has come so far, with the lines ended by line feeds alone. */
  text = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#ended = this.#collect(child.stdout);
  }

  /** Starts `deno ARGS...`. */
  static async start(
    args: readonly string[],
    options: { cwd: string; env?: Record<string, string> },
  ): Promise<OnTerminal> {
    const line = await commandLine(args);
    const words = [Deno.execPath(), ...line.args].map(quote).join(" ");
    // What the tests themselves are run with says nothing for this terminal.
    const colors = options.env?.NO_COLOR === undefined
      ? "unset NO_COLOR; "
      : "";
    // The shell tells its number, which becomes that of the program.
    const shell = `${colors}echo pid $$; exec ${words}`;
    const child = new Deno.Command("script", {
      args: ["--quiet", "--flush", "--return", "--command", shell, "/dev/null"],
      cwd: options.cwd,
      env: { ...line.env, ...options.env, TERM: "xterm", SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    return new OnTerminal(child);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true });
      this.text += text.replaceAll("\r\n", "\n");
      this.#check();
    }
  }

  /** Waits for a pattern on the terminal. */
  async find(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#check = () => {
      if (pattern.test(this.text)) resolve();
    };
    this.#check();
    const event = Promise.race([promise, this.#ended]);
    await within(`${pattern} on the terminal`, event, MOST_WAIT_MS);
    const match = pattern.exec(this.text);
    assert(match !== null, `${pattern} is not in:\n${this.text}`);
    return match;
  }

  /** Sends a signal to the program, and waits for its end. */
  async end(signal: Deno.Signal): Promise<number> {
    const [, pid] = await this.find(/^pid (\d+)$/m);
    Deno.kill(Number(pid), signal);
    return await this.ended();
  }

  /** Waits for the end. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#ended;
    return code;
  }

  /** Ends the program at once if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.stdin.close().catch(() => {});
    await this.ended();
  }
}
