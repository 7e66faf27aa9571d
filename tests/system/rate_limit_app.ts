/** A server whose limit is in Redis. Its argument is `LimitSettings` as JSON. */
import { HttpServer, ok } from "@x/httpserver";
import {
  rateLimit,
  type RateLimitOptions,
} from "@x/httpserver/middleware/rate-limit";
import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
import { type ClientName, connectRedis } from "./redis.ts";

/** What the server is started with. */
export interface LimitSettings {
  readonly client: ClientName;
  readonly redisPort: number;
  readonly limit: RateLimitOptions;
}

if (import.meta.main) {
  const { client, redisPort, limit }: LimitSettings = JSON.parse(Deno.args[0]);
  const connected = await connectRedis(client, redisPort);
  const store = redisStore(connected.client);
  const server = new HttpServer()
    .use(rateLimit({ ...limit, store }))
    .get("/", () => ok("hello"));
  await server.run({
    port: 0,
    onListen: (address) => {
      const { port } = address as Deno.NetAddr;
      console.log(`Listening on http://127.0.0.1:${port}/`);
    },
  });
  await connected.close();
}
