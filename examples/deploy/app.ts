/**
 * One of several replicas behind a proxy: it keeps nothing itself, and counts
 * its rate limit in a Redis that all replicas share. The files beside this one
 * run it by systemd, Docker or Kubernetes; README.md tells more.
 *
 *   deno task deno run --allow-net --allow-env examples/deploy/app.ts
 *
 * | variable | what it is | without it |
 * | --- | --- | --- |
 * | `HOST`, `PORT` | where to listen | 127.0.0.1, 8080 |
 * | `REPLICA` | a name to tell replicas apart | the port |
 * | `REDIS_URL` | where the rate limit is counted | this process |
 * | `TRUSTED_PROXIES` | addresses and networks, with commas between | none |
 * | `RATE_LIMIT` | requests of a client a minute, below `/api` | 600 |
 * | `SHUTDOWN_DELAY_MS` | how long it accepts on, not ready any more | 5000 |
 * | `SHUTDOWN_MS` | how long a shutdown may take, that delay included | 30000 |
 */
import { HttpServer, ok } from "@x/httpserver";
import { HealthCheck } from "@x/httpserver/handlers/health";
import { Metrics } from "@x/httpserver/metrics";
import {
  ipFilter,
  logging,
  rateLimit,
  requestId,
  secureHeaders,
} from "@x/httpserver/middleware";
import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
import { trustProxies } from "@x/httpserver/proxies";
import { createClient } from "redis";

function setting(name: string, otherwise: string): string {
  return Deno.env.get(name) || otherwise;
}

const port = Number(setting("PORT", "8080"));
const redisUrl = setting("REDIS_URL", "");
const proxies = setting("TRUSTED_PROXIES", "");

// Commands fail at once while Redis is out, so that no request waits for it.
const redis = createClient({
  url: redisUrl || undefined,
  disableOfflineQueue: true,
  // Else it looks up more of the machine than it is permitted here.
  maintNotifications: "disabled",
  socket: { connectTimeout: 1_000, reconnectStrategy: () => 200 },
});
redis.on("error", () => {}); // the rate limit warns in the log
const isShared = redisUrl !== "";
// It goes on trying by itself: the server starts without Redis too.
const connecting = isShared ? redis.connect().catch(() => {}) : null;

const health = new HealthCheck({ details: "none" });
if (isShared) {
  // Without Redis the limit is off and the service is not: "degraded", 200.
  health.addCheck("redis", async () => ({
    healthy: await redis.ping() === "PONG",
  }), { critical: false, timeoutMs: 500, cacheMs: 1_000 });
}

const metrics = new Metrics();
const server = new HttpServer({
  clientAddress: proxies === ""
    ? undefined
    : trustProxies(proxies.split(",").map((one) => one.trim())),
  timeouts: {
    shutdownDelayMs: Number(setting("SHUTDOWN_DELAY_MS", "5000")),
    shutdownMs: Number(setting("SHUTDOWN_MS", "30000")),
  },
});

server.use(
  metrics.middleware,
  // The proxy makes the id, so that its log and ours tell the same.
  requestId({ trustIncoming: proxies !== "" }),
  logging({
    format: "json",
    skip: ({ path }) => path.startsWith("/health/"),
  }),
  secureHeaders(),
);
server.use("/metrics", ipFilter({ allow: ["loopback", "private"] }));
server.use(
  "/api",
  rateLimit({
    name: "api",
    algorithm: "sliding-window",
    limit: Number(setting("RATE_LIMIT", "600")),
    windowMs: 60_000,
    store: isShared ? redisStore(redis) : undefined,
  }),
);

server
  .get("/metrics", metrics.handler)
  .get("/health/live", health.liveness)
  .get("/health/ready", health.readiness)
  .get("/health/startup", health.startup);

server.get("/", (request) =>
  ok({
    replica: setting("REPLICA", `${port}`),
    client: request.ip,
    secure: request.secure,
  }));
for (const method of ["POST", "PUT"]) {
  server.on(
    method,
    "/count",
    async (request) => ok({ bytes: (await request.bytes()).length }),
  );
}
server.get("/api/time", () => ok({ now: new Date().toISOString() }));

await server.run({
  hostname: setting("HOST", "127.0.0.1"),
  port,
  onListen(address) {
    const { hostname, port } = address as Deno.NetAddr;
    console.log(`Listening on http://${hostname}:${port}/`);
  },
});
if (connecting !== null) redis.destroy();
