/**
 * {@linkcode CycleLink}: a connection, as its requests see it.
 *
 * @module
 */

import type { Input } from "./input.ts";
import type { Output } from "./output.ts";

/** The connection, as its requests see it. */
export interface CycleLink {
  /** The peer's address. */
  readonly remoteAddress: Deno.Addr;
  /** True over TLS. */
  readonly secure: boolean;
  /** What has arrived. */
  readonly input: Input;
  /** What is to be sent. */
  readonly output: Output;
  /** True once nothing more will be answered. */
  readonly isOver: boolean;
  /** The number of requests received. */
  requests: number;
  /** A handler or an answer is on its way: the head's deadline ends. */
  becameBusy(): void;
  /** The request has a body. */
  bodyBegins(): void;
  /** The peer owes a piece of the body from now on. */
  bodyAwaited(): void;
  /** It has arrived, with so many bytes. */
  bodyArrived(bytes: number): void;
  /** The connection cannot be written to any more. */
  broke(error: unknown): void;
  /** Looks out for the peer to leave while nothing is read. */
  watchPeer(): void;
}
