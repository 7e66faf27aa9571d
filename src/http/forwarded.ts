/** Who the client behind proxies is. */
export interface ClientInfo {
  ip: string;
  secure?: boolean;
  host?: string;
}
export type ClientResolver = (
  peer: Deno.Addr,
  header: (name: string) => string | null,
) => ClientInfo;
