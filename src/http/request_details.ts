/**
 * {@linkcode RequestDetails}: what is worked out of a request once somebody
 * asks.
 *
 * @module
 */

import { type ClientInfo, ipOf } from "./forwarded.ts";
import type { HeaderList } from "./headers.ts";
import type { AnyRequest } from "./request.ts";
import type { RequestTransport } from "./request_init.ts";

/** Who has sent a request, by its transport and its fields. */
export function tellClient(
  request: AnyRequest,
  { remoteAddress, clientAddress }: RequestTransport,
): ClientInfo {
  return clientAddress
    ? clientAddress(remoteAddress, (name) => request.header(name))
    : { ip: ipOf(remoteAddress) };
}

/**
 * The parts of a request that are made when they are first asked for. Most
 * requests are answered without: room in each would take 96 bytes more.
 */
export class RequestDetails {
  /** The fields by name. */
  headers: HeaderList | null = null;
  /** The decoded path. */
  path: string | null = null;
  /** The parameters of the query. */
  query: URLSearchParams | null = null;
  /** The effective URL. */
  url: URL | null = null;
  /** The cookies by name. */
  cookies: ReadonlyMap<string, string> | null = null;
  /** Who the client is. */
  client: ClientInfo | null = null;
  /** What the signal belongs to. */
  controller: AbortController | null = null;
  /** Why nobody waits for an answer any more; `undefined` while somebody does. */
  abortReason: unknown = undefined;
}
