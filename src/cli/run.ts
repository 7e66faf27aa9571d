/**
 * Follows a command line.
 *
 * @module
 */

import { type Command, parseCommandLine } from "./args.ts";
import { configText } from "./config/check_config.ts";
import { completionScript } from "./completions.ts";
import { report } from "./errors.ts";
import { helpText } from "./help.ts";
import { makeServer } from "./serving/make_server.ts";
import { listRoutes } from "./serving/routes.ts";
import { serve } from "./serving/serve.ts";
import { readSettings } from "./config/sources.ts";
import { WORKER_FLAG } from "./supervisor/command.ts";
import { resolveTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

async function follow(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const isWorker = args[0] === WORKER_FLAG;
  const command = parseCommandLine(isWorker ? args.slice(1) : args);
  if (command.kind === "serve") {
    const { target, given } = command;
    const settings = await readSettings(given, terminal.environment());
    return await serve({ name: target, args, isWorker }, settings, terminal);
  }
  terminal.print(await textOf(command, terminal));
  return 0;
}

/** What a command prints that serves nothing. */
async function textOf(
  command: Exclude<Command, { kind: "serve" }>,
  terminal: Terminal,
): Promise<string> {
  if (command.kind === "help") return helpText().trimEnd();
  if (command.kind === "version") return VERSION;
  if (command.kind === "completions") {
    return completionScript(command.shell).trimEnd();
  }
  const { target } = command;
  const found = await resolveTarget(target);
  if (command.kind === "routes") return await listRoutes(found, target);
  const settings = await readSettings(command.given, terminal.environment());
  // As far as it would be served: with its module, but without a socket.
  await makeServer(found, target, settings, terminal);
  return configText(settings);
}

/**
 * Follows a command line. What goes wrong is told in one line.
 *
 * @param terminal Where to print, and what may be read.
 * @returns The exit code.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await follow(args, terminal);
  } catch (error) {
    const { line, exitCode } = report(error);
    terminal.complain(`httpserver: ${line}`);
    return exitCode;
  }
}
