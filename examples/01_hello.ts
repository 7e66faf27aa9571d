/**
 * The smallest server: one route, one answer.
 *
 *   deno task deno run -A examples/01_hello.ts
 *   curl http://127.0.0.1:8080/
 */
import { HttpServer, text } from "@x/httpserver";
import { printUrl } from "./print_url.ts";

const server = new HttpServer();

// A handler takes a request and returns an answer; `text` makes one.
server.get("/", () => text("Hello World\n"));

// `:name` takes one segment of the path; its type comes from the pattern.
server.get(
  "/hello/:name",
  (request) => text(`Hello ${request.params.name}\n`),
);

// Listens, and ends on Ctrl+C once every request has its answer.
await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
