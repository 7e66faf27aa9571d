/**
 * The files that a program is made of.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";

/** The parts of `deno info --json` that count here. */
interface Info {
  readonly modules: readonly { readonly specifier: string }[];
}

// Flags of `deno run` that say what an import leads to.
const PLAIN = /^--(?:config|import-map|no-config|no-lock|no-remote|no-npm)/;
const WITH_VALUE = ["--config", "-c", "--import-map"];

/** Those of the flags of `deno run` that `deno info` needs. */
export function infoFlags(flags: readonly string[]): string[] {
  return flags.filter((flag, at) =>
    PLAIN.test(flag) || WITH_VALUE.includes(flag) ||
    WITH_VALUE.includes(flags[at - 1])
  );
}

/**
 * The local files that a module imports, in all depths, with itself; of imports
 * that are made of values while it runs nothing is known.
 *
 * @param url The module.
 * @param flags The flags that it is run with.
 */
export async function moduleFiles(
  url: string,
  flags: readonly string[],
): Promise<string[]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...infoFlags(flags), url],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  const { stdout } = await command.output();
  const found = readInfo(new TextDecoder().decode(stdout))
    .filter((specifier) => specifier.startsWith("file:"));
  return (found.length > 0 ? found : [url]).map((each) => fromFileUrl(each));
}

// What cannot be read, as that of a program with an error, has no modules.
function readInfo(text: string): string[] {
  try {
    const { modules }: Info = JSON.parse(text);
    return modules.map(({ specifier }) => specifier);
  } catch {
    return [];
  }
}
