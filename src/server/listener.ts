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
} from "./options.ts";

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
  const address = { ...resolveListen(options), tcpBacklog: BACKLOG };
  const sharing = resolveSharing(options);
  if (options.tls === undefined) {
    return {
      listener: Deno.listen({ ...address, ...sharing }),
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
  const listener = Deno.listenTls({
    ...address,
    ...sharing,
    cert,
    key,
    alpnProtocols,
  });
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
  return Deno.listen({ transport: "unix", path });
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
  const [cert, key] = await Promise.all([
    readPem("cert", tls.cert, tls.certFile),
    readPem("key", tls.key, tls.keyFile),
  ]);
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
  const pem = text ?? await Deno.readTextFile(file ?? "");
  if (pem.includes("-----BEGIN ")) return pem;
  throw new TypeError(
    `Cannot listen with tls: ${
      file === undefined ? `tls.${name}` : JSON.stringify(file)
    } is not PEM`,
  );
}
