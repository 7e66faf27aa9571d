/**
 * The values of `Content-Security-Policy` and `Permissions-Policy`, built once
 * and checked: a policy with a mistake in it protects from nothing, silently.
 *
 * @module
 */

import { quote } from "../grammar/lists.ts";
import { describeValue } from "../http/values.ts";

/** Stands for the nonce of the answer in a list of sources. */
export const NONCE = "'nonce'";

/** A directive of Content Security Policy Level 3 or Trusted Types. */
export type CspDirective =
  | "default-src"
  | "script-src"
  | "script-src-elem"
  | "script-src-attr"
  | "style-src"
  | "style-src-elem"
  | "style-src-attr"
  | "img-src"
  | "font-src"
  | "connect-src"
  | "media-src"
  | "object-src"
  | "frame-src"
  | "child-src"
  | "worker-src"
  | "manifest-src"
  | "base-uri"
  | "form-action"
  | "frame-ancestors"
  | "sandbox"
  | "upgrade-insecure-requests"
  | "require-trusted-types-for"
  | "trusted-types"
  | "report-to"
  | "report-uri";

/**
 * A policy: values by directive, such as `{ "default-src": ["'self'"] }`.
 * Keywords keep their quotes; an empty list stands for a directive without
 * values, such as `upgrade-insecure-requests`.
 */
export type ContentSecurityPolicy = {
  readonly [Directive in CspDirective]?: readonly string[];
};

/**
 * Who may use features of the browser, such as
 * `{ camera: [], geolocation: ["self", "https://maps.example"] }`: `"self"`,
 * `"src"`, `"*"` for all, or an origin. Nobody may use one with an empty list.
 */
export type PermissionsPolicy = Readonly<Record<string, readonly string[]>>;

/** Those whose values say where something may come from. */
const SOURCE_LISTS: readonly CspDirective[] = [
  "default-src",
  "script-src",
  "script-src-elem",
  "script-src-attr",
  "style-src",
  "style-src-elem",
  "style-src-attr",
  "img-src",
  "font-src",
  "connect-src",
  "media-src",
  "object-src",
  "frame-src",
  "child-src",
  "worker-src",
  "manifest-src",
  "base-uri",
  "form-action",
  "frame-ancestors",
];

const OTHER_DIRECTIVES: readonly CspDirective[] = [
  "sandbox",
  "upgrade-insecure-requests",
  "require-trusted-types-for",
  "trusted-types",
  "report-to",
  "report-uri",
];

const DIRECTIVES: readonly string[] = [...SOURCE_LISTS, ...OTHER_DIRECTIVES];
// Visible ASCII; a comma would end the policy, a semicolon the directive.
const CSP_VALUE = /^[!-+\--:<-~]+$/;
const UNQUOTED =
  /^(?:self|none|strict-dynamic|report-sample|unsafe-[a-z-]+|wasm-unsafe-eval|inline-speculation-rules|trusted-types-eval|nonce|nonce-.+|sha(?:256|384|512)-.+)$/;

function checkSource(directive: string, value: string): void {
  const wrong = `Cannot use ${describeValue(value)} in "${directive}"`;
  if (UNQUOTED.test(value)) {
    throw new TypeError(`${wrong}: keywords are quoted: write "'${value}'"`);
  }
  if (value.startsWith("'nonce-")) {
    throw new TypeError(
      `${wrong}: a nonce that stays the same protects from nothing: take NONCE`,
    );
  }
}

function directiveText(directive: string, values: readonly string[]): string {
  if (!DIRECTIVES.includes(directive)) {
    throw new TypeError(
      `Cannot find ${
        describeValue(directive)
      } among the directives of a policy: there are ${DIRECTIVES.join(", ")}`,
    );
  }
  if (!Array.isArray(values)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(values)
      } as "${directive}" of a policy: take a list, such as ["'self'"]`,
    );
  }
  const isSources = (SOURCE_LISTS as readonly string[]).includes(directive);
  for (const value of values) {
    if (typeof value !== "string" || !CSP_VALUE.test(value)) {
      throw new TypeError(
        `Cannot use ${describeValue(value)} in "${directive}": take visible ` +
          "ASCII without a comma, a semicolon or a space",
      );
    }
    if (isSources) checkSource(directive, value);
  }
  if (values.includes("'none'") && values.length > 1) {
    throw new TypeError(
      `Cannot use "'none'" in "${directive}" together with other values: take it alone or drop it`,
    );
  }
  return [directive, ...values].join(" ");
}

/**
 * Builds a policy and cuts it where the nonce goes: one piece if there is none.
 *
 * @throws {TypeError} If a directive is unknown or a value malformed.
 */
export function policyPieces(policy: ContentSecurityPolicy): string[] {
  const directives = Object.entries(policy)
    .filter(([, values]) => values !== undefined)
    .map(([directive, values]) => directiveText(directive, values));
  if (directives.length === 0) {
    throw new TypeError(
      "Cannot use a policy without a directive: give one, such as defaultSrc, or false for no policy",
    );
  }
  return directives.join("; ").split(NONCE);
}

const FEATURE = /^[a-z][a-z0-9-]*$/;

function allowedItem(feature: string, item: string): string {
  if (item === "*" || item === "self" || item === "src") return item;
  const origin = typeof item === "string" ? URL.parse(item)?.origin : null;
  if (origin === item && origin !== "null") return quote(item);
  throw new TypeError(
    `Cannot use ${
      describeValue(item)
    } for feature "${feature}": take "self", "src", "*" or an origin`,
  );
}

function featureText(feature: string, allowed: readonly string[]): string {
  if (!FEATURE.test(feature) || !Array.isArray(allowed)) {
    throw new TypeError(
      `Cannot use feature ${
        describeValue(feature)
      }: take a name such as "camera" with a list`,
    );
  }
  const items = allowed.map((item) => allowedItem(feature, item));
  return items.includes("*")
    ? `${feature}=*`
    : `${feature}=(${items.join(" ")})`;
}

/**
 * Builds the value of `Permissions-Policy`, a structured dictionary.
 *
 * @throws {TypeError} If a feature or one that it is allowed to is malformed.
 */
export function permissionsText(policy: PermissionsPolicy): string {
  return Object.entries(policy)
    .map(([feature, allowed]) => featureText(feature, allowed)).join(", ");
}
