/**
 * The command line: serves a directory, or runs the default export of a module.
 *
 * ```sh
 * deno run -A jsr:@x/httpserver/cli
 * deno run -A jsr:@x/httpserver/cli app.ts --port 3000
 * deno run -A jsr:@x/httpserver/cli --help
 * ```
 *
 * @module
 */

import { parseCommandLine, type ServeCommand } from "./args.ts";
import { bannerText, serverUrls } from "./banner.ts";
import { report } from "./errors.ts";
import { helpText } from "./help.ts";
import { explainListenError, listenTarget } from "./listen_errors.ts";
import { loadServer, type RunnableServer } from "./load_module.ts";
import { serveDirectory } from "./serve_directory.ts";
import { listenOptions, serverOptions, Settings } from "./settings.ts";
import { resolveTarget, type Target } from "./target.ts";
import { VERSION } from "./version.ts";

function makeServer(
  name: string,
  target: Target,
  settings: Settings,
): RunnableServer | Promise<RunnableServer> {
  const options = serverOptions(settings);
  if (target.kind === "module") {
    const flags = settings.given("limits", "timeouts")
      .map(({ spec }) => `--${spec.flag}`);
    return loadServer(target.url, name, options, flags);
  }
  // A terminal is read by people, a pipe or a file by programs.
  const format = Deno.stdout.isTerminal() ? "text" : "json";
  return serveDirectory(target.path, options, { format });
}

function printBanner(address: Deno.Addr, serves: string): void {
  if (!("hostname" in address)) return;
  console.log(bannerText(serverUrls(address), serves));
}

async function serve(command: ServeCommand): Promise<void> {
  const settings = new Settings(command.given);
  const target = await resolveTarget(command.target);
  const server = await makeServer(command.target, target, settings);
  const serves = target.kind === "directory" ? target.path : command.target;
  const listen = listenOptions(settings);
  try {
    await server.run({
      ...listen,
      onListen: (address) => printBanner(address, serves),
    });
  } catch (error) {
    throw explainListenError(error, listenTarget(listen));
  }
}

async function follow(args: readonly string[]): Promise<void> {
  const command = parseCommandLine(args);
  if (command.kind === "help") console.log(helpText().trimEnd());
  else if (command.kind === "version") console.log(VERSION);
  else await serve(command);
}

/**
 * Follows a command line: prints the help or the version, or serves until
 * SIGINT or SIGTERM and drains. What goes wrong is told in one line on standard
 * error.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The exit code: 0, 1 if the server could not start, or 2 if the
 * command line is wrong.
 *
 * @example Usage
 * ```ts
 * import { main } from "@x/httpserver/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await main(["--version"]), 0);
 * assertEquals(await main(["--prot", "80"]), 2);
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await follow(args);
    return 0;
  } catch (error) {
    const { line, exitCode } = report(error);
    console.error(`httpserver: ${line}`);
    return exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
