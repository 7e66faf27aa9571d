/**
 * {@linkcode noticeRoot}: a root that is not there is told of by the log, for its
 * answers, which are all 404, tell nobody.
 *
 * @module
 */

import type { ServerState } from "../../http/server_state.ts";

// Without the query it would be asked for on a terminal.
function mayRead(root: string): boolean {
  const wanted = { name: "read", path: root } as const;
  return Deno.permissions.querySync(wanted).state === "granted";
}

function whatIsWrong(root: string): string | null {
  try {
    return Deno.statSync(root).isDirectory ? null : "it is no directory";
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "it is not there" : null;
  }
}

/** Warns if there is no directory at `root`. */
export function noticeRoot(root: string, server: ServerState): void {
  if (server.report === undefined || !mayRead(root)) return;
  const wrong = whatIsWrong(root);
  if (wrong === null) return;
  server.report({
    level: "warn",
    message:
      `Cannot serve files from the root ${
        JSON.stringify(root)
      } of staticFiles, ` +
      `as ${wrong}: make the directory, or mend the path`,
  });
}
