/**
 * {@linkcode Socket}: what a connection needs of whatever carries its bytes.
 *
 * @module
 */

/** What a connection does with its socket. */
export interface Socket {
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** Reads into `into`; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the sending side. */
  closeWrite(): Promise<void>;
  /** Closes both sides. */
  close(): void;
  /** Completes the TLS handshake, if there is one. */
  handshake?(): Promise<unknown>;
}

/** Closes a socket, which the runtime may have done already. */
export function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // The runtime has closed it.
  }
}
