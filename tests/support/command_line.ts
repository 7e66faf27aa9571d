/** The command line within the test's own process: no program is started. */
import { unreachable } from "@std/assert";
import { parseCommandLine } from "../../src/cli/args.ts";
import type { Environment } from "../../src/cli/config/environment.ts";
import { makeServer } from "../../src/cli/serving/make_server.ts";
import { runCommandLine } from "../../src/cli/run.ts";
import { readSettings } from "../../src/cli/config/sources.ts";
import type { Settings } from "../../src/cli/config/settings.ts";
import { resolveTarget } from "../../src/cli/target.ts";
import type { HttpServer } from "../../src/server/http_server.ts";

/** What a command line printed and ended with. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Follows a command line that does not serve. */
export async function runInProcess(
  args: readonly string[],
  environment: Environment = {},
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, {
    print: (text) => void out.push(`${text}\n`),
    complain: (text) => void err.push(`${text}\n`),
    isTerminal: false,
    hasColor: false,
    environment: () => environment,
  });
  return { code, stdout: out.join(""), stderr: err.join("") };
}

/** The options that a command line, and an environment, come to. */
export function settingsOf(
  args: readonly string[],
  environment: Environment = {},
): Promise<Settings> {
  const command = parseCommandLine(args);
  if (command.kind !== "serve") unreachable();
  return readSettings(command.given, environment);
}

/** The server that a command line would run, with the lines of its log. */
export async function serverOf(
  args: readonly string[],
  isTerminal = false,
): Promise<{ server: HttpServer; log: string[] }> {
  const command = parseCommandLine(args);
  if (command.kind !== "serve") unreachable();
  const settings = await readSettings(command.given, {});
  const log: string[] = [];
  const server = await makeServer(
    await resolveTarget(command.target),
    command.target,
    settings,
    { isTerminal, sink: (line) => void log.push(line) },
  );
  return { server: server as HttpServer, log };
}
