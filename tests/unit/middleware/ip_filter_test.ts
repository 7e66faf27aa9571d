import { assertEquals, assertThrows } from "@std/assert";
import { HttpServer, ok } from "@x/httpserver";
import { trustProxies } from "@x/httpserver/proxies";
import {
  ipFilter,
  type IpFilterOptions,
} from "../../../src/middleware/ip_filter.ts";
import { fakeRequest, run } from "./fakes.ts";

async function passes(
  options: IpFilterOptions,
  address: string | Deno.Addr,
): Promise<boolean> {
  const remoteAddress: Deno.Addr = typeof address === "string"
    ? { transport: "tcp", hostname: address, port: 1 }
    : address;
  const server = new HttpServer();
  server.use(ipFilter(options)).get("/", () => ok());
  const { status } = await server.inject({ remoteAddress });
  if (status !== 200) assertEquals(status, 403);
  return status === 200;
}

Deno.test("ipFilter() lets in who is allowed and not denied", async () => {
  const both = {
    allow: ["10.0.0.0/8", "2001:db8::/32"],
    deny: ["10.6.0.0/16"],
  };
  const table: [options: IpFilterOptions, ip: string, passes: boolean][] = [
    [both, "10.1.2.3", true],
    [both, "10.6.2.3", false],
    [both, "11.1.2.3", false],
    [both, "2001:db8::7", true],
    [both, "2001:db9::7", false],
    [both, "::ffff:10.1.2.3", true],
    [both, "::ffff:a06:203", false],
    [{ allow: [] }, "10.1.2.3", false],
    [{ allow: ["loopback"] }, "127.0.0.1", true],
    [{ allow: ["loopback"] }, "::1", true],
    [{ deny: ["192.0.2.0/24"] }, "192.0.2.9", false],
    [{ deny: ["192.0.2.0/24"] }, "::ffff:192.0.2.9", false],
    [{ deny: ["192.0.2.0/24"] }, "192.0.3.9", true],
    [{ deny: ["fe80::/10"] }, "fe80::1%eth0", false],
    [{ allow: ["fe80::/10"] }, "fe80::1%2", true],
    [{ allow: ["0.0.0.0/0"] }, "::1", false],
  ];
  for (const [options, ip, expected] of table) {
    assertEquals(await passes(options, ip), expected, ip);
  }
});

Deno.test("ipFilter() lets a client without an address in only if none is asked for", async () => {
  const unix: Deno.Addr = { transport: "unix", path: "/run/x" };
  assertEquals(await passes({ allow: ["0.0.0.0/0", "::/0"] }, unix), false);
  assertEquals(await passes({ deny: ["0.0.0.0/0", "::/0"] }, unix), true);
});

Deno.test("ipFilter() goes by what a trusted proxy tells, and nobody else", async () => {
  const server = new HttpServer({
    clientAddress: trustProxies(["10.0.0.1"]),
  });
  server.use(ipFilter({ allow: ["192.0.2.0/24"] })).get("/", () => ok());
  const table: [peer: string, forwarded: string, status: number][] = [
    ["10.0.0.1", "192.0.2.7", 200],
    ["10.0.0.1", "198.51.100.1", 403],
    // The client's own invention stands to the left.
    ["10.0.0.1", "192.0.2.7, 198.51.100.1", 403],
    ["198.51.100.1", "192.0.2.7", 403],
  ];
  for (const [hostname, forwarded, status] of table) {
    const response = await server.inject({
      headers: { "x-forwarded-for": forwarded },
      remoteAddress: { transport: "tcp", hostname, port: 1 },
    });
    assertEquals(response.status, status, `${hostname} ${forwarded}`);
  }
});

Deno.test("ipFilter() passes on what the handler answers", async () => {
  const request = fakeRequest();
  const response = await run(ipFilter({ deny: [] }), request);
  assertEquals(response.status, 200);
});

Deno.test("ipFilter() throws for ranges that are none", () => {
  const table: [options: unknown, message: string][] = [
    [{}, '"allow" or "deny"'],
    [{ allow: "10.0.0.0/8" }, "array"],
    [{ allow: ["10.0.0.0/33"] }, '"10.0.0.0/33"'],
    [{ deny: ["example.com"] }, '"example.com"'],
    [{ deny: ["::ffff:10.0.0.0/8"] }, "97"],
    [{ deny: ["10.0.0.1"], block: [] }, '"block"'],
  ];
  for (const [options, message] of table) {
    assertThrows(
      () => ipFilter(options as IpFilterOptions),
      TypeError,
      message,
    );
  }
});
