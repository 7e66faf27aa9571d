/**
 * The one table of the server's options: API name, environment variable, flag,
 * default, unit and help text. Defaults, validation, the command line and the
 * documentation come from it.
 *
 * @module
 */

/**
 * What a value of an option is. A `rate` is a text such as `"100/m"`, a `list` is
 * of texts, and `seconds` and `ms` are numbers of these.
 */
export type OptionKind =
  | "text"
  | "port"
  | "bytes"
  | "ms"
  | "seconds"
  | "count"
  | "rate"
  | "switch"
  | "choice"
  | "list";

/** A value of an option; `null` where there is none. */
export type OptionValue = string | number | boolean | readonly string[] | null;

/** One row of the table. */
export interface OptionSpec extends OptionDetails {
  /** The name in the API, with its group. */
  readonly name: string;
  /** The flag on the command line, without its dashes. */
  readonly flag: string;
  /** The environment variable. */
  readonly env: string;
  /** What its values are. */
  readonly kind: OptionKind;
  /** The default. */
  readonly default: OptionValue;
  /** The least number that makes sense. */
  readonly least: number;
  /** What it does, for `--help`. */
  readonly help: string;
  /** What it is about: `--help` shows those of a group together. */
  readonly group: string;
}

/** What only some options have. */
export interface OptionDetails {
  /** The flag of one letter. */
  readonly short?: string;
  /** What `--help` calls a value. @default {by the kind} */
  readonly placeholder?: string;
  /** The values that a choice or the entries of a list may have. */
  readonly choices?: readonly string[];
  /** What the flag stands for without a value, which then needs a `=`. */
  readonly bare?: string;
  /** Other flags, without a value, and what they set this option to. */
  readonly others?: Readonly<Record<string, string>>;
  /** What separates the entries of a list in a text. @default {","} */
  readonly separator?: string;
  /** Whether a value is not to be shown. */
  readonly secret?: boolean;
  /** What the documentation calls a default that is no value. @default {"none"} */
  readonly unset?: string;
}

const KIB = 1024;
const MIB = 1024 * 1024;

/** The value of a bound that does not bound. */
export const UNLIMITED: number = Number.MAX_SAFE_INTEGER;

/** A row as it is written: `least` is 0 if it is not given. */
export type OptionRow = readonly [
  name: string,
  flag: string,
  kind: OptionKind,
  value: OptionValue,
  help: string,
  details?: OptionDetails & { readonly least?: number },
];

const LISTEN: readonly OptionRow[] = [
  ["hostname", "host", "text", "127.0.0.1", "address to listen on", {
    placeholder: "ADDRESS",
  }],
  ["port", "port", "port", 8000, "port to listen on, 0 for a free one", {
    short: "p",
  }],
  [
    "path",
    "unix",
    "text",
    null,
    "path of a Unix socket, in place of host and port",
    {
      placeholder: "PATH",
    },
  ],
  [
    "tls.certFile",
    "cert",
    "text",
    null,
    "certificate chain for TLS, PEM",
    {
      placeholder: "FILE",
    },
  ],
  ["tls.keyFile", "key", "text", null, "its private key, PEM", {
    placeholder: "FILE",
  }],
];

const PEERS: readonly OptionRow[] = [
  [
    "allowedHosts",
    "allowed-hosts",
    "list",
    null,
    "hosts that requests may be for, others are 421",
    { placeholder: "HOSTS", unset: "any" },
  ],
  [
    "proxyProtocol.trusted",
    "proxy-protocol",
    "list",
    null,
    "proxies that send a PROXY protocol header",
    { placeholder: "ADDRESSES" },
  ],
];

const LIMITS: readonly OptionRow[] = [
  [
    "limits.requestLine",
    "max-request-line",
    "bytes",
    8 * KIB,
    "length of a request line, more is 414",
  ],
  [
    "limits.headerBytes",
    "max-header-bytes",
    "bytes",
    16 * KIB,
    "length of a header section, more is 431",
  ],
  [
    "limits.headerCount",
    "max-header-count",
    "count",
    100,
    "number of header fields, more is 431",
  ],
  [
    "limits.bodyBytes",
    "max-body-bytes",
    "bytes",
    MIB,
    "length of a request body, more is 413",
  ],
  [
    "limits.chunkLineBytes",
    "max-chunk-line-bytes",
    "bytes",
    4 * KIB,
    "length of a chunk-size line with extensions, more is 431",
  ],
  [
    "limits.chunkExtensionBytes",
    "max-chunk-extension-bytes",
    "bytes",
    16 * KIB,
    "chunk extensions of a whole body, more is 431",
  ],
  [
    "limits.trailerBytes",
    "max-trailer-bytes",
    "bytes",
    16 * KIB,
    "length of a trailer section, more is 431",
  ],
  [
    "limits.unreadBodyBytes",
    "max-unread-body-bytes",
    "bytes",
    64 * KIB,
    "unread body dropped to keep a connection",
  ],
  [
    "limits.lingerBytes",
    "max-linger-bytes",
    "bytes",
    8 * MIB,
    "data dropped while a connection closes",
  ],
  [
    "limits.connections",
    "max-connections",
    "count",
    10_000,
    "connections at a time",
    { least: 1 },
  ],
  [
    "limits.connectionsPerIp",
    "max-connections-per-ip",
    "count",
    UNLIMITED,
    "connections at a time from one address, one more is 503",
  ],
  [
    "limits.requestsPerConnection",
    "max-requests-per-connection",
    "count",
    UNLIMITED,
    "requests answered on one connection",
  ],
  [
    "limits.requestsInFlight",
    "max-requests-in-flight",
    "count",
    UNLIMITED,
    "requests at a time, one more is 503",
  ],
  [
    "limits.pipelineDepth",
    "max-pipeline-depth",
    "count",
    UNLIMITED,
    "requests that a client may send ahead",
  ],
  [
    "limits.bodyBytesPerSecond",
    "min-body-rate",
    "bytes",
    240,
    "least bytes a second of a request body",
  ],
];

const TIMEOUTS: readonly OptionRow[] = [
  [
    "timeouts.headersMs",
    "headers-timeout",
    "ms",
    15_000,
    "time for a header section to arrive",
  ],
  [
    "timeouts.tlsHandshakeMs",
    "tls-handshake-timeout",
    "ms",
    10_000,
    "time for a TLS handshake",
  ],
  [
    "timeouts.bodyGraceMs",
    "body-grace",
    "ms",
    5_000,
    "time that a body may be slower than its least rate",
  ],
  [
    "timeouts.handlerMs",
    "handler-timeout",
    "ms",
    0,
    "time for a handler to answer, more is 503",
  ],
  [
    "timeouts.bodyIdleMs",
    "body-idle-timeout",
    "ms",
    30_000,
    "time between two pieces of a request body",
  ],
  [
    "timeouts.writeIdleMs",
    "write-idle-timeout",
    "ms",
    30_000,
    "time without progress in sending",
  ],
  [
    "timeouts.keepAliveMs",
    "keep-alive-timeout",
    "ms",
    65_000,
    "time between an answer and the next request",
  ],
  [
    "timeouts.halfCloseMs",
    "half-close-timeout",
    "ms",
    1_000,
    "time that a client which ended its side is served on",
  ],
  [
    "timeouts.lingerMs",
    "linger-timeout",
    "ms",
    2_000,
    "time that a closing connection is read and dropped",
  ],
  [
    "timeouts.shutdownMs",
    "shutdown-timeout",
    "ms",
    25_000,
    "time that a shutdown waits for requests",
  ],
  [
    "timeouts.shutdownDelayMs",
    "shutdown-delay",
    "ms",
    0,
    "time that a shutdown accepts on while readiness fails",
  ],
];

function envName(flag: string): string {
  return `HTTPSERVER_${flag.replaceAll("-", "_").toUpperCase()}`;
}

/** Makes a part of a table of rows about the same. */
export function optionSpecs(
  group: string,
  rows: readonly OptionRow[],
): OptionSpec[] {
  return rows.map(([name, flag, kind, value, help, details]) => ({
    name,
    flag,
    env: envName(flag),
    kind,
    default: value,
    least: 0,
    help,
    group,
    ...details,
  }));
}

/** The table. */
export const OPTIONS: readonly OptionSpec[] = [
  ...optionSpecs("listen", LISTEN),
  ...optionSpecs("peers", PEERS),
  ...optionSpecs("limits", LIMITS),
  ...optionSpecs("timeouts", TIMEOUTS),
];
