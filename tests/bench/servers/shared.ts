/** What the servers that are compared all answer. */

/** The text of `GET /`. */
export const HELLO = "Hello, World!";

/** How many pieces of {@linkcode PIECE} `GET /stream` answers: 1 MiB in all. */
export const PIECES = 16;

/** One piece of the stream. */
export const PIECE: Uint8Array<ArrayBuffer> = new Uint8Array(64 * 1024).fill(
  0x61,
);

/** How many routes a server with a router has. */
export const ROUTES = 50;

/** A stream of 1 MiB, pulled piece by piece. */
export function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = PIECES;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(PIECE);
      if (--left === 0) controller.close();
    },
  }, { highWaterMark: 0 });
}

/** The certificate that the harness has made, for a server over TLS. */
export function certificate(): { cert: string; key: string } | null {
  const cert = Deno.env.get("BENCH_CERT");
  const key = Deno.env.get("BENCH_KEY");
  if (cert === undefined || key === undefined) return null;
  return { cert: Deno.readTextFileSync(cert), key: Deno.readTextFileSync(key) };
}

/** Tells the harness that the server listens. */
export function listening(port: number): void {
  console.log(`port ${port}`);
}

/** Where a server writes its log. */
export function logFile(name: string): string {
  return `${Deno.env.get("BENCH_WORK")}/${name}.log`;
}
