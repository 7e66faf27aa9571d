/**
 * The command line: serves a directory, or runs the default export of a module.
 *
 * ```sh
 * deno run -A jsr:@x/httpserver/cli
 * deno run -A jsr:@x/httpserver/cli app.ts --port 3000
 * deno run -A jsr:@x/httpserver/cli --help
 * ```
 *
 * @example From a program
 * ```ts
 * import { main } from "@x/httpserver/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await main(["routes", "no-such-file.ts"]), 1);
 * ```
 *
 * @module
 */

import { runCommandLine } from "./run.ts";
import { processTerminal } from "./terminal.ts";

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
export function main(args: readonly string[]): Promise<number> {
  return runCommandLine(args, processTerminal());
}

if (import.meta.main) Deno.exit(await main(Deno.args));
