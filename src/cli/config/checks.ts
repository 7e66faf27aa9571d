/**
 * What the texts of some options must be, besides not empty.
 *
 * @module
 */

import { staticFiles } from "../../handlers/static/mod.ts";
import type { StaticFilesOptions } from "../../handlers/static/options.ts";
import { HttpResponse } from "../../http/response.ts";
import { hostMatcher } from "../../server/allowed_hosts.ts";
import { addressMatcher } from "../../server/proxies.ts";

/** A check of a text, or of an entry of a list. */
export interface TextCheck {
  /** Whether the text will do. */
  readonly test: (text: string) => boolean;
  /** What is accepted, for messages. */
  readonly accepted: string;
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** A field as the flag has it: `Name: value`. */
export function splitHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1).trim()];
}

function isHeader(text: string): boolean {
  const headers = [splitHeader(text)];
  return text.indexOf(":") > 0 && passes(() => new HttpResponse({ headers }));
}

function isOrigin(text: string): boolean {
  if (text === "*" || text === "null") return true;
  return passes(() => {
    if (new URL(text).origin !== text) throw new TypeError("no origin");
  });
}

const PLAIN_PATH = /^\/[\w\-.~/]*$/;

const ADDRESSES: TextCheck = {
  test: (text) => passes(() => addressMatcher([text])),
  accepted: 'addresses or ranges like "10.0.0.0/8", or "loopback", "private"',
};
const PATH: TextCheck = {
  test: (text) => PLAIN_PATH.test(text) && !text.includes("//"),
  accepted: 'a path like "/docs"',
};

// Nothing is read until the first request.
function suitsFiles(options: StaticFilesOptions): boolean {
  return passes(() => staticFiles({ root: "/", ...options }));
}

const PAGE = 'a file below the directory, like "index.html"';

/** The checks, by the names of options. */
export const TEXT_CHECKS: ReadonlyMap<string, TextCheck> = new Map([
  ["allowedHosts", {
    test: (text) => passes(() => hostMatcher([text])),
    accepted: 'hosts like "example.com", ".example.com" or "localhost:8080"',
  }],
  ["proxyProtocol.trusted", ADDRESSES],
  ["trustedProxies", ADDRESSES],
  ["static.index", {
    test: (text) => suitsFiles({ index: [text] }),
    accepted: 'names of files like "index.html"',
  }],
  ["static.spa", {
    test: (spa) => suitsFiles({ spa }),
    accepted: PAGE,
  }],
  ["static.notFound", {
    test: (notFound) => suitsFiles({ notFound }),
    accepted: PAGE,
  }],
  ["static.mimeTypes", {
    test: (text) => /^[^=\s/]+=[\w.+-]+\/[\w.+-]+(?:;.*)?$/.test(text),
    accepted: 'pairs like "md=text/markdown"',
  }],
  ["headers", {
    test: isHeader,
    accepted: 'a field like "X-Frame-Options: DENY"',
  }],
  ["auth", {
    // deno-lint-ignore no-control-regex
    test: (text) => /^[^:\x00-\x1f\x7f]+:[^\x00-\x1f\x7f]+$/.test(text),
    accepted: "a user and a password like USER:PASSWORD",
  }],
  ["cors", { test: isOrigin, accepted: 'origins like "https://example.com"' }],
  ["base", PATH],
  ["health", PATH],
  ["metrics", PATH],
]);
