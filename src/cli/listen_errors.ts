/**
 * Why a server could not listen, in words that say what to do.
 *
 * @module
 */

import { OPTIONS } from "../server/option_table.ts";
import { failure, misuse } from "./errors.ts";

/** Where a server was to listen. */
export interface ListenTarget {
  /** The address, as given. */
  readonly hostname: string;
  /** The port, as given. */
  readonly port: number;
}

/** Where a server listens that was given these options. */
export function listenTarget(given: Partial<ListenTarget>): ListenTarget {
  const byDefault = (name: string) =>
    OPTIONS.find((spec) => spec.name === name)?.default;
  return {
    hostname: given.hostname ?? String(byDefault("hostname")),
    port: given.port ?? Number(byDefault("port")),
  };
}

/** The error to tell for one that listening has thrown. */
export function explainListenError(
  error: unknown,
  { hostname, port }: ListenTarget,
): unknown {
  const host = JSON.stringify(hostname);
  if (error instanceof Deno.errors.AddrInUse) {
    return failure(
      `port ${port} of ${hostname} is in use: take another with --port, or 0 for a free one`,
      error,
    );
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return failure(
      `no interface of this machine has the address ${host}: take another with --host`,
      error,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return failure(
      `not permitted to listen on port ${port}: take one from 1024 with --port`,
      error,
    );
  }
  if (error instanceof URIError) {
    return misuse(`--host cannot be ${host}: take an address or a host name`);
  }
  const isLookup = error instanceof Error &&
    error.message.startsWith("failed to lookup address");
  if (!isLookup) return error;
  return failure(`cannot find the address of ${host}`, error);
}
