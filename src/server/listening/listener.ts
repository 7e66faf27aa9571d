/**
 * Opens the listener that {@linkcode ListenOptions} ask for: TCP, TLS or a Unix
 * socket.
 *
 * @module
 */

import {
  type ListenOptions,
  resolveListen,
  type TlsOptions,
} from "../options.ts";

// How many connections the kernel keeps until they are accepted: with a full
// queue it drops the next, whose client tries again only after a second.
const BACKLOG = 4096;

/** An open listener. */
export interface OpenListener {
  /** Accepts connections. */
  readonly listener: Deno.Listener<Deno.Conn>;
  /** True if they speak TLS. */
  readonly secure: boolean;
  /** Removes what the listener leaves behind. */
  cleanUp(): Promise<void>;
}

/**
 * Opens a listener.
 *
 * @throws {TypeError} If the options contradict each other.
 * @throws {Deno.errors.AddrInUse} If somebody listens there.
 */
export async function openListener(
  options: ListenOptions,
  expectsProxyHeader: boolean,
): Promise<OpenListener> {
  if (options.path !== undefined) {
    const listener = await openUnix(options);
    const { path } = listener.addr;
    return { listener, secure: false, cleanUp: () => removeFile(path) };
  }
  const cleanUp = () => Promise.resolve();
  const address = resolveListen(options);
  checkHostname(address.hostname);
  const where = {
    ...address,
    ...resolveSharing(options),
    tcpBacklog: BACKLOG,
  };
  if (options.tls === undefined) {
    return {
      listener: opening(showAddress(address), () => Deno.listen(where)),
      secure: false,
      cleanUp,
    };
  }
  if (expectsProxyHeader) {
    // The runtime's TLS listener takes the raw socket, with the header on it.
    throw new TypeError(
      "Cannot listen with tls and proxyProtocol: let the proxy end TLS",
    );
  }
  const { cert, key } = await readCertificate(options.tls);
  const alpnProtocols = ["http/1.1"];
  const listen = () => Deno.listenTls({ ...where, cert, key, alpnProtocols });
  const listener = opening(showAddress(address), listen);
  return { listener, secure: true, cleanUp };
}

/**
 * The option of the runtime to share the port, if it is asked for.
 *
 * @throws {TypeError} If the runtime was started without what it needs.
 */
function resolveSharing({ reusePort }: ListenOptions): { reusePort?: true } {
  if (reusePort !== true) return {};
  if (Deno.build.os === "windows") {
    throw new TypeError(
      "Cannot listen with reusePort on Windows: leave it out",
    );
  }
  // Asked for it without the flag, the runtime ends the process at once: no
  // catch sees that. The flag shows in this function.
  if ("listenDatagram" in Deno) return { reusePort: true };
  throw new TypeError(
    'Cannot listen with reusePort: start deno with --unstable-net, or set "unstable": ["net"] in deno.json',
  );
}

function showAddress(address: { hostname: string; port: number }): string {
  const { hostname, port } = address;
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

// A URL, or a port behind the name; the runtime would tell of a bad character.
function checkHostname(hostname: string): void {
  if (!/\/|^[^:]*:\d*$/.test(hostname)) return;
  throw new TypeError(
    `Cannot listen on the hostname ${
      JSON.stringify(hostname)
    }: take a name or an address alone, such as "0.0.0.0", and give the port as port`,
  );
}

const MENDS: readonly (readonly [
  new (message: string, options?: ErrorOptions) => Error,
  string,
])[] = [
  [
    Deno.errors.AddrInUse,
    "another program listens there: end it, or take another port, or 0 for a free one",
  ],
  [
    Deno.errors.AddrNotAvailable,
    "this machine has no such address: take one of its own, or 0.0.0.0 for all",
  ],
  [
    Deno.errors.PermissionDenied,
    "the system does not let this user: take a port from 1024, or a path that may be written",
  ],
];

const UNIX_MENDS: typeof MENDS = [
  ...MENDS,
  [Deno.errors.NotFound, "there is no such directory: make it first"],
];

/** The same error, with where it happened and how to mend it. */
function explain(
  to: string,
  error: unknown,
  mends: typeof MENDS,
): unknown {
  const found = mends.find(([Class]) => error instanceof Class);
  if (found === undefined) return error;
  const [Class, mend] = found;
  return new Class(`Cannot ${to}: ${mend}`, { cause: error });
}

function opening<T>(where: string, open: () => T, mends = MENDS): T {
  try {
    return open();
  } catch (error) {
    throw explain(`listen on ${where}`, error, mends);
  }
}

async function openUnix(options: ListenOptions): Promise<Deno.UnixListener> {
  const { path, hostname, port, tls, reusePort } = options;
  if (typeof path !== "string" || path === "") {
    throw new TypeError(
      `Cannot listen on path ${JSON.stringify(path)}: take a file name`,
    );
  }
  if (hostname !== undefined || port !== undefined || tls !== undefined) {
    throw new TypeError(
      `Cannot listen on path "${path}" with a hostname, a port or tls: take one or the other`,
    );
  }
  if (reusePort === true) {
    throw new TypeError(
      `Cannot listen on path "${path}" with reusePort: a Unix socket has no port to share`,
    );
  }
  await removeStaleSocket(path);
  return opening(
    JSON.stringify(path),
    () => Deno.listen({ transport: "unix", path }),
    UNIX_MENDS,
  );
}

// A server that was killed leaves its socket behind. One that somebody listens
// on stays, and so does any other file: listening then fails.
async function removeStaleSocket(path: string): Promise<void> {
  const info = await Deno.lstat(path).catch(() => null);
  if (!info?.isSocket) return;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await Deno.remove(path);
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function readCertificate(
  tls: TlsOptions,
): Promise<{ cert: string; key: string }> {
  // One after the other: with both missing, always the same is told.
  const cert = await readPem("cert", tls.cert, tls.certFile);
  const key = await readPem("key", tls.key, tls.keyFile);
  return { cert, key };
}

async function readPem(
  name: string,
  text: string | undefined,
  file: string | undefined,
): Promise<string> {
  if ((text === undefined) === (file === undefined)) {
    throw new TypeError(
      `Cannot listen with tls: give either tls.${name} or tls.${name}File`,
    );
  }
  const pem = text ?? await readFile(name, file ?? "");
  if (pem.includes("-----BEGIN ")) return pem;
  throw new TypeError(
    `Cannot listen with tls: ${
      file === undefined ? `tls.${name}` : JSON.stringify(file)
    } is not PEM: take text with a line "-----BEGIN ...", or the path of such a file as tls.${name}File`,
  );
}

async function readFile(name: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw explain(`read tls.${name}File ${JSON.stringify(file)}`, error, [
      [Deno.errors.NotFound, "there is no such file: make it first"],
      [Deno.errors.PermissionDenied, "let this user read it"],
    ]);
  }
}
