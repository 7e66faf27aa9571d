/**
 * Follows a command line.
 *
 * @module
 */

import { parseCommandLine } from "./args.ts";
import { configText } from "./check_config.ts";
import { completionScript } from "./completions.ts";
import { report } from "./errors.ts";
import { helpText } from "./help.ts";
import { makeServer } from "./make_server.ts";
import { listRoutes } from "./routes.ts";
import { serve } from "./serve.ts";
import { readSettings } from "./sources.ts";
import { resolveTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

async function follow(
  args: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const command = parseCommandLine(args);
  if (command.kind === "help") return terminal.print(helpText().trimEnd());
  if (command.kind === "version") return terminal.print(VERSION);
  if (command.kind === "completions") {
    return terminal.print(completionScript(command.shell).trimEnd());
  }
  const { target } = command;
  if (command.kind === "routes") {
    const found = await resolveTarget(target);
    return terminal.print(await listRoutes(found, target));
  }
  const settings = await readSettings(command.given, terminal.environment());
  if (command.kind === "check-config") {
    // As far as it would be served: with its module, but without a socket.
    await makeServer(await resolveTarget(target), target, settings, terminal);
    return terminal.print(configText(settings));
  }
  await serve(target, settings, terminal);
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
    await follow(args, terminal);
    return 0;
  } catch (error) {
    const { line, exitCode } = report(error);
    terminal.complain(`httpserver: ${line}`);
    return exitCode;
  }
}
