/** Prints where an example can be reached. */
export function printUrl(address: Deno.Addr): void {
  const { hostname, port } = address as Deno.NetAddr;
  console.log(`Listening on http://${hostname}:${port}/`);
}
