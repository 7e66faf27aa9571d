/**
 * {@linkcode Pulse}: tells when the runtime has looked at the sockets.
 *
 * @module
 */

import type { Beats } from "./turns.ts";

const LOOPBACK = "127.0.0.1";
const BEAT = new Uint8Array(1);

/**
 * A connection of the process to itself. A byte sent on it arrives when the
 * runtime asks the operating system which sockets are ready, so whatever came
 * for others before is known by then, too. `setImmediate` comes before that, and
 * `setTimeout` a millisecond after.
 */
export class Pulse implements Beats {
  readonly #sender: Deno.Conn;
  readonly #receiver: Deno.Conn;
  // Larger than what arrives: a read that fills it would not wait for the next.
  readonly #into = new Uint8Array(16);

  private constructor(sender: Deno.Conn, receiver: Deno.Conn) {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  /** Makes one; `null` where that is not possible, or not without asking. */
  static async open(): Promise<Pulse | null> {
    const wanted = { name: "net", host: LOOPBACK } as const;
    try {
      const { state } = Deno.permissions.querySync(wanted);
      return state === "granted" ? await Pulse.#connect() : null;
    } catch {
      // No loopback, or no descriptor left.
      return null;
    }
  }

  static async #connect(): Promise<Pulse | null> {
    using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const { port } = listener.addr;
    const sender = await Deno.connect({ hostname: LOOPBACK, port });
    sender.setNoDelay(true);
    const receiver = await listener.accept().catch(() => null);
    const pulse = receiver && new Pulse(sender, receiver);
    // Whoever else may have come first is sent away, and so are we.
    if (pulse !== null && isSame(sender.localAddr, pulse)) return pulse;
    sender.close();
    receiver?.close();
    return null;
  }

  /** The address that the bytes come from. */
  get from(): Deno.Addr {
    return this.#receiver.remoteAddr;
  }

  /** Resolves once the runtime has looked at the sockets; rejects after `close()`. */
  async beat(): Promise<void> {
    await this.#sender.write(BEAT);
    await this.#receiver.read(this.#into);
  }

  /** Closes the connection. */
  close(): void {
    this.#sender.close();
    this.#receiver.close();
  }
}

function isSame(address: Deno.NetAddr, { from }: Pulse): boolean {
  return from.transport === "tcp" && from.hostname === address.hostname &&
    from.port === address.port;
}
