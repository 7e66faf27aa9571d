/**
 * Which options are for what is served.
 *
 * @module
 */

import { misuse } from "../errors.ts";
import { originName } from "./origins.ts";
import type { Settings } from "./settings.ts";

/** What is served: a directory, an object with `fetch`, or an `HttpServer`. */
export type Served = "directory" | "app" | "server";

/** The groups of options that a server has itself. */
export const SERVER_GROUPS: readonly string[] = ["peers", "limits", "timeouts"];

// Groups that are not for everything, and why not.
const FOREIGN: Readonly<Record<Served, Readonly<Record<string, string>>>> = {
  directory: {},
  app: { files: "it is for the files of a directory" },
  server: {
    files: "it is for the files of a directory",
    answers: "it exports an HttpServer, which has middleware of its own",
  },
};

/**
 * Checks that each option that was given is for what is served.
 *
 * @param name What to call that.
 * @throws {CliError} If one is not.
 */
export function checkScope(
  settings: Settings,
  served: Served,
  name: string,
): void {
  for (const [group, why] of Object.entries(FOREIGN[served])) {
    for (const { origin } of settings.given(group)) {
      if (origin.kind === "default") continue;
      throw misuse(
        `${originName(origin)} cannot be used with ${
          JSON.stringify(name)
        }: ${why}`,
      );
    }
  }
}
