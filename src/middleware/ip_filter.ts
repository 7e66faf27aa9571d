/**
 * {@linkcode ipFilter}: lets clients in, or not, by their address.
 *
 * @example This machine only
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { ipFilter } from "@x/httpserver/middleware/ip-filter";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use("/admin", ipFilter({ allow: ["loopback"] }));
 * server.get("/admin", () => ok("welcome"));
 * assertEquals((await server.inject({ path: "/admin" })).status, 200);
 * ```
 *
 * @module
 */

import { addressMatcher } from "../http/address_matcher.ts";
import { HttpError } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";

/**
 * Options of {@linkcode ipFilter}: one of them at least. Ranges are addresses
 * (`192.0.2.7`), CIDRs (`10.0.0.0/8`, `2001:db8::/32`), or `loopback`,
 * `linklocal` and `private`.
 */
export interface IpFilterOptions {
  /**
   * The ranges whose clients may come in; nobody else may.
   *
   * @default {undefined} everybody who is not denied
   */
  allow?: readonly string[];
  /**
   * The ranges whose clients may not come in, even if `allow` has them.
   *
   * @default {[]}
   */
  deny?: readonly string[];
}

type Ranges = (ip: string) => boolean;

function never(): boolean {
  return false;
}

function always(): boolean {
  return true;
}

/** The address without its zone, which is in no range: `fe80::1%eth0`. */
function withoutZone(ip: string): string {
  const percent = ip.indexOf("%");
  return percent < 0 ? ip : ip.slice(0, percent);
}

/**
 * Makes a middleware that answers clients of other addresses 403. An IPv4
 * address that is mapped into IPv6 counts as the IPv4 address.
 *
 * A client without an address, as on a Unix socket or on a platform that does
 * not tell, is not in any range: only a filter without `allow` lets it in.
 *
 * It reads `request.ip`, which is the peer's address unless the server trusts a
 * proxy (`clientAddress`); sets nothing. Its place: after `logging`, before all
 * that costs.
 *
 * @throws {TypeError} If neither option is given, one is malformed, or a third.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { ipFilter } from "@x/httpserver/middleware/ip-filter";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use("/admin", ipFilter({ allow: ["private"], deny: ["10.6.6.0/24"] }))
 *   .get("/admin", () => ok("welcome"));
 * async function ask(hostname: string): Promise<number> {
 *   const remoteAddress = { transport: "tcp", hostname, port: 5000 } as const;
 *   return (await server.inject({ path: "/admin", remoteAddress })).status;
 * }
 * assertEquals(await ask("10.1.2.3"), 200);
 * assertEquals(await ask("10.6.6.6"), 403);
 * assertEquals(await ask("192.0.2.1"), 403);
 * ```
 */
export function ipFilter(options: IpFilterOptions): Middleware {
  checkOptionNames("ipFilter", options, ["allow", "deny"]);
  const { allow, deny } = options;
  if (allow === undefined && deny === undefined) {
    throw new TypeError(
      'Cannot make ipFilter without a list: give "allow" or "deny", such as { allow: ["private"] }',
    );
  }
  const isAllowed: Ranges = allow === undefined
    ? always
    : addressMatcher(allow, '"allow" of ipFilter');
  const isDenied: Ranges = deny === undefined
    ? never
    : addressMatcher(deny, '"deny" of ipFilter');

  return function ipFilter(request, next) {
    const ip = withoutZone(request.ip);
    if (isAllowed(ip) && !isDenied(ip)) return next();
    throw new HttpError(403, "The client's address is not allowed");
  };
}
