/** Takes and sends large bodies, for the memory test. */
import { HttpResponse, HttpServer, ok } from "@x/httpserver";

const server = new HttpServer();

server.post("/count", { bodyBytes: 2 ** 30 }, async (request) => {
  let bytes = 0;
  for await (const piece of request.body ?? []) bytes += piece.length;
  return ok({ bytes });
});

server.get("/zeros/:bytes", (request) => {
  let left = Number(request.params.bytes);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = new Uint8Array(Math.min(left, 64 * 1024));
      left -= piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  }, { highWaterMark: 0 });
  return new HttpResponse({ body });
});

await server.run({
  port: 0,
  onListen: (address) => {
    const { port } = address as Deno.NetAddr;
    console.log(`Listening on http://127.0.0.1:${port}/`);
  },
});
