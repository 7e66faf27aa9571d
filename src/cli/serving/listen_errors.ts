/**
 * Why a server could not listen, in words that say what to do.
 *
 * @module
 */

import { OPTIONS } from "../../server/option_table.ts";
import { failure, firstLine, misuse } from "../errors.ts";

/** Where a server was to listen. */
export interface ListenTarget {
  /** The address, as given. */
  readonly hostname: string;
  /** The port, as given. */
  readonly port: number;
  /** The path of a Unix socket, in place of these. */
  readonly path?: string;
  /** The last port that was tried, if there were more. */
  readonly lastPort?: number;
}

/** Where a server listens that was given these options. */
export function listenTarget(given: Partial<ListenTarget>): ListenTarget {
  const byDefault = (name: string) =>
    OPTIONS.find((spec) => spec.name === name)?.default;
  const { hostname, port, ...others } = given;
  return {
    hostname: hostname ?? String(byDefault("hostname")),
    port: port ?? Number(byDefault("port")),
    ...others,
  };
}

/** The error to tell for one that listening on a Unix socket has thrown. */
function explainSocketError(error: unknown, path: string): unknown {
  const shown = JSON.stringify(path);
  if (error instanceof Deno.errors.AddrInUse) {
    return failure(
      `the socket ${shown} is in use, or there is another file: take another with --unix`,
      error,
    );
  }
  if (error instanceof Deno.errors.NotFound) {
    return failure(`there is no directory for the socket ${shown}`, error);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return failure(`not permitted to make the socket ${shown}`, error);
  }
  return error;
}

function portsInUse({ hostname, port, lastPort }: ListenTarget): string {
  return lastPort === undefined
    ? `port ${port} of ${hostname} is in use: take another with --port, or 0 for a free one`
    : `ports ${port} to ${lastPort} of ${hostname} are in use: take another with --port, or 0 for a free one`;
}

/** The error to tell for one that listening has thrown. */
export function explainListenError(
  error: unknown,
  target: ListenTarget,
): unknown {
  const { hostname, port, path } = target;
  if (error instanceof Deno.errors.NotCapable) return error;
  if (path !== undefined) return explainSocketError(error, path);
  const host = JSON.stringify(hostname);
  if (error instanceof Deno.errors.AddrInUse) {
    return failure(portsInUse(target), error);
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return failure(
      `no interface of this machine has the address ${host}: take another with --host`,
      error,
    );
  }
  if (error instanceof Deno.errors.NotFound) {
    return failure(
      `cannot read the certificate or its key: ${firstLine(error)}`,
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
