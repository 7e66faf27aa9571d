/**
 * The options that the command line has besides those of a server, and all of
 * them together. Each can be set by a flag, a variable of the environment and a
 * configuration file.
 *
 * @module
 */

import {
  type OptionRow,
  OPTIONS,
  type OptionSpec,
  optionSpecs,
} from "../../server/option_table.ts";

const LISTEN: readonly OptionRow[] = [
  [
    "nextPort",
    "next-port",
    "switch",
    false,
    "take the next free port if this one is taken",
    { others: { "strict-port": "false" } },
  ],
];

const PEERS: readonly OptionRow[] = [
  [
    "trustedProxies",
    "trusted-proxies",
    "list",
    null,
    "proxies whose word on the client is taken",
    { placeholder: "ADDRESSES" },
  ],
  [
    "proxyHeader",
    "proxy-header",
    "choice",
    "x-forwarded-for",
    "the field in which they tell it",
    { choices: ["x-forwarded-for", "forwarded"] },
  ],
];

const FILES: readonly OptionRow[] = [
  ["static.index", "index", "list", ["index.html"], "pages of a directory", {
    placeholder: "FILES",
    others: { "no-index": "off" },
  }],
  [
    "static.listing",
    "listing",
    "count",
    null,
    "list directories without a page, that many names at most",
    { bare: "1000", least: 1 },
  ],
  [
    "static.spa",
    "spa",
    "text",
    null,
    "page for paths without a file",
    { placeholder: "FILE", bare: "index.html" },
  ],
  [
    "static.cleanUrls",
    "clean-urls",
    "choice",
    null,
    "/about serves about.html; redirect also leads there",
    { choices: ["on", "redirect"], bare: "on" },
  ],
  ["static.notFound", "not-found", "text", null, "page of a 404", {
    placeholder: "FILE",
  }],
  [
    "static.dotfiles",
    "dotfiles",
    "choice",
    "ignore",
    "names that begin with a dot",
    { choices: ["allow", "ignore"], bare: "allow" },
  ],
  [
    "static.symlinks",
    "symlinks",
    "choice",
    "within-root",
    "where symbolic links may lead",
    { choices: ["within-root", "follow", "deny"] },
  ],
  [
    "static.cacheMaxAge",
    "max-age",
    "seconds",
    null,
    "time that clients may reuse a file without asking",
  ],
  [
    "static.immutable",
    "immutable",
    "switch",
    false,
    "names with a hash may be kept for a year",
  ],
  ["static.etag", "etag", "choice", "weak", "entity tags", {
    choices: ["weak", "strong", "off"],
    others: { "no-etag": "off" },
  }],
  [
    "static.precompressed",
    "precompressed",
    "list",
    null,
    "send FILE.br, FILE.zst or FILE.gz in place of FILE",
    {
      choices: ["br", "zstd", "gzip"],
      bare: "br,zstd,gzip",
      placeholder: "CODINGS",
    },
  ],
  [
    "static.mimeTypes",
    "mime",
    "list",
    null,
    "media types by extension, such as md=text/plain",
    { placeholder: "EXT=TYPE" },
  ],
  ["base", "base", "text", "/", "path below which the files are served", {
    placeholder: "PATH",
  }],
];

const ANSWERS: readonly OptionRow[] = [
  ["log", "log", "choice", null, "format of a line for each request", {
    choices: ["text", "json", "combined", "logfmt", "off"],
    unset: "text on a terminal, else json",
  }],
  ["compress", "compress", "switch", false, "compress what is worth it"],
  [
    "rateLimit",
    "rate-limit",
    "rate",
    null,
    "requests of a client in a second, minute or hour",
  ],
  [
    "cors",
    "cors",
    "list",
    null,
    "origins whose pages may read answers",
    { placeholder: "ORIGINS", bare: "*" },
  ],
  [
    "coop",
    "coop",
    "switch",
    false,
    "isolate pages: Cross-Origin-Opener-Policy and -Embedder-Policy",
  ],
  ["headers", "header", "list", null, "field for every answer, repeatable", {
    short: "H",
    placeholder: "'NAME: VALUE'",
    separator: "\n",
  }],
  ["auth", "auth", "list", null, "who may come in, repeatable", {
    placeholder: "USER:PASSWORD",
    separator: "\n",
    secret: true,
  }],
  [
    "authFile",
    "auth-file",
    "text",
    null,
    "file of users with hashed passwords",
    { placeholder: "FILE" },
  ],
  [
    "health",
    "health",
    "text",
    null,
    "health checks at PATH, PATH/live and PATH/ready",
    { placeholder: "PATH", bare: "/health" },
  ],
  [
    "metrics",
    "metrics",
    "text",
    null,
    "metrics for Prometheus at PATH",
    { placeholder: "PATH", bare: "/metrics" },
  ],
];

const PROCESS: readonly OptionRow[] = [
  ["config", "config", "text", null, "file of options, JSON with comments", {
    placeholder: "FILE",
    short: "c",
  }],
  ["workers", "workers", "count", 1, "processes that share the port", {
    least: 1,
  }],
  ["reload", "reload", "switch", false, "start again when a file changes"],
  ["open", "open", "switch", false, "open a browser once it listens"],
  ["quiet", "quiet", "switch", false, "print warnings and errors only", {
    short: "q",
  }],
];

/** The options of the command line alone. */
export const CLI_OPTIONS: readonly OptionSpec[] = [
  ...optionSpecs("listen", LISTEN),
  ...optionSpecs("peers", PEERS),
  ...optionSpecs("files", FILES),
  ...optionSpecs("answers", ANSWERS),
  ...optionSpecs("process", PROCESS),
];

/** All options that the command line takes. */
export const ALL_OPTIONS: readonly OptionSpec[] = [...OPTIONS, ...CLI_OPTIONS];

/** A part of the options, as `--help` shows them. */
export interface OptionSection {
  /** Its heading. */
  readonly title: string;
  /** Its options. */
  readonly specs: readonly OptionSpec[];
}

const TITLES: readonly (readonly [group: string, title: string])[] = [
  ["listen", "Where to listen"],
  ["files", "Files of a directory"],
  ["answers", "Around the answers of a directory or an object with fetch"],
  ["peers", "Who asks"],
  ["process", "The process"],
  ["limits", "Limits"],
  ["timeouts", "Time-outs"],
];

/** All options, by what they are about. */
export function optionSections(): OptionSection[] {
  return TITLES.map(([group, title]) => ({
    title,
    specs: ALL_OPTIONS.filter((spec) => spec.group === group),
  }));
}
