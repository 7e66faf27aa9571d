/**
 * What is printed once the server listens.
 *
 * @module
 */

import { VERSION } from "./version.ts";

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

/** The URLs that a browser on this machine or next to it can open. */
export function serverUrls(
  address: Deno.NetAddr,
  interfaces: () => readonly InterfaceAddress[] = interfaceAddresses,
): string[] {
  return hostNames(address.hostname, interfaces).map((name) => {
    const host = name.includes(":") ? `[${name}]` : name;
    // As the URL class does it, without a port 80.
    return new URL(`http://${host}:${address.port}/`).href;
  });
}

/** The lines to print once the server listens. */
export function bannerText(urls: readonly string[], serves: string): string {
  const lead = "Listening on ";
  const [first, ...more] = urls;
  return [
    lead + first,
    ...more.map((url) => " ".repeat(lead.length) + url),
    `Serving ${serves} with httpserver ${VERSION}`,
  ].join("\n");
}
