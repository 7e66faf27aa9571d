/**
 * {@linkcode MemorySocket}: the server's end of a connection in memory.
 *
 * @module
 */

import type { Socket } from "../server/connection/socket.ts";
import { ByteQueue } from "./byte_queue.ts";

/** A socket whose bytes come from a test and go to it. */
export class MemorySocket implements Socket {
  /** What the client has sent. */
  readonly inbound: ByteQueue;
  /** What the server has sent. */
  readonly outbound: ByteQueue;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;

  /** Sends at most `windowBytes` that the client has not read. */
  constructor(remoteAddr: Deno.Addr, windowBytes: number) {
    this.remoteAddr = remoteAddr;
    this.inbound = new ByteQueue(Infinity);
    this.outbound = new ByteQueue(windowBytes);
  }

  /** Reads what the client has sent. */
  read(into: Uint8Array): Promise<number | null> {
    return this.inbound.readInto(into);
  }

  /** Sends as much as the client's window takes. */
  write(bytes: Uint8Array): Promise<number> {
    return this.outbound.write(bytes);
  }

  /** Ends the sending side. */
  closeWrite(): Promise<void> {
    this.outbound.end();
    return Promise.resolve();
  }

  /** Closes both sides. */
  close(): void {
    this.inbound.fail(new Deno.errors.Interrupted("The socket was closed"));
    this.outbound.end();
  }
}
