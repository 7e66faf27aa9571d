/** Servers with few time-outs, and connections that they surely know. */
import { type HttpServer, ok, type ServerTimeouts } from "@x/httpserver";
import type { RawClient } from "./raw_client.ts";
import { Site, turn } from "./site.ts";

const OFF = {
  headersMs: 0,
  handlerMs: 0,
  bodyIdleMs: 0,
  writeIdleMs: 0,
  keepAliveMs: 0,
  halfCloseMs: 0,
  lingerMs: 0,
};
/** A day, in ms. */
export const DAY_MS = 86_400_000;

/** A server of which only the given time-outs are on. */
export function only(
  timeouts: Partial<ServerTimeouts>,
  define: (server: HttpServer) => unknown = defineHello,
): Promise<Site> {
  return Site.start(define, {
    timeouts: { ...OFF, ...timeouts },
    limits: { bodyBytesPerSecond: 0 },
  });
}

/** Routes for any of these tests. */
export function defineHello(server: HttpServer): void {
  server.get("/", () => ok("hello"));
  server.post("/read", async (request) => ok(await request.text()));
}

/** Waits until the server has as many connections. */
export async function connections(site: Site, count: number): Promise<void> {
  const until = performance.now() + 5_000;
  while (site.server.stats().connections !== count) {
    if (performance.now() > until) {
      throw new Error(`There are ${site.server.stats().connections}`);
    }
    await turn();
  }
}

/** A connection that the server knows and has taken these bytes from. */
export async function open(site: Site, text = ""): Promise<RawClient> {
  const count = site.server.stats().connections + 1;
  const client = await site.connect();
  await connections(site, count);
  if (text !== "") await client.send(text);
  for (let n = 0; n < 30; n++) await turn();
  return client;
}

/** The tick of a server whose shortest time-out this is, in ms. */
export function tick(ms: number): number {
  return Math.min(250, Math.max(5, Math.floor(ms / 10)));
}
