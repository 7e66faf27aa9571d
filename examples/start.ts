/**
 * What `deno task start` runs: the site, the API and the health check together.
 */
import { HttpServer } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers";
import { logging, requestId } from "@x/httpserver/middleware";
import { healthRoutes, usersApi } from "./02_rest_api.ts";
import { printUrl } from "./print_url.ts";

const server = new HttpServer();

// The order counts: an id first, so that the log can tell it.
server.use(requestId(), logging());

server.mount("/api/users", usersApi());
server.mount("/health", healthRoutes());
server.get(
  "/*path",
  staticFiles({ root: new URL("./site/", import.meta.url), listing: true }),
);

await server.run({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
