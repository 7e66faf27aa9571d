/** Where this server answers static requests otherwise than nginx does, and why. */
import type { Case } from "./nginx_cases.ts";

/** What is compared of an answer; a field that is absent is null. */
export interface Answer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string | null>>;
}

/** A difference that is meant. */
export interface Difference {
  /** What differs: nginx first, this server second. */
  readonly rule: string;
  /** Why it does. */
  readonly reason: string;
  /** Whether it is about such a request. */
  readonly is: (one: Case) => boolean;
  /** The statuses that it explains, as "nginx ours"; the fields then follow. */
  readonly statuses?: readonly string[];
  /** The fields that it explains where the statuses are alike. */
  readonly fields?: readonly string[];
  /** What must hold of both answers as well. */
  readonly when?: (theirs: Answer, ours: Answer) => boolean;
  /** Only with entity tags of this kind. @default {undefined} both */
  readonly etag?: "weak" | "strong";
}

function valueOf({ fields }: Case, name: string): string | undefined {
  return fields.find(([one]) => one === name)?.[1];
}

function has(one: Case, name: string, value: RegExp = /^/): boolean {
  return value.test(valueOf(one, name) ?? "\n");
}

function isRead({ method }: Case): boolean {
  return method === "GET" || method === "HEAD";
}

function isBelow(target: string): (one: Case) => boolean {
  return (one) => one.target === target;
}

const MALFORMED_RANGE = /^bytes=(?:-|9-0|a-b|0x1-2|0 - 9|0-9,a-b)$/;
const STATUS_OK = ["200 404", "400 404", "301 404"];

/** All that differs on purpose. */
export const DIFFERENCES: readonly Difference[] = [
  {
    rule: "directory without index: 403 / 404",
    reason: "404 tells a stranger nothing of what there is; `listing` shows it",
    is: isBelow("/noindex/"),
    statuses: ["403 404"],
  },
  {
    rule: "dotfile: 200 / 404",
    reason: '.env and .git are not published by mistake; `dotfiles: "allow"`',
    is: ({ target }) => ["/.env", "/%2eenv", "/dir/.hidden"].includes(target),
    statuses: ["200 404"],
  },
  {
    rule: "dot segments: resolved, or 400 / 404",
    reason:
      "clients resolve them before they ask (RFC 3986 5.2.4); what still has " +
      "them looks for a way out, and no file has two URLs",
    is: ({ target }) => /\/(?:\.|%2e){1,2}(?:\/|$)/.test(target),
    statuses: STATUS_OK,
  },
  {
    rule: "empty segments: merged / 404",
    reason: "no file has two URLs, and //host cannot become a redirect",
    is: ({ target }) => target.includes("//"),
    statuses: STATUS_OK,
  },
  {
    rule: "encoded slash: a separator / part of a name",
    reason: "RFC 3986 2.2: %2F and / are not the same",
    is: ({ target }) => target.includes("%2F"),
    statuses: ["200 404"],
  },
  {
    rule: "link out of the root: 200 / 404",
    reason: '`symlinks: "within-root"` is the default',
    is: isBelow("/outside.txt"),
    statuses: ["200 404"],
  },
  {
    rule: "other methods: 404 or 301 for some paths / 405",
    reason: "a 301 turns a POST into a GET; and 405 tells nobody what there is",
    is: (one) => !isRead(one) && one.method !== "OPTIONS",
    statuses: ["404 405", "301 405"],
  },
  {
    rule: "OPTIONS: 405 / 204 with Allow",
    reason: "RFC 9110 9.3.7: the router answers for all of its routes",
    is: ({ method }) => method === "OPTIONS",
    statuses: ["405 204"],
  },
  {
    rule: "405 without Allow / with it",
    reason: "RFC 9110 15.5.6: a 405 must have it",
    is: (one) => !isRead(one),
    fields: ["allow"],
    when: (_, ours) => ours.fields.allow === "GET, HEAD, OPTIONS",
  },
  {
    rule: "errors: no Vary / Vary: Accept",
    reason: "errors are problem details or text by Accept",
    is: () => true,
    fields: ["vary"],
    when: (_, { status, fields }) => status >= 400 && fields.vary === "Accept",
  },
  {
    rule: "files that have no packed copy: no Vary / Vary: Accept-Encoding",
    reason: "they may get one while a cache still holds them without",
    is: isRead,
    fields: ["vary"],
    when: (theirs, { status, fields }) =>
      status < 400 && theirs.fields.vary === null &&
      fields.vary === "Accept-Encoding",
  },
  {
    rule: "206: no Accept-Ranges / with it",
    reason: "true of the file whatever part of it is sent",
    is: (one) => has(one, "Range"),
    fields: ["accept-ranges"],
    when: (theirs, ours) =>
      theirs.status === 206 && ours.fields["accept-ranges"] === "bytes",
  },
  {
    rule: "packed copies: no ranges / ranges of the packed bytes",
    reason:
      "they are a representation with a tag of its own (RFC 9110 8.8.3.3)",
    is: (one) =>
      one.target === "/page.css" && has(one, "Accept-Encoding", /gzip/i),
    statuses: ["200 206", "200 416"],
    fields: ["accept-ranges"],
    when: (theirs) => theirs.fields["content-encoding"] === "gzip",
  },
  {
    rule: "Accept-Encoding: * and x-gzip: not taken / taken for gzip",
    reason: "RFC 9110 12.5.3 and 8.4.1.3",
    is: (one) => has(one, "Accept-Encoding", /^(?:\*|x-gzip)$/),
    fields: ["content-encoding", "content-length", "body"],
  },
  {
    rule: "If-Unmodified-Since that is no date: 412 / ignored",
    reason: "RFC 9110 13.1.4: it must be ignored",
    is: (one) => has(one, "If-Unmodified-Since", / 99 /),
    statuses: ["412 200"],
  },
  {
    rule: "If-None-Match matches, If-Modified-Since does not: 200 / 304",
    reason: "RFC 9110 13.1.3: the date does not count beside If-None-Match",
    is: (one) =>
      has(one, "If-None-Match", /\{tag\}/) && has(one, "If-Modified-Since"),
    statuses: ["200 304"],
  },
  {
    rule: "If-Match matches, If-Unmodified-Since does not: 412 / 200",
    reason: "RFC 9110 13.1.4: the date does not count beside If-Match",
    is: (one) =>
      has(one, "If-Match", /\{tag\}/) && has(one, "If-Unmodified-Since"),
    statuses: ["412 200"],
    etag: "strong",
  },
  {
    rule: "tags: strong in form / weak",
    reason:
      "both are made of size and time, which do not change with the content " +
      'within a second (RFC 9110 8.8.1); `etag: "strong"` hashes it',
    is: isRead,
    fields: ["etag"],
    when: (theirs, ours) =>
      theirs.fields.etag === "strong" && ours.fields.etag === "weak",
    etag: "weak",
  },
  {
    rule: "If-Match with the tag: 200 / 412, 304 / 412",
    reason: "RFC 9110 13.1.1: a weak tag never satisfies it",
    is: (one) => has(one, "If-Match", /\{tag\}/),
    statuses: ["200 412", "304 412"],
    etag: "weak",
  },
  {
    rule: "If-Range with the tag: 206 or 416 / 200",
    reason: "RFC 9110 13.1.5: a weak tag never satisfies it",
    is: (one) => has(one, "If-Range", /^\{tag\}$/),
    statuses: ["206 200", "416 200"],
    etag: "weak",
  },
  {
    rule: "HEAD with Range: 206 or 416 / 200",
    reason: "RFC 9110 14.2: Range is defined for GET alone",
    is: (one) => one.method === "HEAD" && has(one, "Range"),
    statuses: ["206 200", "416 200"],
  },
  {
    rule: "malformed Range: 416, or read all the same / ignored",
    reason: "RFC 9110 14.2: what is no ranges-specifier is not one to refuse",
    is: (one) => has(one, "Range", MALFORMED_RANGE),
    statuses: ["416 200", "206 200"],
  },
  {
    rule: "last position beyond 2^63: 416 / the rest of the file",
    reason: "RFC 9110 14.1.2: beyond the end is the end, whatever the number",
    is: (one) => has(one, "Range", /^bytes=0-9{20}$/),
    statuses: ["416 206"],
  },
  {
    rule: "overlapping ranges: as they are, or 200 / merged",
    reason: "RFC 9110 15.3.7.2 and 17.15: no byte is sent twice",
    is: (one) => has(one, "Range", /^bytes=0-(?:9,5-14|,0-)$/),
    statuses: ["200 206"],
    fields: ["content-range", "content-length", "content-type", "body"],
  },
  {
    rule: "a range of an empty file: 200 / 416",
    reason: "RFC 9110 14.1.2: a first position is never within no bytes",
    is: (one) => one.target === "/empty.txt" && has(one, "Range", /=\d/),
    statuses: ["200 416"],
  },
];
