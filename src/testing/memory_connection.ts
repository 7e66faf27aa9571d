/**
 * {@linkcode MemoryConnection}: a client's connection to a server, in memory.
 *
 * @module
 */

import { checkNumber } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { describeValue } from "../http/values.ts";
import { HttpServer, serveSocket } from "../server/http_server.ts";
import { MemorySocket } from "./memory_socket.ts";
import { readWireResponse, type WireResponse } from "./wire_response.ts";

/** Options of {@linkcode connect}. */
export interface MemoryConnectionOptions {
  /** The client's address. @default {127.0.0.1, port 0} */
  remoteAddress?: Deno.Addr;
  /** Whether the server takes it for TLS, as of `request.secure`. @default {false} */
  secure?: boolean;
  /**
   * How many bytes the server may send that the client has not read; with more
   * it waits, as with a slow client.
   *
   * @default {Infinity}
   */
  windowBytes?: number;
}

const LOOPBACK: Deno.NetAddr = Object.freeze({
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 0,
});

const UTF8 = new TextEncoder();
const LATIN1 = new TextDecoder("latin1");

let connectionOver: (socket: MemorySocket) => MemoryConnection;

// Everything that is due runs before it: only memory lies between the two ends.
function turn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

function checkOptions(options: MemoryConnectionOptions): void {
  const known = ["remoteAddress", "secure", "windowBytes"];
  checkOptionNames("connect()", options, known);
  if (options.windowBytes === undefined) return;
  const bounds = { least: 1, infinite: true, unit: "bytes" };
  checkNumber('"windowBytes" of connect()', options.windowBytes, bounds);
}

/**
 * Connects to a server without a socket: what is written is read by the code that
 * serves real connections, and what that sends can be read here, byte for byte.
 * With a {@linkcode FakeClock} as the server's clock, its time-outs strike when a
 * test says so.
 *
 * The server need not listen. Its limits on messages and on connections of one
 * address hold, `limits.connections` does not. Shut it down at the end of the
 * test, for it runs a timer.
 *
 * @throws {TypeError} If it is no server, was shut down, or an option is wrong.
 * @throws {RangeError} If `windowBytes` is less than 1.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, text } from "@x/httpserver";
 * import { connect, FakeClock } from "@x/httpserver/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * await using server = new HttpServer({ clock });
 * server.get("/", () => text("hello"));
 *
 * using client = connect(server);
 * await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
 * assertEquals((await client.readResponse()).text(), "hello");
 *
 * await client.write("GET / HTTP/1.1\r\nHo"); // and no more
 * clock.advance(16_000); // longer than timeouts.headersMs
 * assertEquals((await client.readResponse()).status, 408);
 * assertEquals(await client.read(), null); // closed
 * ```
 */
export function connect(
  server: HttpServer,
  options: MemoryConnectionOptions = {},
): MemoryConnection {
  if (!(server instanceof HttpServer)) {
    throw new TypeError(
      `Cannot connect to ${describeValue(server)}: pass an HttpServer`,
    );
  }
  checkOptions(options);
  const { remoteAddress = LOOPBACK, windowBytes = Infinity } = options;
  const socket = new MemorySocket(remoteAddress, windowBytes);
  serveSocket(server, socket, options.secure ?? false);
  return connectionOver(socket);
}

/** The client's end of a connection in memory; {@linkcode connect} makes one. */
export class MemoryConnection implements Disposable {
  readonly #socket: MemorySocket;
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #isEnded = false;

  private constructor(socket: MemorySocket) {
    this.#socket = socket;
  }

  static {
    connectionOver = (socket) => new MemoryConnection(socket);
  }

  /**
   * Sends all bytes, text as UTF-8. Resolves once the server has taken them, or
   * will not, and has done at once what it could.
   *
   * @throws {Deno.errors.BrokenPipe} If this side was ended.
   */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#isEnded) {
      throw new Deno.errors.BrokenPipe(
        "Cannot write behind end(): connect() once more",
      );
    }
    const { inbound } = this.#socket;
    const bytes = typeof data === "string" ? UTF8.encode(data) : data;
    try {
      await inbound.write(bytes);
    } catch (error) {
      // As with a socket: that the server has closed shows when one reads.
      if (!(error instanceof Deno.errors.Interrupted)) throw error;
    }
    await inbound.drained();
    await turn();
  }

  /**
   * The bytes that have come, at least one; `null` once the server has closed.
   *
   * @throws {Deno.errors.ConnectionReset} After {@linkcode MemoryConnection.reset}.
   */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#held.length > 0) return this.#cut(this.#held.length);
    const piece = await this.#socket.outbound.take(Infinity);
    return piece === null ? null : new Uint8Array(piece);
  }

  #cut(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#held.slice(0, count);
    this.#held = this.#held.slice(bytes.length);
    return bytes;
  }

  // False once nothing more comes.
  async #fill(): Promise<boolean> {
    const piece = await this.#socket.outbound.take(Infinity);
    if (piece === null) return false;
    const all = new Uint8Array(this.#held.length + piece.length);
    all.set(this.#held);
    all.set(piece, this.#held.length);
    this.#held = all;
    return true;
  }

  /** The next `count` bytes, fewer if the server closes before; `Infinity` for all. */
  async readBytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#held.length < count && await this.#fill());
    return this.#cut(Math.min(count, this.#held.length));
  }

  /** All up to and with `mark`, a character a byte; `null` if it does not come. */
  async readUntil(mark: string): Promise<string | null> {
    for (;;) {
      const at = LATIN1.decode(this.#held).indexOf(mark);
      if (at >= 0) return LATIN1.decode(this.#cut(at + mark.length));
      if (!(await this.#fill())) return null;
    }
  }

  /** All until the server closes, as text, a character a byte. */
  async readAll(): Promise<string> {
    return LATIN1.decode(await this.readBytes(Infinity));
  }

  /**
   * The next answer, an interim one (1xx) too.
   *
   * @param method The method of its request: the answer to HEAD has no content.
   * @throws {Error} If the server closes before the answer is whole.
   */
  readResponse(method: string = "GET"): Promise<WireResponse> {
    return readWireResponse(this, method);
  }

  /** True once the server has closed its side; what it sent may be unread. */
  get isClosed(): boolean {
    return this.#socket.outbound.isOver;
  }

  /** Ends the sending side, as a client does that still wants its answer. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#socket.inbound.end();
    await turn();
  }

  /** Breaks the connection, as a client does that is gone. */
  reset(): void {
    const error = new Deno.errors.ConnectionReset("The client reset it");
    this.#socket.inbound.fail(error);
    this.#socket.outbound.fail(error);
  }

  /** Breaks the connection, or ends it if the server has. */
  [Symbol.dispose](): void {
    if (this.isClosed) this.#socket.inbound.end();
    else this.reset();
  }
}
