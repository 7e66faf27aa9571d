/**
 * Limits: one for all of the API, a stricter one for logging in.
 *
 *   deno task deno run -A examples/06_rate_limit.ts
 *   curl -i http://127.0.0.1:8080/api/time
 *   for n in 1 2 3 4; do curl -i -d name=Ada http://127.0.0.1:8080/login; done
 */
import { HttpServer, ok } from "@x/httpserver";
import { rateLimit } from "@x/httpserver/middleware";
import { printUrl } from "./print_url.ts";

const server = new HttpServer();

// A token bucket for each client: 100 requests a minute, 10 of them at once.
server.use("/api", rateLimit({ requestsPerSecond: 100 / 60, burstSize: 10 }));
server.get("/api/time", () => ok({ now: new Date().toISOString() }));

// At most 3 attempts in any 10 minutes. It stands before the handler of one
// route. Behind a proxy the server has to trust it, or all clients are one:
//   new HttpServer({ clientAddress: trustProxies(["10.0.0.0/8"]) })
const attempts = rateLimit({
  name: "login",
  algorithm: "sliding-window",
  limit: 3,
  windowMs: 10 * 60_000,
  message: "Too many attempts: wait before you try again",
});
server.post("/login", attempts, () => ok({ welcome: true }));

// Several servers share a limit through a store:
//   import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
//   rateLimit({ ..., store: redisStore(client), onStoreError: "closed" })

await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
