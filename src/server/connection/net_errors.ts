/**
 * Errors that tell of a broken connection rather than of a fault of ours.
 *
 * @module
 */

const CONNECTION_ERRORS: readonly (new () => Error)[] = [
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.NotConnected,
  Deno.errors.Interrupted,
  Deno.errors.BadResource,
  Deno.errors.TimedOut,
  Deno.errors.UnexpectedEof,
];

/** Tells whether an error means that the connection is gone. */
export function isConnectionError(error: unknown): boolean {
  return CONNECTION_ERRORS.some((kind) => error instanceof kind);
}
