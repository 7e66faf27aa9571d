/**
 * The limit: a loop over `Deno.listen` that reads, looks at one byte of the
 * path and writes bytes made beforehand. It parses nothing.
 */
import { certificate, HELLO, listening, PIECE, PIECES } from "./shared.ts";

const encoder = new TextEncoder();

function answer(type: string, body: string): Uint8Array {
  return encoder.encode(
    `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n` +
      `date: ${new Date().toUTCString()}\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
}

const TEXT = answer("text/plain;charset=utf-8", HELLO);
const PARAM = answer("text/plain;charset=utf-8", "42");
const JSON_HELLO = answer(
  "application/json",
  JSON.stringify({ message: HELLO }),
);
const ECHO = answer(
  "application/json",
  JSON.stringify({ name: "x".repeat(1000), n: 1 }),
);
const STREAM_HEAD = encoder.encode(
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
);
const FRAME = new Uint8Array(PIECE.length + 9);
FRAME.set(encoder.encode("10000\r\n"));
FRAME.set(PIECE, 7);
FRAME.set([13, 10], PIECE.length + 7);
const LAST = encoder.encode("0\r\n\r\n");

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += await conn.write(bytes.subarray(at));
}

async function writeStream(conn: Deno.Conn): Promise<void> {
  await writeAll(conn, STREAM_HEAD);
  for (let at = 0; at < PIECES; at++) await writeAll(conn, FRAME);
  await writeAll(conn, LAST);
}

// "GET /json", "GET /resource25/42", "POST /echo", "GET /stream", "GET / "
function choose(buffer: Uint8Array): Uint8Array | null {
  if (buffer[0] === 0x50) return ECHO;
  switch (buffer[5]) {
    case 0x6a:
      return JSON_HELLO;
    case 0x72:
      return PARAM;
    case 0x73:
      return null;
    default:
      return TEXT;
  }
}

async function serve(conn: Deno.Conn): Promise<void> {
  if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
  const buffer = new Uint8Array(4096);
  try {
    for (;;) {
      if (await conn.read(buffer) === null) break;
      const bytes = choose(buffer);
      if (bytes === null) await writeStream(conn);
      else if (await conn.write(bytes) < bytes.length) break;
    }
  } catch {
    // The client has left.
  }
  conn.close();
}

const tls = certificate();
const where = { hostname: "127.0.0.1", port: 0 };
const listener = tls === null
  ? Deno.listen(where)
  : Deno.listenTls({ ...where, ...tls });
listening((listener.addr as Deno.NetAddr).port);
for await (const conn of listener) serve(conn);
