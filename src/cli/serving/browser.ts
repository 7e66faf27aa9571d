/**
 * Opens a browser.
 *
 * @module
 */

import { firstLine } from "../errors.ts";

/** A program and what to pass to it. */
export type Launch = readonly [program: string, ...args: string[]];

/** What opens a URL on an operating system. */
export function launchFor(os: typeof Deno.build.os, url: string): Launch {
  if (os === "darwin") return ["open", url];
  if (os === "windows") return ["cmd", "/c", "start", "", url];
  return ["xdg-open", url];
}

/**
 * Opens a browser with a URL. Nothing is asked for: without the permission to
 * run the program it is left.
 *
 * @returns What went wrong; `null` if nothing.
 */
export async function openBrowser(url: string): Promise<string | null> {
  const [command, ...args] = launchFor(Deno.build.os, url);
  const { state } = Deno.permissions.querySync({ name: "run", command });
  if (state !== "granted") return `it takes --allow-run=${command}`;
  try {
    const { code } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return code === 0 ? null : `${command} ended with code ${code}`;
  } catch (error) {
    return firstLine(error);
  }
}
