/**
 * A server that somebody else runs: it listens nowhere itself.
 *
 *   deno task deno serve examples/04_deploy.ts           (as on Deno Deploy)
 *   deno task deno run -A src/cli/main.ts examples/04_deploy.ts
 */
import { badRequest, HttpServer, json, redirect, text } from "@x/httpserver";

const server = new HttpServer();

server.get("/", () => text("hello"));

server.get("/hello/:name", (request) => json({ hello: request.params.name }));

server.get("/old", () => redirect("/", { permanent: true }));

// A web Response is as good as one of our own.
server.get("/web", () => new Response("<h1>web</h1>", { status: 203 }));

server.post("/sum", async (request) => {
  const numbers = await request.json();
  if (!Array.isArray(numbers) || !numbers.every(Number.isFinite)) {
    return badRequest("send a list of numbers");
  }
  return json({ sum: numbers.reduce((a, b) => a + b, 0) });
});

// Nothing more: `deno serve`, Deno Deploy and our command line take it from here.
export default server;
