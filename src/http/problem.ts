/**
 * Answers that stand for an error: problem details (RFC 9457), or plain text for
 * whoever would rather read that.
 *
 * @module
 */

import { TEXT_TYPE } from "./content.ts";
import { HttpError, type HttpErrorOptions } from "./errors.ts";
import { type FieldLines, fieldLines, HeaderList } from "./headers.ts";
import { accepts } from "./negotiation.ts";
import { checkOptionNames } from "./option_names.ts";
import type { AnyRequest } from "./request.ts";
import { HttpResponse } from "./response.ts";
import { reasonPhrase } from "./status.ts";

/** Options of {@linkcode problem} and of the helpers for errors. */
export interface ProblemOptions
  extends Pick<HttpErrorOptions, "headers" | "type" | "extensions"> {
  /** Another status, 400 to 599. @default {undefined} the helper's own */
  status?: number;
}

const OPTION_NAMES = ["status", "headers", "type", "extensions"];

const PROBLEM_JSON = "application/problem+json";

// What to send, by what the client likes best; the first for any type at all.
// JSON clients can read a problem, browsers show plain text.
const AVAILABLE = [
  PROBLEM_JSON,
  "application/json",
  "text/plain",
  "text/html",
];

// A cache must not hand a browser's answer to a program (RFC 9110 12.5.5).
const JSON_LINES: FieldLines = fieldLines(
  ["Content-Type", PROBLEM_JSON],
  ["Vary", "Accept"],
);
// The text may quote what the client sent: never to be guessed to be HTML.
const TEXT_LINES: FieldLines = fieldLines(
  ["Content-Type", TEXT_TYPE],
  ["Vary", "Accept"],
  ["X-Content-Type-Options", "nosniff"],
);

// They tell of a content that is not the one sent here.
const FOREIGN_FIELDS = [
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
];

function prefersText(request: AnyRequest): boolean {
  const header = request.header("accept");
  if (header === null || header === "*/*") return false;
  return accepts(header, AVAILABLE)?.startsWith("text/") ?? false;
}

const DEFAULT_CHALLENGE = 'Bearer realm="restricted"';

function titleOf(error: HttpError): string {
  return reasonPhrase(error.status) || "Error";
}

// The message of a 5xx may hold secrets of the server.
function detailOf(error: HttpError): string | undefined {
  const { status, message } = error;
  if (status >= 500 || message === titleOf(error)) return undefined;
  return message === "" ? undefined : message;
}

function problemJson(error: HttpError): string {
  const own: Record<string, unknown> = {
    type: error.type,
    title: titleOf(error),
    status: error.status,
    detail: detailOf(error),
  };
  return JSON.stringify({ ...own, ...error.extensions, ...own });
}

function problemText(error: HttpError): string {
  const detail = detailOf(error);
  const line = `${error.status} ${titleOf(error)}`;
  return detail === undefined ? `${line}\n` : `${line}: ${detail}\n`;
}

function mergeHeaders(error: HttpError, lines: FieldLines): HeaderList {
  if (error.headers === undefined) return HeaderList.from(lines);
  const headers = new HeaderList(error.headers);
  for (const name of FOREIGN_FIELDS) headers.delete(name);
  for (let at = 0; at < lines.names.length; at++) {
    const name = lines.names[at];
    if (lines.keys[at] === "vary") headers.append(name, lines.values[at]);
    else headers.set(name, lines.values[at]);
  }
  return headers;
}

function describe(error: HttpError, asText: boolean): HttpResponse {
  const headers = mergeHeaders(error, asText ? TEXT_LINES : JSON_LINES);
  // RFC 9110 15.5.2: a 401 has a challenge, whoever threw it.
  if (error.status === 401 && !headers.has("www-authenticate")) {
    headers.set("WWW-Authenticate", DEFAULT_CHALLENGE);
  }
  return new HttpResponse({
    status: error.status,
    headers,
    body: asText ? problemText(error) : problemJson(error),
  });
}

// Headers or extensions that cannot be sent must not cost the client its status.
function describeSafely(error: unknown, request: AnyRequest): HttpResponse {
  const known = error instanceof HttpError ? error : new HttpError(500);
  const asText = prefersText(request);
  try {
    return describe(known, asText);
  } catch {
    return describe(new HttpError(known.status, `${known.message}`), asText);
  }
}

/**
 * The answer to what a handler or a middleware threw: status, headers and
 * problem details of an {@linkcode HttpError}, for anything else a 500 that tells
 * nothing. The message of a 5xx is not sent. The content is
 * `application/problem+json`, or plain text if `Accept` prefers `text/plain` or
 * `text/html`, as browsers do. The error itself goes along in `response.error`.
 * Never throws.
 */
export function errorResponse(
  error: unknown,
  request: AnyRequest,
): HttpResponse {
  let response: HttpResponse;
  try {
    response = describeSafely(error, request);
  } catch {
    response = describe(new HttpError(500), false);
  }
  response.error = error;
  return response;
}

/**
 * An answer with problem details (RFC 9457) as `application/problem+json`. The
 * server sends plain text instead to a client that prefers it.
 *
 * @param status The status, 400 to 599.
 * @param detail What went wrong, for the client; not sent with a 5xx.
 * @throws {RangeError} If the status is not an integer from 400 to 599.
 * @throws {TypeError} If a header is invalid or an extension is not JSON.
 *
 * @example Usage
 * ```ts
 * import { problem } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = problem(422, "no such currency", {
 *   extensions: { currency: "EUR" },
 * });
 * assertEquals(await response.json(), {
 *   type: "about:blank",
 *   title: "Unprocessable Content",
 *   status: 422,
 *   detail: "no such currency",
 *   currency: "EUR",
 * });
 * ```
 */
export function problem(
  status: number,
  detail?: string,
  options: ProblemOptions = {},
): HttpResponse {
  checkOptionNames("a problem", options, OPTION_NAMES);
  const { status: own = status, ...rest } = options;
  const error = new HttpError(own, detail, rest);
  const response = describe(error, false);
  response.error = error;
  return response;
}

/**
 * Makes an answer of {@linkcode problem} one of plain text, if the client prefers
 * that. Any other answer stays as it is, also a problem whose content a
 * handler has changed. For whoever takes the answer of a handler.
 */
export function negotiateProblem(
  response: HttpResponse,
  request: AnyRequest,
): HttpResponse {
  const { error } = response;
  if (!(error instanceof HttpError)) return response;
  if (response.header("content-type") !== PROBLEM_JSON) return response;
  if (!prefersText(request) || response.body !== problemJson(error)) {
    return response;
  }
  // The answer may be a constant, which another client gets as JSON.
  const text = new HttpResponse(response);
  text.body = problemText(error);
  text.error = error;
  text.headers.set("Content-Type", TEXT_TYPE);
  text.headers.set("X-Content-Type-Options", "nosniff");
  return text;
}
