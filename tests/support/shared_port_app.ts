/** Servers that share a port: `shared_port_app.ts [PORT] [two]`. Tells in one
 * line what listening has led to. */
import { HttpServer, ok } from "@x/httpserver";

const [port = "0", count = "one"] = Deno.args;
const server = new HttpServer();
server.get("/", () => ok(String(Deno.pid)));
try {
  const address = await server.listen({ port: Number(port), reusePort: true });
  const shared = (address as Deno.NetAddr).port;
  if (count === "two") {
    await using second = new HttpServer();
    await second.listen({ port: shared, reusePort: true });
  }
  console.log(`Listening on http://127.0.0.1:${shared}/`);
} catch (error) {
  console.log(String(error));
}
await server.shutdown();
