/**
 * Serves what a command line names, until the process is to end.
 *
 * @module
 */

import type { ListenOptions } from "../../server/options.ts";
import { bannerText, serverUrls } from "./banner.ts";
import { openBrowser } from "./browser.ts";
import { explainListenError, listenTarget } from "./listen_errors.ts";
import type { RunnableServer } from "./load_module.ts";
import { makeServer } from "./make_server.ts";
import { lastPortFrom, runOnNextPort } from "./next_port.ts";
import { needsWorkers, runWorkers } from "../supervisor/run_workers.ts";
import { basePath } from "./serve_directory.ts";
import { listenOptions, type Settings } from "../config/settings.ts";
import { summaryText } from "./summary.ts";
import { runWorker } from "../supervisor/worker.ts";
import { resolveTarget, type Target } from "../target.ts";
import type { Terminal } from "../terminal.ts";

/** Where a server listens, as people name it. */
function addressNames(address: Deno.Addr, settings: Settings): string[] {
  if ("path" in address) return [address.path];
  if (!("hostname" in address)) return [];
  const isSecure = settings.text("tls.certFile") !== null;
  const urls = serverUrls(address, undefined, isSecure ? "https" : "http");
  const base = basePath(settings).slice(1);
  return urls.map((url) => base === "" ? url : `${url}${base}/`);
}

/** A server under way, and what it has failed at. */
class Service {
  readonly #settings: Settings;
  readonly #terminal: Terminal;
  #failures = 0;

  constructor(settings: Settings, terminal: Terminal) {
    this.#settings = settings;
    this.#terminal = terminal;
  }

  /** Makes the server of a directory or a module. */
  make(target: Target, name: string): Promise<RunnableServer> {
    return makeServer(target, name, this.#settings, {
      isTerminal: this.#terminal.isTerminal,
      isServing: true,
      failed: () => void this.#failures++,
    });
  }

  /** Serves as one of several workers. */
  work(target: Target, name: string): Promise<never> {
    return runWorker({
      make: () => this.make(target, name),
      listen: listenOptions(this.#settings),
      failures: () => this.#failures,
      explain: (error) => this.#explain(error),
    });
  }

  /** Runs workers until they have drained. */
  async supervise(
    target: Target,
    args: readonly string[],
    serves: string,
  ): Promise<number> {
    const started = performance.now();
    try {
      return await runWorkers({
        args,
        settings: this.#settings,
        target,
        onListen: (address) => this.#greet(address, serves),
        onEnd: ({ counts }) => {
          this.#failures = counts.failures;
          this.#summarize({ stats: () => counts.stats }, started);
        },
        tell: (line) => this.#terminal.complain(`httpserver: ${line}`),
      });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Runs it until it has drained. */
  async run(server: RunnableServer, serves: string): Promise<void> {
    const settings = this.#settings;
    const listen: ListenOptions = {
      ...listenOptions(settings),
      onListen: (address) => this.#greet(address, serves),
    };
    const run = (listen: ListenOptions) => server.run(listen);
    const takesNext = settings.isOn("nextPort");
    const started = performance.now();
    const summarize = () => this.#summarize(server, started);
    // A server that is cut ends the process.
    globalThis.addEventListener("unload", summarize, { once: true });
    try {
      await (takesNext ? runOnNextPort(listen, run) : run(listen));
      summarize();
    } catch (error) {
      throw this.#explain(error);
    } finally {
      globalThis.removeEventListener("unload", summarize);
    }
  }

  #explain(error: unknown): unknown {
    const { hostname, port, path } = listenOptions(this.#settings);
    const target = listenTarget({ hostname, port, path });
    const takesNext = this.#settings.isOn("nextPort");
    const lastPort = takesNext ? lastPortFrom(target.port) : undefined;
    return explainListenError(error, { ...target, lastPort });
  }

  #greet(address: Deno.Addr, serves: string): void {
    const settings = this.#settings;
    const names = addressNames(address, settings);
    if (!settings.isOn("quiet")) {
      const { hasColor } = this.#terminal;
      this.#terminal.print(bannerText(names, serves, hasColor));
    }
    if (settings.isOn("open")) this.#open(names[0]);
  }

  async #open(url: string): Promise<void> {
    const fault = await openBrowser(url);
    if (fault === null) return;
    this.#terminal.complain(`httpserver: cannot open a browser: ${fault}`);
  }

  #summarize(server: Pick<RunnableServer, "stats">, started: number): void {
    if (this.#settings.isOn("quiet")) return;
    // Versions of the package differ in what they count.
    const { totalRequests = 0, protocolErrors = 0 } = server.stats?.() ?? {};
    this.#terminal.print(summaryText({
      requests: totalRequests,
      errors: this.#failures + protocolErrors,
      durationMs: performance.now() - started,
    }));
  }
}

/** What is to be served. */
export interface ServeTask {
  /** The directory or module, as given. */
  readonly name: string;
  /** The whole command line, which workers get as well. */
  readonly args: readonly string[];
  /** True if this process is a worker. */
  readonly isWorker: boolean;
}

/**
 * Serves a directory or a module until SIGINT or SIGTERM, and drains.
 *
 * @returns The exit code.
 * @throws {CliError} If it cannot be served with these settings.
 */
export async function serve(
  { name, args, isWorker }: ServeTask,
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const target = await resolveTarget(name);
  const service = new Service(settings, terminal);
  const serves = target.kind === "directory" ? target.path : name;
  if (isWorker) return await service.work(target, name);
  if (needsWorkers(settings, target)) {
    return await service.supervise(target, args, serves);
  }
  await service.run(await service.make(target, name), serves);
  return 0;
}
