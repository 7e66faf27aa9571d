/**
 * Answers that the server gives by itself, ahead of any handler.
 *
 * @module
 */

import { fieldLines, HeaderList } from "../../http/headers.ts";
import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse } from "../../http/response.ts";
import type { ProtocolError } from "../../protocol/errors.ts";

const SLASH = 47;
const REFUSAL_LINES = fieldLines(["Content-Type", "text/plain; charset=utf-8"]);
const OVERLOAD_LINES = fieldLines(
  ["Content-Type", "text/plain; charset=utf-8"],
  ["Retry-After", "1"],
);

/** The answer to a message that breaks the protocol. */
export function refusal(error: ProtocolError): HttpResponse {
  const headers = HeaderList.from(REFUSAL_LINES);
  const body = `${error.message}\n`;
  return new HttpResponse({ status: error.status, headers, body });
}

/** The answer when more would be taken on than can be served (RFC 9110 15.6.4). */
export function overloaded(): HttpResponse {
  const headers = HeaderList.from(OVERLOAD_LINES);
  const body = "The server has too much to do\n";
  return new HttpResponse({ status: 503, headers, body });
}

// An absolute-form target; in origin form the scheme is the connection's own.
const HTTPS = /^https:/i;

/** Tells whether a request for an `https` resource came without TLS (RFC 9110 7.4). */
export function isMisdirected(request: AnyRequest): boolean {
  const { target } = request;
  return target.charCodeAt(0) !== SLASH && HTTPS.test(target) &&
    !request.secure;
}

/** The answer to such a request (RFC 9110 15.5.20). */
export function misdirected(): HttpResponse {
  const headers = HeaderList.from(REFUSAL_LINES);
  const body = "A target of https needs a connection over TLS\n";
  return new HttpResponse({ status: 421, headers, body });
}
