/**
 * Requests and answers in the words of the OpenTelemetry semantic conventions
 * for HTTP, the stable ones.
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";
import { HttpError } from "../../http/errors.ts";
import type { AnyRequest } from "../../http/request.ts";
import { rawPath, rawQuery } from "../../http/target_path.ts";
import { KNOWN_METHODS } from "../known_methods.ts";

/** The name of this library to OpenTelemetry. */
export const SCOPE = "@x/httpserver";

const KNOWN = new Set(KNOWN_METHODS);
const OTHER = "_OTHER";
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
};

// What the conventions want out of every query: whoever has one of them may act
// for whom it was made.
const SIGNATURES =
  /(?<=^|&)(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*/g;

/** The method, or a word for all that HTTP does not define. */
export function methodOf(request: AnyRequest): string {
  return KNOWN.has(request.method) ? request.method : OTHER;
}

/** The name of a span: of few values, whatever clients send. */
export function spanName(request: AnyRequest): string {
  const method = methodOf(request);
  const name = method === OTHER ? "HTTP" : method;
  return request.route === null ? name : `${name} ${request.route}`;
}

/** `http` or `https`. */
export function schemeOf(request: AnyRequest): string {
  return request.secure ? "https" : "http";
}

/** What is known when a request has come; a sampler sees it. */
export function requestAttributes(
  request: AnyRequest,
  includeQuery: boolean,
): Attributes {
  const method = methodOf(request);
  const scheme = schemeOf(request);
  const query = includeQuery ? rawQuery(request.target) : "";
  return {
    "http.request.method": method,
    "http.request.method_original": method === OTHER
      ? request.method
      : undefined,
    "http.route": request.route ?? undefined,
    "url.scheme": scheme,
    "url.path": rawPath(request.target),
    "url.query": query === ""
      ? undefined
      : query.replace(SIGNATURES, "$1=REDACTED"),
    "network.protocol.version": request.version,
    "user_agent.original": request.header("user-agent") ?? undefined,
    ...serverAttributes(request, scheme),
    ...clientAttributes(request),
  };
}

// Whom the request is for, also in the words of a proxy that is trusted.
function serverAttributes(request: AnyRequest, scheme: string): Attributes {
  try {
    const { hostname, port } = request.url;
    return {
      "server.address": hostname.replace(/^\[(.*)\]$/, "$1"),
      "server.port": port === "" ? DEFAULT_PORTS[scheme] : Number(port),
    };
  } catch {
    // The host is none: the request will be refused for that, not here.
    return {};
  }
}

function clientAttributes(request: AnyRequest): Attributes {
  const { ip, remoteAddress } = request;
  const peer = "hostname" in remoteAddress ? remoteAddress : undefined;
  return {
    "client.address": ip === "" ? undefined : ip,
    "network.peer.address": peer?.hostname || undefined,
    "network.peer.port": peer?.port || undefined,
  };
}

/** Fields under `prefix`, each as a list of one value. */
export function fieldAttributes(
  prefix: string,
  names: readonly string[],
  read: (name: string) => string | null,
): Attributes {
  const attributes: Attributes = {};
  for (const name of names) {
    const value = read(name);
    if (value !== null) attributes[prefix + name.toLowerCase()] = [value];
  }
  return attributes;
}

/**
 * What kind of failure it was: the class of an error, else the status if it
 * tells of one of the server, else `undefined`.
 */
export function errorType(
  status: number | null,
  error: unknown,
): string | undefined {
  if (error instanceof Error && !(error instanceof HttpError)) {
    return error.name;
  }
  if (status !== null && status >= 500) return `${status}`;
  return error === undefined || error instanceof HttpError
    ? undefined
    : typeof error;
}
