/**
 * Which port the workers are to share.
 *
 * @module
 */

/**
 * Makes sure that nobody listens on a port yet: workers would share it in
 * silence with another program of this user that shares it too. Port 0 is left
 * to the first worker.
 *
 * @throws {Deno.errors.AddrInUse} If somebody does.
 */
export function checkFreePort(hostname: string, port: number): void {
  if (port !== 0) Deno.listen({ hostname, port }).close();
}
