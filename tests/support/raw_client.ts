/** A client that sends any bytes over TCP and reads responses back. */
import net from "node:net";
import {
  type ByteInput,
  join,
  type RawResponse,
  readResponse,
} from "./raw_response.ts";
import { within } from "./within.ts";

const ENCODER = new TextEncoder();
const LATIN1 = new TextDecoder("latin1");
const READ_BYTES = 64 * 1024;

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? ENCODER.encode(data) : data;
}

/** One connection to a server. */
export class RawClient implements ByteInput, Disposable {
  readonly #conn: Deno.TcpConn;
  #held: Uint8Array = new Uint8Array(0);
  #closed = false;
  /** How the connection ended, once it has. */
  end: "open" | "closed" | "reset" = "open";

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects to a port of this machine. */
  static async connect(port: number): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends all bytes. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = toBytes(data);
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /** Sends some of the bytes and returns how many. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  /** Ends the sending side. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  // False once nothing more comes.
  async #fill(): Promise<boolean> {
    if (this.end !== "open") return false;
    const buffer = new Uint8Array(READ_BYTES);
    try {
      const count = await within("bytes", this.#conn.read(buffer));
      if (count === null) {
        this.end = "closed";
        return false;
      }
      this.#held = join([this.#held, buffer.subarray(0, count)]);
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      this.end = "reset";
      return false;
    }
  }

  #cut(count: number): Uint8Array {
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return bytes;
  }

  /** The next `count` bytes, fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      if (this.#held.length === 0 && !(await this.#fill())) break;
      const piece = this.#cut(Math.min(left, this.#held.length));
      pieces.push(piece);
      left -= piece.length;
    }
    return join(pieces);
  }

  /** All up to and with `mark`; null at the end. */
  async takeUntil(mark: string): Promise<string | null> {
    for (;;) {
      const at = LATIN1.decode(this.#held).indexOf(mark);
      if (at >= 0) return LATIN1.decode(this.#cut(at + mark.length));
      if (!(await this.#fill())) return null;
    }
  }

  /** All to the end. */
  async takeAll(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    do pieces.push(this.#cut(this.#held.length)); while (await this.#fill());
    return join(pieces);
  }

  /** All to the end, as text. */
  async readAll(): Promise<string> {
    return LATIN1.decode(await this.takeAll());
  }

  /** The next response, an interim one too. */
  async read(method?: string): Promise<RawResponse> {
    const response = await readResponse(this, method);
    if (response !== null) return response;
    throw new Error(
      `The connection was ${this.end} after ${LATIN1.decode(this.#held)}`,
    );
  }

  /** Sends a request and reads its response. */
  async ask(request: string, method?: string): Promise<RawResponse> {
    await this.send(request);
    return await this.read(method ?? /^\w+/.exec(request)?.[0]);
  }

  /** Tells whether the server ends the connection without another byte. */
  async ends(): Promise<boolean> {
    return (await this.takeAll()).length === 0 && this.end === "closed";
  }

  /** Closes the connection. */
  close(): void {
    if (!this.#closed) this.#conn.close();
    this.#closed = true;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A client that can reset its connection, and reads no byte of it before. */
export class ResettingClient implements Disposable {
  readonly #socket: net.Socket;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.pause();
    socket.on("error", () => {});
  }

  /** Connects to a port of this machine and sends a request. */
  static async send(port: number, text: string): Promise<ResettingClient> {
    const socket = net.connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    await new Promise((resolve) => socket.write(text, resolve));
    return new ResettingClient(socket);
  }

  /** Resets the connection. */
  reset(): Promise<void> {
    const closed = new Promise<void>((resolve) =>
      this.#socket.once("close", () => resolve())
    );
    this.#socket.resetAndDestroy();
    return closed;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
