/**
 * {@linkcode secureHeaders}: fields that make browsers treat answers with care.
 *
 * @example The usual fields
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { secureHeaders } from "@x/httpserver/middleware/secure-headers";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(secureHeaders()).get("/", () => ok("hello"));
 * const response = await server.inject({});
 * assertEquals(response.header("x-content-type-options"), "nosniff");
 * ```
 *
 * @module
 */

import type { Middleware } from "../http/handler.ts";
import { addMissing, type HeaderList } from "../http/headers.ts";
import { HttpResponse } from "../http/response.ts";
import {
  type ContentSecurityPolicy,
  type CspDirective,
  NONCE,
  type PermissionsPolicy,
} from "./csp.ts";
import {
  type FieldSet,
  resolveFields,
  type SecureHeadersOptions,
  type StrictTransportSecurity,
} from "./secure_headers_options.ts";

export {
  type ContentSecurityPolicy,
  type CspDirective,
  NONCE,
  type PermissionsPolicy,
  type SecureHeadersOptions,
  type StrictTransportSecurity,
};

/** What {@linkcode secureHeaders} adds to the state of a request. */
export interface SecureHeadersState {
  /**
   * The nonce of this answer, for `<script nonce="...">`; empty unless a policy
   * has {@linkcode NONCE} in it.
   */
  cspNonce: string;
}

// 128 bits, as the policy's standard asks for.
function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes));
}

function setFields(
  headers: HeaderList,
  { pairs, lines }: FieldSet,
  override: boolean,
): void {
  if (!override) return addMissing(headers, lines);
  for (const [name, value] of pairs) headers.set(name, value);
}

/**
 * Makes a middleware that sets the fields by which a site protects itself in
 * browsers: `Content-Security-Policy`, `Strict-Transport-Security` over TLS,
 * `Cross-Origin-Opener-Policy`, `Cross-Origin-Resource-Policy`,
 * `Referrer-Policy`, `X-Content-Type-Options`, `X-Frame-Options` and what goes
 * with them. Each can be set otherwise or left out; those that a handler has set
 * stay as they are.
 *
 * With {@linkcode NONCE} in a policy each answer has a nonce of its own, which
 * the handler finds in `request.state.cspNonce`. An answer 304 then goes without
 * that policy: the browser would put the new nonce to the page that it has kept.
 *
 * It reads whether the connection is secure; sets `request.state.cspNonce` and
 * the fields. Its place: early, so that errors have the fields too.
 *
 * @throws {TypeError} If an option is unknown or malformed, such as a keyword of
 * a policy without its quotes.
 * @throws {RangeError} If `maxAge` is not a whole number of seconds from 0.
 *
 * @example Usage
 * ```ts
 * import { html, HttpServer } from "@x/httpserver";
 * import { NONCE, secureHeaders } from "@x/httpserver/middleware/secure-headers";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(secureHeaders({
 *     contentSecurityPolicy: { "script-src": [NONCE] },
 *     permissionsPolicy: { camera: [] },
 *   }))
 *   .get("/", (request) =>
 *     html(`<script nonce="${request.state.cspNonce}">run()</script>`));
 * const response = await server.inject({ path: "/" });
 * const [, nonce] = (await response.text()).split('"');
 * assertEquals(
 *   response.header("content-security-policy"),
 *   `script-src 'nonce-${nonce}'`,
 * );
 * assertEquals(response.header("permissions-policy"), "camera=()");
 * assertEquals(response.header("x-content-type-options"), "nosniff");
 * ```
 */
export function secureHeaders(
  options: SecureHeadersOptions = {},
): Middleware<SecureHeadersState> {
  const { always, secure, nonced, override } = resolveFields(options);

  function protect(
    response: HttpResponse,
    isSecure: boolean,
    nonce: string,
  ): HttpResponse {
    const { headers } = response;
    setFields(headers, always, override);
    if (isSecure) setFields(headers, secure, override);
    if (nonce === "" || response.status === 304) return response;
    for (const { name, pieces } of nonced) {
      if (!override && headers.has(name)) continue;
      headers.set(name, pieces.join(`'nonce-${nonce}'`));
    }
    return response;
  }

  return function secureHeaders(request, next) {
    const nonce = nonced.length === 0 ? "" : makeNonce();
    request.state.cspNonce = nonce;
    const isSecure = request.secure;
    const answer = next();
    return answer instanceof HttpResponse
      ? protect(answer, isSecure, nonce)
      : answer.then((response) => protect(response, isSecure, nonce));
  };
}
