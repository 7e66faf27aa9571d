/** This package, without middleware. */
import { HttpServer, json, ok, text } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers/static";
import { certificate, HELLO, listening, ROUTES, stream } from "./shared.ts";

const server = new HttpServer();
server.get("/", () => text(HELLO));
server.get("/json", () => json({ message: HELLO }));
const routes = Number(Deno.env.get("BENCH_ROUTES") ?? ROUTES);
for (let at = 0; at < routes; at++) {
  server.get(`/resource${at}/:id`, (request) => text(request.params.id));
}
server.post("/echo", async (request) => json(await request.json()));
server.get("/stream", () => ok(stream()));
const root = Deno.env.get("BENCH_FILES");
// As often as nginx is made to look, or more often: it does once a minute.
const cache = { checkMs: 1_000 };
if (root !== undefined) {
  server.get("/files/*path", staticFiles({ root, cache }));
}

const address = await server.listen({
  hostname: "127.0.0.1",
  port: 0,
  tls: certificate() ?? undefined,
});
if (address.transport === "tcp") listening(address.port);
