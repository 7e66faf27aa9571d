/** Clients that keep a server busy, a process of their own:
 * `flood.ts PORT CONNECTIONS AHEAD`. Each connection sends requests without a
 * pause, `AHEAD` at a time, and reads the answers as they come; with 1 ahead it
 * waits for each answer. Runs until it is ended. */
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
  await Promise.all([reading(), sending()]);
}

/** Asks again once it has its answer. */
async function ask(port: number): Promise<void> {
  const conn = await connect(port);
  const bytes = new TextEncoder().encode(GET);
  const buffer = new Uint8Array(1024);
  do await send(conn, bytes); while (await conn.read(buffer) !== null);
}

if (import.meta.main) {
  const [port, connections, ahead] = Deno.args.map(Number);
  const clients = Array.from(
    { length: connections },
    () => ahead === 1 ? ask(port) : flood(port, ahead),
  );
  console.log("busy");
  await Promise.all(clients);
}
