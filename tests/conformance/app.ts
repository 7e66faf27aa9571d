/**
 * The application that HTTP conformance suites are run against:
 * `deno task deno run -A tests/conformance/app.ts [PORT]`.
 *
 * @module
 */

import { HttpServer, ok, text } from "@x/httpserver";

/** A server with the endpoints that the suites ask for. */
export function contractApp(): HttpServer {
  // Some cases announce a body of nearly 1 GB and wait for what happens.
  const server = new HttpServer({ limits: { bodyBytes: 2 ** 30 } });
  const echo = (request: { rawHeaders: [string, string][] }) =>
    text(
      request.rawHeaders.map(([name, value]) => `${name}: ${value}\n`).join(""),
    );
  return server
    .get("/", () => text("OK"))
    .post("/", async (request) => ok(await request.bytes()))
    .get("/echo", echo)
    .post("/echo", echo)
    .get(
      "/cookie",
      ({ cookies }) =>
        text(
          [...cookies].map(([name, value]) => `${name}=${value}\n`).join(""),
        ),
    );
}

if (import.meta.main) {
  await contractApp().run({
    port: Number(Deno.args[0] ?? 8080),
    onListen: () => console.log("listening"),
  });
}
