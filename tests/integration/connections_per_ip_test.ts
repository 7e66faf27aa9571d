/** Whose connections `limits.connectionsPerIp` counts. */
import { assertEquals } from "@std/assert";
import { type HttpServerOptions, ok } from "@x/httpserver";
import type { RawClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { Site } from "../support/site.ts";
import { connections } from "../support/timed_site.ts";

const CLIENT = "192.0.2.1";
const OTHER = "192.0.2.2";

function start(options: HttpServerOptions = {}): Promise<Site> {
  return Site.start((server) => {
    server.get("/", (request) => ok(request.ip));
  }, { limits: { connectionsPerIp: 2 }, ...options });
}

const TRUSTED = { proxyProtocol: { trusted: ["127.0.0.1"] } };

/** Asks as a proxy does for a client; the connection stays. */
async function askFor(
  site: Site,
  ip: string,
): Promise<[client: RawClient, status: number]> {
  const client = await site.connect();
  const header = `PROXY TCP4 ${ip} 127.0.0.1 1000 80\r\n`;
  const { status } = await client.ask(header + get("/"));
  return [client, status];
}

Deno.test("limits.connectionsPerIp counts the client's connections when a proxy tells of it", async () => {
  await using site = await start(TRUSTED);
  const clients: RawClient[] = [];
  const statuses: number[] = [];
  for (const ip of [CLIENT, CLIENT, CLIENT, OTHER, OTHER, OTHER]) {
    const [client, status] = await askFor(site, ip);
    clients.push(client);
    statuses.push(status);
  }
  assertEquals(statuses, [200, 200, 503, 200, 200, 503]);
  clients[0].close();
  clients[2].close();
  clients[5].close();
  await connections(site, 3);
  const [again, status] = await askFor(site, CLIENT);
  assertEquals(status, 200);
  for (const client of [...clients, again]) client.close();
});

Deno.test("limits.connectionsPerIp takes an IPv4-mapped client for the IPv4 one", async () => {
  await using site = await start(TRUSTED);
  const clients: RawClient[] = [];
  const statuses: number[] = [];
  for (const ip of [CLIENT, `::ffff:${CLIENT}`, CLIENT]) {
    const client = await site.connect();
    clients.push(client);
    const [family, own] = ip.includes(":") ? ["6", "::1"] : ["4", "127.0.0.1"];
    const header = `PROXY TCP${family} ${ip} ${own} 1000 80\r\n`;
    statuses.push((await client.ask(header + get("/"))).status);
  }
  assertEquals(statuses, [200, 200, 503]);
  for (const client of clients) client.close();
});

Deno.test("limits.connectionsPerIp never counts the proxy itself", async () => {
  await using site = await start(TRUSTED);
  const clients: RawClient[] = [];
  for (let n = 0; n < 5; n++) {
    // As its health checks, and before it has told whom it speaks for.
    clients.push(await site.connect());
    const probe = await site.connect();
    clients.push(probe);
    const answer = await probe.ask("PROXY UNKNOWN\r\n" + get("/"));
    assertEquals([answer.status, answer.text], [200, "127.0.0.1"]);
  }
  for (const client of clients) client.close();
  await connections(site, 0);
  const [client, status] = await askFor(site, CLIENT);
  assertEquals(status, 200);
  client.close();
});

Deno.test("limits.connectionsPerIp counts a peer that is no proxy", async () => {
  await using site = await start({
    proxyProtocol: { trusted: ["198.51.100.1"] },
  });
  const clients: RawClient[] = [];
  const statuses: number[] = [];
  for (let n = 0; n < 3; n++) {
    const client = await site.connect();
    clients.push(client);
    statuses.push((await client.ask(get("/"))).status);
  }
  assertEquals(statuses, [200, 200, 503]);
  for (const client of clients) client.close();
});
