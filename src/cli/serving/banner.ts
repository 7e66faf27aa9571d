/**
 * What is printed once the server listens.
 *
 * @module
 */

import { VERSION } from "../version.ts";

/** An address of a network interface. */
export type InterfaceAddress = Pick<
  Deno.NetworkInterfaceInfo,
  "address" | "family"
>;

function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

// Without the permission there is no prompt for a mere line of text.
function interfaceAddresses(): InterfaceAddress[] {
  const wanted = { name: "sys", kind: "networkInterfaces" } as const;
  const { state } = Deno.permissions.querySync(wanted);
  return state === "granted" ? Deno.networkInterfaces() : [];
}

// A link-local IPv6 address needs a zone, which no browser takes.
function isReachable({ address, family }: InterfaceAddress): boolean {
  return family === "IPv4"
    ? !address.startsWith("127.")
    : address !== "::1" && !/^fe[89ab]/i.test(address);
}

function hostNames(
  hostname: string,
  interfaces: () => readonly InterfaceAddress[],
): string[] {
  if (!isWildcard(hostname)) return [hostname];
  const others = interfaces().filter((each) =>
    isReachable(each) && (each.family === "IPv4" || hostname === "::")
  );
  return ["localhost", ...others.map(({ address }) => address)];
}

/**
 * The URLs that a browser on this machine or next to it can open, the one on
 * this machine first.
 *
 * @param scheme `"https"` where the server speaks TLS.
 */
export function serverUrls(
  address: Deno.NetAddr,
  interfaces: () => readonly InterfaceAddress[] = interfaceAddresses,
  scheme: "http" | "https" = "http",
): string[] {
  return hostNames(address.hostname, interfaces).map((name) => {
    const host = name.includes(":") ? `[${name}]` : name;
    // As the URL class does it, without a port 80.
    return new URL(`${scheme}://${host}:${address.port}/`).href;
  });
}

const LEAD = "Listening on ";
const NETWORK = "  network:   ";

function highlight(text: string, hasColor: boolean): string {
  return hasColor ? `\x1b[1;36m${text}\x1b[0m` : text;
}

/**
 * The lines to print once the server listens.
 *
 * @param urls Where it does, or the path of a Unix socket.
 */
export function bannerText(
  urls: readonly string[],
  serves: string,
  hasColor = false,
): string {
  const [first, ...more] = urls.map((url) => highlight(url, hasColor));
  return [
    LEAD + first,
    ...more.map((url) => NETWORK + url),
    `Serving ${serves} with httpserver ${VERSION}`,
  ].join("\n");
}
