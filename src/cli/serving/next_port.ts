/**
 * Takes the next free port where one is taken.
 *
 * @module
 */

import type { ListenOptions } from "../../server/options.ts";
import { listenTarget } from "./listen_errors.ts";

/** How many ports are tried. */
export const PORTS_TRIED = 100;

const LAST_PORT = 65_535;

/** The last port that is tried from one on; `undefined` if that is any. */
export function lastPortFrom(first: number): number | undefined {
  if (first === 0) return undefined;
  return Math.min(first + PORTS_TRIED - 1, LAST_PORT);
}

/**
 * Runs with a port, and as long as that is taken with the next one.
 *
 * @param run Listens, and rejects with `AddrInUse` if the port is taken.
 * @throws {Deno.errors.AddrInUse} If all that were tried are taken.
 */
export async function runOnNextPort(
  listen: ListenOptions,
  run: (listen: ListenOptions) => Promise<void>,
): Promise<void> {
  const { port: first } = listenTarget(listen);
  const last = lastPortFrom(first) ?? first;
  for (let port = first;; port++) {
    try {
      return await run({ ...listen, port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || port >= last) {
        throw error;
      }
    }
  }
}
