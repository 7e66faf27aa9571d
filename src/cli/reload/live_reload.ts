/**
 * {@linkcode liveReload}: pages that load themselves again when a file changes.
 *
 * @module
 */

import {
  parseIpLiteral,
  parseIPv4,
  splitHostPort,
} from "../../grammar/addresses.ts";
import { HttpError } from "../../http/errors.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HeaderList } from "../../http/headers.ts";
import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse, type ResponseBody } from "../../http/response.ts";
import { atShutdown } from "../../http/shutdown_tasks.ts";
import { hostMatcher } from "../../server/allowed_hosts.ts";
import { changeEvents } from "./change_events.ts";
import { PAGE_SCRIPT } from "./page_script.ts";
import { SiteChanges } from "./site_changes.ts";

/** What {@linkcode liveReload} needs to know. */
export interface LiveReloadOptions {
  /** The path of the directory. */
  readonly root: string;
  /** The URL path of it, without a slash at its end. */
  readonly base: string;
  /** Names that the server is known by, besides `localhost` and addresses. */
  readonly hosts: readonly string[];
}

/** The folder of what is not from the directory. */
export const RESERVED = "/.httpserver/";

const POLICY = "content-security-policy";
const ENCODER = new TextEncoder();

function tagOf(path: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`<script src="${path}?since=${Date.now()}"></script>`);
}

async function* followedBy(
  body: AsyncIterable<Uint8Array>,
  end: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield* body;
  yield end;
}

function append(body: ResponseBody, end: Uint8Array): ResponseBody {
  if (body === null) return null;
  if (typeof body === "string") body = ENCODER.encode(body);
  if (!(body instanceof Uint8Array)) return followedBy(body, end);
  const whole = new Uint8Array(body.length + end.length);
  whole.set(body);
  whole.set(end, body.length);
  return whole;
}

// Part of a page, or packed, it cannot be added to.
function isWholePage({ status, headers }: HttpResponse): boolean {
  return (status === 200 || status >= 400) &&
    /^text\/html\b/i.test(headers.get("content-type") ?? "") &&
    !headers.has("content-encoding");
}

// The page of a listing has a policy without scripts. Where it has some, these
// directives count for nothing: of two with one name the first does.
function allowScript(headers: HeaderList): void {
  const policy = headers.get(POLICY);
  if (policy === null) return;
  headers.set(POLICY, `${policy}; script-src 'self'; connect-src 'self'`);
}

function addScript(response: HttpResponse, path: string): void {
  const tag = tagOf(path);
  const { headers } = response;
  const length = headers.get("content-length");
  if (length !== null) {
    headers.set("content-length", String(Number(length) + tag.length));
  }
  // It is another page each time: nothing of the file's holds for it.
  for (const name of ["etag", "last-modified", "accept-ranges"]) {
    headers.delete(name);
  }
  headers.set("cache-control", "no-store");
  allowScript(headers);
  response.body = append(response.body, tag);
}

/** Refuses requests that a page of somebody else has had a browser send. */
function checkOrigin(
  request: AnyRequest,
  isOurs: (authority: string) => boolean,
): void {
  const { authority } = request;
  // No DNS name that is rebound to this machine is an address.
  const host = splitHostPort(authority)?.host ?? "";
  const isAddress = parseIPv4(host) !== null || parseIpLiteral(host) !== null;
  if (!isAddress && !isOurs(authority)) {
    throw new HttpError(
      421,
      `Live reload is not for the host ${
        JSON.stringify(host)
      }: allow it with --allowed-hosts`,
    );
  }
  const origin = request.header("origin");
  const isOwn = origin === null ||
    origin.replace(/^https?:\/\//, "") === authority;
  if (!isOwn) throw new HttpError(403, "Live reload is for its own pages");
}

/**
 * Adds a script to each page of a directory that loads it again when a file
 * there changes, or replaces the style sheets that have changed. Two paths below
 * `/.httpserver/` are for that. Innermost of all middleware: it cannot add to
 * what is compressed.
 *
 * It watches from the moment that it is made. No file is to be kept by browsers while this is on. Changes are told to pages
 * of this server alone; a name that it does not know of, as DNS rebinding makes
 * one, is refused.
 */
export function liveReload(options: LiveReloadOptions): Middleware {
  const { root, base, hosts } = options;
  let fault: unknown = null;
  let tell = (error: unknown): void => {
    fault ??= error;
  };
  const changes = new SiteChanges(root, base, (error) => tell(error));
  const isOurs = hostMatcher(["localhost", ".localhost", ...hosts]);
  const scriptPath = `${base}${RESERVED}reload.js`;
  const eventsPath = `${base}${RESERVED}changes`;
  let isBound = false;
  try {
    changes.start();
  } catch (error) {
    tell(error);
  }

  // It ends with the server, which only a request leads to.
  function bind({ server }: AnyRequest): void {
    if (isBound) return;
    isBound = true;
    atShutdown(server, () => changes.end());
    const message = "cannot watch the directory for changes";
    tell = (error) => server.report?.({ level: "warn", message, error });
    if (fault !== null) tell(fault);
  }

  return async function liveReload(request, next) {
    bind(request);
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (isRead && request.path === scriptPath) return scriptAnswer();
    if (isRead && request.path === eventsPath) {
      checkOrigin(request, isOurs);
      return changeEvents(changes, request);
    }
    const response = await next();
    if (isRead && isWholePage(response)) addScript(response, scriptPath);
    else if (isRead && response.ok) {
      response.headers.set("cache-control", "no-cache");
    }
    return response;
  };
}

function scriptAnswer(): HttpResponse {
  return new HttpResponse({
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "no-store",
    },
    body: PAGE_SCRIPT,
  });
}
