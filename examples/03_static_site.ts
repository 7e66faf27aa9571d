/**
 * A site from the files in `examples/site`, beside the API that its page uses.
 *
 *   deno task deno run -A examples/03_static_site.ts
 *   and open http://127.0.0.1:8080/ in a browser
 */
import { HttpServer } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers";
import { usersApi } from "./02_rest_api.ts";
import { printUrl } from "./print_url.ts";

const server = new HttpServer();

server.mount("/api/users", usersApi());

// `*path` takes the rest of the path, and names a file below the root. Nothing
// outside of the root is served, whatever the path says.
server.get(
  "/*path",
  staticFiles({
    root: new URL("./site/", import.meta.url),
    cacheMaxAge: 60, // seconds in which a browser does not ask again
    cacheControl: { "*.html": "no-cache" }, // but for pages it always asks
    cleanUrls: "redirect", // about.html is /about, and index.html is /
    notFound: "404.html",
    listing: true, // /images/ has no index.html, so it shows what is in it
    precompressed: true, // style.css.br goes in place of style.css
  }),
);

await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
