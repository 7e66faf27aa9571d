/**
 * What an `HttpRequest` is made from.
 *
 * @module
 */

import type { ClientInfo, ClientResolver } from "./forwarded.ts";
import type { HeaderSection } from "./headers.ts";
import type { AnyRequest } from "./request.ts";
import type { RequestBody } from "./request_body.ts";
import type { ServerState } from "./server_state.ts";

/** What a request needs of whatever carried it. */
export interface RequestTransport {
  /** The peer's address. */
  readonly remoteAddress: Deno.Addr;
  /** True over TLS. */
  readonly secure: boolean;
  /** The server that runs the handlers. */
  readonly server: ServerState;
  /** Sends `103 Early Hints` ahead of the answer, where the transport can. */
  earlyHints(request: AnyRequest, links: readonly string[]): Promise<void>;
  /** Tells who the client behind a proxy is; without it, the peer. */
  readonly clientAddress?: ClientResolver | null;
  /** Called once somebody looks at `request.signal`, by a transport that is told of an abort itself. */
  watchAbort?(abort: (reason: unknown) => void): void;
}

/**
 * What was found out about a head, kept while the client repeats that head, so
 * that it need not be looked up again.
 */
export class HeadMemo {
  /** Who the client is. */
  client: ClientInfo | null = null;
  /** The decoded path. */
  path: string | null = null;
  /** The router whose finding is kept; `null` for none yet. */
  finder: object | null = null;
  /** The finding, known only to the finder. */
  found: unknown = null;
  /** The log whose description of the request is kept; `null` for none yet. */
  teller: object | null = null;
  /** The description, known only to the teller. */
  told: unknown = null;
}

/** The parts that an {@linkcode HttpRequest} is made from. */
export interface HttpRequestInit {
  /** The method, as sent. */
  readonly method: string;
  /** The request target, as sent (RFC 9112 3.2). */
  readonly target: string;
  /** The protocol version that the peer named. */
  readonly version: "1.0" | "1.1";
  /** The header section. */
  readonly section: HeaderSection;
  /** The host and port that the request is for. */
  readonly authority: string;
  /** The content; `null` if there is none. */
  readonly body: RequestBody | null;
  /** What carried the request. */
  readonly transport: RequestTransport;
  /** Whether the connection may be used for another request. */
  readonly isKeepAlive: boolean;
  /** A place for what is found for the head; without it, or `null`, none is kept. */
  readonly memo?: HeadMemo | null;
}
