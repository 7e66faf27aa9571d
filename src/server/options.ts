/**
 * The options of a server as the API takes them, checked and with the defaults
 * of the option table filled in.
 *
 * @module
 */

import type { ProtocolLimits } from "../protocol/limits.ts";
import type { ClientResolver } from "../http/forwarded.ts";
import type { RequestRewriter } from "../http/handler.ts";
import { checkFunction } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { describeValue } from "../http/values.ts";
import type { Clock } from "./clock.ts";
import type { LogFunction } from "./log.ts";
import { OPTIONS, type OptionSpec } from "./option_table.ts";
import type { ShutdownOptions } from "./shutdown.ts";

/** Bounds, in bytes unless stated. */
export interface ServerLimits extends ProtocolLimits {
  /** Length of a request body; more is 413. A route may have its own. */
  readonly bodyBytes: number;
  /** Unread body that is read and dropped to keep a connection; with more it is closed. */
  readonly unreadBodyBytes: number;
  /** What a connection is read and dropped at its end, so that the peer sees the answer. */
  readonly lingerBytes: number;
  /** Number of connections at a time, from 1; accepting pauses at it. */
  readonly connections: number;
  /** Number of connections at a time from one IP address; one more is answered 503. */
  readonly connectionsPerIp: number;
  /** Requests answered on one connection, which is then closed. */
  readonly requestsPerConnection: number;
  /** Requests being answered at a time; one more is 503 with Retry-After. */
  readonly requestsInFlight: number;
  /** Requests that a client may send ahead in a row; the connection closes behind the last of them. */
  readonly pipelineDepth: number;
  /** The least rate of a body in bytes a second, behind `timeouts.bodyGraceMs`; 0 asks for none. */
  readonly bodyBytesPerSecond: number;
}

/** Time-outs in milliseconds; 0 turns one off. */
export interface ServerTimeouts {
  /** From a request's first byte, or the connection's start, to the end of the header section. */
  readonly headersMs: number;
  /** For the TLS handshake. */
  readonly tlsHandshakeMs: number;
  /** Between two pieces of a request body. */
  readonly bodyIdleMs: number;
  /** How long a body may be slower than `limits.bodyBytesPerSecond`; only waiting for the client counts. */
  readonly bodyGraceMs: number;
  /** For a handler to answer; more is 503 and aborts `request.signal`. */
  readonly handlerMs: number;
  /** Without progress in sending an answer. */
  readonly writeIdleMs: number;
  /** Between an answer and the next request. */
  readonly keepAliveMs: number;
  /** How long a client that has ended its side is served on. */
  readonly halfCloseMs: number;
  /** How long a closing connection is read and dropped. */
  readonly lingerMs: number;
  /** How long a shutdown waits for requests before it cuts them. */
  readonly shutdownMs: number;
  /**
   * How long a shutdown goes on accepting while readiness fails, for load
   * balancers to see it; a part of `shutdownMs`. Answers tell to close meanwhile,
   * and connections that nothing comes on for 500 ms are closed.
   */
  readonly shutdownDelayMs: number;
}

/** Options of an `HttpServer`; each has a default. */
export interface HttpServerOptions {
  /** Bounds of messages and connections. */
  limits?: Partial<ServerLimits>;
  /** Time-outs in milliseconds. */
  timeouts?: Partial<ServerTimeouts>;
  /** Takes the server's own reports. @default {warnings and errors to standard error} */
  log?: LogFunction;
  /** Hosts that requests may be for, such as `example.com`, `.example.com` or `localhost:8080`; others are 421. @default {any} */
  allowedHosts?: readonly string[];
  /** Tells who the client behind a proxy is, see `trustProxies` in `./proxies`. @default {the peer of the connection} */
  clientAddress?: ClientResolver;
  /** Expects a PROXY protocol header (v1 or v2) on connections from these addresses or CIDRs. @default {none} */
  proxyProtocol?: ProxyProtocolOptions;
  /** Run on each request, in this order, before a route is chosen, such as `methodOverride()`. @default {[]} */
  beforeRouting?: readonly RequestRewriter[];
  /** The clock that time-outs and the Date field read. @default {the machine's time} */
  clock?: Clock;
}

/** Who may send a PROXY protocol header. */
export interface ProxyProtocolOptions {
  /** Addresses or CIDRs of the proxies; from these the header is required. */
  trusted: readonly string[];
}

/** A certificate and its key, as PEM text or as paths of PEM files. */
export interface TlsOptions {
  /** The certificate chain, PEM. */
  cert?: string;
  /** Its private key, PEM. */
  key?: string;
  /** A file with the certificate chain. */
  certFile?: string;
  /** A file with its private key. */
  keyFile?: string;
}

/** Where to listen. */
export interface ListenOptions {
  /** The address to listen on. @default {"127.0.0.1"} */
  hostname?: string;
  /** The port; 0 takes a free one. @default {8000} */
  port?: number;
  /** Listens on a Unix socket at this path, in place of hostname and port. */
  path?: string;
  /** Speaks TLS with this certificate, ALPN `http/1.1`. */
  tls?: TlsOptions;
  /**
   * Shares the port with other processes that do (SO_REUSEPORT), for several
   * workers or a hand-over; needs `--unstable-net`. @default {false}
   */
  reusePort?: boolean;
  /** Called with the address once the server listens. */
  onListen?: (address: Deno.Addr) => void;
}

const SERVER_OPTIONS = [
  "limits",
  "timeouts",
  "log",
  "allowedHosts",
  "clientAddress",
  "proxyProtocol",
  "beforeRouting",
  "clock",
];
const LISTEN_OPTIONS = [
  "hostname",
  "port",
  "path",
  "tls",
  "reusePort",
  "onListen",
];
const TLS_OPTIONS = ["cert", "key", "certFile", "keyFile"];

function findSpec(name: string): OptionSpec | undefined {
  return OPTIONS.find((spec) => spec.name === name);
}

// Throws for a value that an option of this kind can't have.
function checkValue(spec: OptionSpec, value: unknown): void {
  if (spec.kind === "text") {
    if (typeof value === "string" && value !== "") return;
    throw new TypeError(
      `Cannot use ${
        describeValue(value)
      } as ${spec.name}: take a non-empty string`,
    );
  }
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot use ${describeValue(value)} as ${spec.name}: take a number`,
    );
  }
  const most = spec.kind === "port" ? 65_535 : Number.MAX_SAFE_INTEGER;
  const { name, least } = spec;
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Cannot use ${value} as ${name}: take an integer from ${least} to ${most}`,
    );
  }
}

// The members of a group, given ones over defaults.
function resolveGroup(
  group: string,
  given: Readonly<Record<string, unknown>>,
): Record<string, number> {
  const prefix = `${group}.`;
  const specs = OPTIONS.filter((spec) => spec.name.startsWith(prefix));
  const known = specs.map((spec) => spec.name.slice(prefix.length));
  checkOptionNames(group, given, known);
  const resolved: Record<string, number> = {};
  for (const spec of specs) {
    const value = given[spec.name.slice(prefix.length)] ?? spec.default;
    checkValue(spec, value);
    resolved[spec.name.slice(prefix.length)] = Number(value);
  }
  return resolved;
}

/**
 * Checks the options of a server, but for the members of its groups.
 *
 * @throws {TypeError} For an unknown name or a value of the wrong type.
 */
export function checkOptions(options: HttpServerOptions): void {
  checkOptionNames("HttpServer", options, SERVER_OPTIONS);
  const { clock, proxyProtocol } = options;
  if (clock !== undefined) {
    for (const name of ["now", "date", "every"] as const) {
      if (typeof clock?.[name] === "function") continue;
      throw new TypeError(
        `Cannot use ${
          describeValue(clock)
        } as clock of HttpServer, as it lacks ${name}(): take a FakeClock, or an object with now(), date() and every()`,
      );
    }
  }
  checkFunction("log of HttpServer", options.log);
  checkFunction("clientAddress of HttpServer", options.clientAddress);
  if (proxyProtocol !== undefined) {
    checkOptionNames("proxyProtocol", proxyProtocol, ["trusted"]);
  }
}

/**
 * Checks the names of the options of `listen()` and what can be told of their
 * values.
 *
 * @throws {TypeError} For an unknown name or a value of the wrong type.
 */
export function checkListen(options: ListenOptions): void {
  checkOptionNames("listen()", options, LISTEN_OPTIONS);
  checkFunction("onListen of listen()", options.onListen);
  const { reusePort }: { reusePort?: unknown } = options;
  if (reusePort !== undefined && typeof reusePort !== "boolean") {
    throw new TypeError(
      `Cannot use ${describeValue(reusePort)} as reusePort: take true or false`,
    );
  }
  if (options.tls !== undefined) {
    checkOptionNames("tls", options.tls, TLS_OPTIONS);
  }
}

/**
 * Checks the options of `shutdown()`.
 *
 * @throws {TypeError} For an unknown name or a value of the wrong type.
 * @throws {RangeError} For a time that is none.
 */
export function checkShutdown(options: ShutdownOptions): void {
  checkOptionNames("shutdown()", options, ["graceMs"]);
  const { graceMs }: { graceMs?: unknown } = options;
  if (graceMs === undefined) return;
  if (typeof graceMs !== "number") {
    throw new TypeError(
      `Cannot use ${describeValue(graceMs)} as graceMs: take milliseconds`,
    );
  }
  if (graceMs >= 0) return;
  throw new RangeError(
    `Cannot use ${graceMs} as graceMs: take a number from 0`,
  );
}

/**
 * The limits with defaults filled in.
 *
 * @throws {TypeError} For an unknown name or a value that is no number.
 * @throws {RangeError} For a value that is no safe integer from 0.
 */
export function resolveLimits(given: Partial<ServerLimits> = {}): ServerLimits {
  const group = given as Readonly<Record<string, unknown>>;
  return resolveGroup("limits", group) as unknown as ServerLimits;
}

/**
 * The time-outs with defaults filled in.
 *
 * @throws {TypeError} For an unknown name or a value that is no number.
 * @throws {RangeError} For a value that is no safe integer from 0.
 */
export function resolveTimeouts(
  given: Partial<ServerTimeouts> = {},
): ServerTimeouts {
  const group = given as Readonly<Record<string, unknown>>;
  return resolveGroup("timeouts", group) as unknown as ServerTimeouts;
}

/**
 * Where to listen, with defaults filled in.
 *
 * @throws {TypeError} For a value of the wrong type.
 * @throws {RangeError} For a port that is none.
 */
export function resolveListen(given: ListenOptions = {}): {
  hostname: string;
  port: number;
} {
  checkListen(given);
  const resolved: Record<string, unknown> = {};
  for (const name of ["hostname", "port"] as const) {
    const spec = findSpec(name);
    if (spec === undefined) continue;
    resolved[name] = given[name] ?? spec.default;
    checkValue(spec, resolved[name]);
  }
  return resolved as { hostname: string; port: number };
}
