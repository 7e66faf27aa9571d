/** `Deno.serve`, without a router: the fastest that its users can write. */
import { serveFile } from "./deno_files.ts";
import { certificate, HELLO, listening, stream } from "./shared.ts";

async function handle(request: Request): Promise<Response> {
  return Response.json(await request.json());
}

const FILES = "/files/";

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  ...certificate(),
  onListen: ({ port }) => listening(port),
}, (request) => {
  const path = request.url.slice(request.url.indexOf("/", 8));
  if (path === "/") return new Response(HELLO);
  if (path === "/json") return Response.json({ message: HELLO });
  if (path === "/echo") return handle(request);
  if (path === "/stream") return new Response(stream());
  if (path.startsWith("/resource")) {
    return new Response(path.slice(path.indexOf("/", 1) + 1));
  }
  if (path.startsWith(FILES)) return serveFile(path.slice(FILES.length));
  return new Response(null, { status: 404 });
});
