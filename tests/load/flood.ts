/** Clients that send requests without a pause, a process of their own:
 * `flood.ts PORT CONNECTIONS AHEAD`. Each connection sends `AHEAD` requests in a
 * piece, one piece behind the other, and reads the answers as they come. Runs
 * until it is ended. */
import { connect, send } from "../system/load.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** Sends for as long as the kernel takes it. */
async function flood(port: number, ahead: number): Promise<void> {
  const conn = await connect(port);
  const text = GET.repeat(ahead);
  const buffer = new Uint8Array(256 * 1024);
  const reading = async () => {
    while (await conn.read(buffer) !== null);
  };
  const sending = async () => {
    for (;;) await send(conn, text);
  };
  await Promise.race([reading(), sending()]);
}

if (import.meta.main) {
  const [port, connections, ahead] = Deno.args.map(Number);
  const clients = Array.from({ length: connections }, () => flood(port, ahead));
  console.log("busy");
  await Promise.all(clients);
}
