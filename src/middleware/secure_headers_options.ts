/**
 * The options of `secureHeaders`, checked and made into fields once.
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import { quote } from "../grammar/lists.ts";
import { type FieldLines, HeaderList } from "../http/headers.ts";
import { checkNumber, listChoices } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { describeValue } from "../http/values.ts";
import {
  type ContentSecurityPolicy,
  type PermissionsPolicy,
  permissionsText,
  policyPieces,
} from "./csp.ts";

/** The members of `Strict-Transport-Security` (RFC 6797 6.1). */
export interface StrictTransportSecurity {
  /** How long browsers insist on TLS, in seconds. @default {31536000} a year */
  maxAge?: number;
  /** Whether all hosts below this one are meant too. @default {false} */
  includeSubDomains?: boolean;
  /**
   * Whether browsers may ship the host in their lists; hard to undo.
   *
   * @default {false}
   */
  preload?: boolean;
}

/** Options of `secureHeaders`; `false` leaves a field out. */
export interface SecureHeadersOptions {
  /**
   * Where what a page needs may come from, in place of the default.
   *
   * @default {{ "default-src": ["'self'"], "base-uri": ["'self'"], "form-action": ["'self'"], "frame-ancestors": ["'self'"], "img-src": ["'self'", "data:"], "object-src": ["'none'"], "script-src-attr": ["'none'"] }}
   */
  contentSecurityPolicy?: ContentSecurityPolicy | false;
  /**
   * A policy whose violations are only reported, to try it out.
   *
   * @default {false}
   */
  contentSecurityPolicyReportOnly?: ContentSecurityPolicy | false;
  /**
   * Where browsers send reports to: URLs by the names that `report-to` uses.
   *
   * @default {false}
   */
  reportingEndpoints?: Readonly<Record<string, string>> | false;
  /**
   * That browsers are to use TLS from now on. Only sent with answers over TLS,
   * also one that a trusted proxy has ended (RFC 6797 7.2).
   *
   * @default {{ maxAge: 31536000 }}
   */
  strictTransportSecurity?: StrictTransportSecurity | false;
  /** Who may use features of the browser. @default {false} */
  permissionsPolicy?: PermissionsPolicy | false;
  /**
   * What other sites learn of the page's address. The default keeps `Origin` in
   * forms that a page sends to its own site; `no-referrer` makes that `null`.
   *
   * @default {"same-origin"}
   */
  referrerPolicy?:
    | "no-referrer"
    | "no-referrer-when-downgrade"
    | "origin"
    | "origin-when-cross-origin"
    | "same-origin"
    | "strict-origin"
    | "strict-origin-when-cross-origin"
    | "unsafe-url"
    | false;
  /** Which windows share a browsing context. @default {"same-origin"} */
  crossOriginOpenerPolicy?:
    | "same-origin"
    | "same-origin-allow-popups"
    | "noopener-allow-popups"
    | "unsafe-none"
    | false;
  /** What a page may embed without its consent. @default {false} */
  crossOriginEmbedderPolicy?:
    | "require-corp"
    | "credentialless"
    | "unsafe-none"
    | false;
  /**
   * Which sites may embed the answer without CORS.
   *
   * @default {"same-origin"}
   */
  crossOriginResourcePolicy?:
    | "same-origin"
    | "same-site"
    | "cross-origin"
    | false;
  /** Whether pages get a process of their own origin. @default {true} */
  originAgentCluster?: boolean;
  /** Whether types are not guessed (`nosniff`). @default {true} */
  xContentTypeOptions?: boolean;
  /** Who may frame the page, for old browsers. @default {"SAMEORIGIN"} */
  xFrameOptions?: "SAMEORIGIN" | "DENY" | false;
  /** Whether names of links are not resolved ahead. @default {true} */
  xDnsPrefetchControl?: boolean;
  /** What Adobe's products may load. @default {"none"} */
  xPermittedCrossDomainPolicies?:
    | "none"
    | "master-only"
    | "by-content-type"
    | "all"
    | false;
  /**
   * Whether the filter of old browsers is switched off, which opened holes of
   * its own.
   *
   * @default {true}
   */
  xXssProtection?: boolean;
  /** Whether fields that the handler has set are replaced. @default {false} */
  override?: boolean;
}

/** A field to set. */
export type Field = readonly [name: string, value: string];

/** Fields that are checked already. */
export interface FieldSet {
  /** As pairs. */
  readonly pairs: readonly Field[];
  /** The same as lines. */
  readonly lines: FieldLines;
}

/** A policy around the nonce of each answer. */
export interface NoncePolicy {
  /** The name of its field. */
  readonly name: string;
  /** What stands before, between and behind the nonces. */
  readonly pieces: readonly string[];
}

/** All that `secureHeaders` sets. */
export interface Fields {
  /** Sent with every answer. */
  readonly always: FieldSet;
  /** Sent over TLS only. */
  readonly secure: FieldSet;
  /** Made anew for every answer. */
  readonly nonced: readonly NoncePolicy[];
  /** Whether fields of the handler are replaced. */
  readonly override: boolean;
}

const DEFAULT_POLICY: ContentSecurityPolicy = {
  "default-src": ["'self'"],
  "base-uri": ["'self'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'self'"],
  "img-src": ["'self'", "data:"],
  "object-src": ["'none'"],
  "script-src-attr": ["'none'"],
};
const REFERRER_POLICIES: readonly SecureHeadersOptions["referrerPolicy"][] = [
  "no-referrer",
  "no-referrer-when-downgrade",
  "origin",
  "origin-when-cross-origin",
  "same-origin",
  "strict-origin",
  "strict-origin-when-cross-origin",
  "unsafe-url",
];
const OPENER_POLICIES:
  readonly SecureHeadersOptions["crossOriginOpenerPolicy"][] = [
    "same-origin",
    "same-origin-allow-popups",
    "noopener-allow-popups",
    "unsafe-none",
  ];
const EMBEDDER_POLICIES:
  readonly SecureHeadersOptions["crossOriginEmbedderPolicy"][] = [
    "require-corp",
    "credentialless",
    "unsafe-none",
  ];
const RESOURCE_POLICIES:
  readonly SecureHeadersOptions["crossOriginResourcePolicy"][] = [
    "same-origin",
    "same-site",
    "cross-origin",
  ];
const FRAME_OPTIONS: readonly SecureHeadersOptions["xFrameOptions"][] = [
  "SAMEORIGIN",
  "DENY",
];
const CROSS_DOMAIN_POLICIES:
  readonly SecureHeadersOptions["xPermittedCrossDomainPolicies"][] = [
    "none",
    "master-only",
    "by-content-type",
    "all",
  ];
const YEAR = 31_536_000;

const NAMES: readonly (keyof SecureHeadersOptions)[] = [
  "contentSecurityPolicy",
  "contentSecurityPolicyReportOnly",
  "reportingEndpoints",
  "strictTransportSecurity",
  "permissionsPolicy",
  "referrerPolicy",
  "crossOriginOpenerPolicy",
  "crossOriginEmbedderPolicy",
  "crossOriginResourcePolicy",
  "originAgentCluster",
  "xContentTypeOptions",
  "xFrameOptions",
  "xDnsPrefetchControl",
  "xPermittedCrossDomainPolicies",
  "xXssProtection",
  "override",
];

/** The field for one of a few values; none for `false`. */
function choice<T extends string>(
  name: string,
  value: T | false | undefined,
  known: readonly (T | false | undefined)[],
): Field[] {
  if (value === false) return [];
  if (value !== undefined && known.includes(value)) return [[name, value]];
  throw new TypeError(
    `Cannot use ${describeValue(value)} as ${name} of secureHeaders: take ${
      listChoices([...known.filter((one) => one !== undefined), false])
    }`,
  );
}

/** The field for a switch that has one value. */
function flag(name: string, isOn: boolean | undefined, value: string): Field[] {
  if (isOn !== undefined && typeof isOn !== "boolean") {
    throw new TypeError(
      `Cannot use ${
        describeValue(isOn)
      } as ${name} of secureHeaders: take true or false`,
    );
  }
  return isOn === false ? [] : [[name, value]];
}

function transportField(given: StrictTransportSecurity | false): Field[] {
  if (given === false) return [];
  const known = ["maxAge", "includeSubDomains", "preload"];
  checkOptionNames("strictTransportSecurity", given, known);
  const { maxAge = YEAR, includeSubDomains = false, preload = false } = given;
  const bounds = { least: 0, whole: true, unit: "seconds" };
  checkNumber('"maxAge" of strictTransportSecurity', maxAge, bounds);
  if (preload && (!includeSubDomains || maxAge < YEAR)) {
    throw new TypeError(
      `Cannot use "preload" of strictTransportSecurity alone: add includeSubDomains: true and a maxAge from ${YEAR}`,
    );
  }
  const value = `max-age=${maxAge}` +
    (includeSubDomains ? "; includeSubDomains" : "") +
    (preload ? "; preload" : "");
  return [["Strict-Transport-Security", value]];
}

function endpointsField(
  given: Readonly<Record<string, string>> | false,
): Field[] {
  if (given === false) return [];
  const members = Object.entries(given).map(([name, url]) => {
    const isKey = isToken(name) && /^[a-z*][a-z0-9_.*-]*$/.test(name);
    if (isKey && URL.canParse(url, "https://a")) return `${name}=${quote(url)}`;
    throw new TypeError(
      `Cannot send reports for ${describeValue(name)} to ${
        describeValue(url)
      }: take a name in lower case and a URL`,
    );
  });
  return [["Reporting-Endpoints", members.join(", ")]];
}

function plainFields(options: SecureHeadersOptions): Field[] {
  const {
    referrerPolicy = "same-origin",
    crossOriginOpenerPolicy = "same-origin",
    crossOriginEmbedderPolicy = false,
    crossOriginResourcePolicy = "same-origin",
    xFrameOptions = "SAMEORIGIN",
    xPermittedCrossDomainPolicies = "none",
    permissionsPolicy = false,
  } = options;
  return [
    ...endpointsField(options.reportingEndpoints ?? false),
    ...(permissionsPolicy === false ? [] : [
      ["Permissions-Policy", permissionsText(permissionsPolicy)] as const,
    ]),
    ...choice("Referrer-Policy", referrerPolicy, REFERRER_POLICIES),
    ...choice(
      "Cross-Origin-Opener-Policy",
      crossOriginOpenerPolicy,
      OPENER_POLICIES,
    ),
    ...choice(
      "Cross-Origin-Embedder-Policy",
      crossOriginEmbedderPolicy,
      EMBEDDER_POLICIES,
    ),
    ...choice(
      "Cross-Origin-Resource-Policy",
      crossOriginResourcePolicy,
      RESOURCE_POLICIES,
    ),
    ...flag("Origin-Agent-Cluster", options.originAgentCluster, "?1"),
    ...flag("X-Content-Type-Options", options.xContentTypeOptions, "nosniff"),
    ...choice("X-Frame-Options", xFrameOptions, FRAME_OPTIONS),
    ...flag("X-DNS-Prefetch-Control", options.xDnsPrefetchControl, "off"),
    ...choice(
      "X-Permitted-Cross-Domain-Policies",
      xPermittedCrossDomainPolicies,
      CROSS_DOMAIN_POLICIES,
    ),
    ...flag("X-XSS-Protection", options.xXssProtection, "0"),
  ];
}

function policies(options: SecureHeadersOptions): NoncePolicy[] {
  const {
    contentSecurityPolicy = DEFAULT_POLICY,
    contentSecurityPolicyReportOnly = false,
  } = options;
  const given: [string, ContentSecurityPolicy | false][] = [
    ["Content-Security-Policy", contentSecurityPolicy],
    ["Content-Security-Policy-Report-Only", contentSecurityPolicyReportOnly],
  ];
  return given.flatMap(([name, policy]) =>
    policy === false ? [] : [{ name, pieces: policyPieces(policy) }]
  );
}

function fieldSet(pairs: readonly Field[]): FieldSet {
  // What a field cannot carry is refused here, once.
  return { pairs, lines: new HeaderList(pairs).lines };
}

/**
 * Checks options and makes fields of them.
 *
 * @throws {TypeError} If an option is unknown or malformed.
 * @throws {RangeError} If `maxAge` is not a whole number of seconds from 0.
 */
export function resolveFields(options: SecureHeadersOptions): Fields {
  checkOptionNames("secureHeaders", options, NAMES);
  flag('"override"', options.override, "");
  const all = policies(options);
  const constant = all.filter(({ pieces }) => pieces.length === 1)
    .map(({ name, pieces }): Field => [name, pieces[0]]);
  return {
    always: fieldSet([...constant, ...plainFields(options)]),
    secure: fieldSet(transportField(options.strictTransportSecurity ?? {})),
    nonced: all.filter(({ pieces }) => pieces.length > 1),
    override: options.override === true,
  };
}
