/** Hono on `Deno.serve`. */
import { Hono } from "hono";
import { serveStatic } from "hono/deno";
import { HELLO, listening, ROUTES, stream } from "./shared.ts";

const app = new Hono();
app.get("/", (c) => c.text(HELLO));
app.get("/json", (c) => c.json({ message: HELLO }));
for (let at = 0; at < ROUTES; at++) {
  app.get(`/resource${at}/:id`, (c) => c.text(c.req.param("id")));
}
app.post("/echo", async (c) => c.json(await c.req.json()));
app.get("/stream", () => new Response(stream()));
const root = Deno.env.get("BENCH_FILES");
if (root !== undefined) {
  app.get(
    "/files/*",
    serveStatic({ root, rewriteRequestPath: (path) => path.slice(6) }),
  );
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => listening(port),
}, app.fetch);
