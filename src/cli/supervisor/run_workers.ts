/**
 * The command line with several processes, or with one that is replaced when
 * its code changes.
 *
 * @module
 */

import type { ListenOptions } from "../../server/options.ts";
import { firstLine, misuse } from "../errors.ts";
import { listenTarget } from "../serving/listen_errors.ts";
import { runOnNextPort } from "../serving/next_port.ts";
import { moduleFiles } from "../reload/module_files.ts";
import { restartOnChange } from "../reload/restart_on_change.ts";
import { listenOptions, type Settings } from "../config/settings.ts";
import { workerCommand } from "./command.ts";
import { checkFreePort } from "./free_port.ts";
import { supervise, type SuperviseOptions } from "./supervise.ts";
import type { SupervisorReport } from "./supervisor.ts";
import type { WorkerCommand } from "./worker_process.ts";
import type { Target } from "../target.ts";

// Who mends a module that never comes up waits in front of the screen.
const MOST_RELOAD_MS = 1_000;

/** A command line that workers are to follow. */
export interface WorkersCommand {
  /** Its arguments. */
  readonly args: readonly string[];
  /** What they and their like say. */
  readonly settings: Settings;
  /** What is served. */
  readonly target: Target;
  /** Called once all workers listen. */
  onListen(address: Deno.NetAddr): void;
  /** Called when none is left. */
  onEnd(report: SupervisorReport): void;
  /** Takes a line for people. */
  tell(line: string): void;
}

/** True if it takes workers: for several processes, or to run changed code. */
export function needsWorkers(settings: Settings, target: Target): boolean {
  return settings.number("workers") > 1 ||
    (settings.isOn("reload") && target.kind === "module");
}

// A Unix socket has no port that several could listen on.
function checkSharable({ path }: ListenOptions): void {
  if (path === undefined) return;
  throw misuse(
    `workers cannot share the Unix socket ${
      JSON.stringify(path)
    }: take a port, or one worker without --reload`,
  );
}

async function choosePort(
  settings: Settings,
  listen: ListenOptions,
): Promise<number> {
  const { hostname, port } = listenTarget(listen);
  let chosen = port;
  const look = (other: ListenOptions) => {
    chosen = other.port ?? port;
    checkFreePort(hostname, chosen);
    return Promise.resolve();
  };
  if (settings.isOn("nextPort")) await runOnNextPort(listen, look);
  else await look(listen);
  return chosen;
}

/**
 * Runs the workers of a command line until a signal ends them.
 *
 * @returns The exit code.
 * @throws {CliError} If workers cannot do it.
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 */
export async function runWorkers(command: WorkersCommand): Promise<number> {
  const { args, settings, target } = command;
  const listen = listenOptions(settings);
  checkSharable(listen);
  const { hostname } = listenTarget(listen);
  const path = target.kind === "directory" ? target.path : null;
  const main = new URL("../main.ts", import.meta.url).href;
  const worker = workerCommand(main, args, { path, hostname });
  return await supervise({
    count: settings.number("workers"),
    mostStartMs: settings.isOn("reload") ? MOST_RELOAD_MS : undefined,
    command: worker,
    port: await choosePort(settings, listen),
    onListen: command.onListen,
    onEnd: command.onEnd,
    attach: watcherOf(command, worker),
  });
}

/** What restarts the workers when the module changes, if that is asked for. */
function watcherOf(
  { settings, target, tell }: WorkersCommand,
  { args }: WorkerCommand,
): SuperviseOptions["attach"] {
  if (!settings.isOn("reload") || target.kind === "directory") return undefined;
  const { url } = target;
  if (!url.startsWith("file:")) {
    throw misuse(
      `--reload cannot watch ${
        JSON.stringify(url)
      }: take a module of this machine`,
    );
  }
  const since = Date.now();
  return (supervisor) =>
    restartOnChange({
      files: () => moduleFiles(url, args),
      restart: () => supervisor.restart(),
      changed: (path) => tell(`${path} has changed: replacing the workers`),
      failed: (error) => tell(`cannot watch ${url}: ${firstLine(error)}`),
    }, since);
}
