/** Clients that keep a server busy, a process of their own:
 * `flood.ts PORT CONNECTIONS AHEAD`. Each connection sends requests without a
 * pause, `AHEAD` at a time, and reads the answers as they come; with 1 ahead it
 * waits for each answer.
 * Runs until SIGTERM, and then tells how many answers each connection had. */
import { connect } from "../system/load.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async function send(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** Sends for as long as the kernel takes it. */
async function flood(port: number, ahead: number): Promise<void> {
  const conn = await connect(port);
  const bytes = new TextEncoder().encode(GET.repeat(ahead));
  const buffer = new Uint8Array(256 * 1024);
  const reading = async () => {
    while (await conn.read(buffer) !== null);
  };
  const sending = async () => {
    for (;;) await send(conn, bytes);
  };
  await Promise.race([reading(), sending()]);
}

/** Asks again once it has its answer, and counts them. */
async function ask(port: number, counts: number[], at: number): Promise<void> {
  const conn = await connect(port);
  const bytes = new TextEncoder().encode(GET);
  const buffer = new Uint8Array(1024);
  for (counts[at] = 0;; counts[at]++) {
    await send(conn, bytes);
    if (await conn.read(buffer) === null) return;
  }
}

if (import.meta.main) {
  const [port, connections, ahead] = Deno.args.map(Number);
  const counts: number[] = [];
  Deno.addSignalListener("SIGTERM", () => {
    console.log(`answers ${JSON.stringify(counts)}`);
    Deno.exit();
  });
  const clients = Array.from(
    { length: connections },
    (_, at) => ahead === 1 ? ask(port, counts, at) : flood(port, ahead),
  );
  console.log("busy");
  await Promise.all(clients);
}
