/**
 * Hono with the middleware that most sites have, as near as its packages come:
 * its logger has no JSON, so that one is written here, and it writes in batches
 * as ours does.
 */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { getConnInfo } from "hono/deno";
import { requestId, type RequestIdVariables } from "hono/request-id";
import { rateLimiter } from "hono-rate-limiter";
import { HELLO, listening, logFile } from "./shared.ts";

const file = await Deno.open(logFile("hono"), { create: true, append: true });
const encoder = new TextEncoder();
let lines = "";
setInterval(() => {
  if (lines === "") return;
  file.writeSync(encoder.encode(lines));
  lines = "";
}, 100);

const app = new Hono<{ Variables: RequestIdVariables }>();
app.use(requestId());
app.use(async (c, next) => {
  const started = performance.now();
  await next();
  lines += `${
    JSON.stringify({
      time: new Date().toISOString(),
      level: "info",
      requestId: c.var.requestId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      durationMs: performance.now() - started,
      remoteAddress: getConnInfo(c).remote.address,
      userAgent: c.req.header("user-agent"),
    })
  }\n`;
});
app.use(cors({ origin: "https://example.com" }));
app.use(rateLimiter({
  windowMs: 1000,
  limit: 1e9,
  keyGenerator: (c) => getConnInfo(c).remote.address ?? "",
}));
app.get("/json", (c) => c.json({ message: HELLO }));

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => listening(port),
}, app.fetch);
