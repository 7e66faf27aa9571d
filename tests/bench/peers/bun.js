/** `Bun.serve`, with its router. */
import { HELLO, listening, PIECE, PIECES, ROUTES } from "./shared.js";

function stream() {
  let left = PIECES;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(PIECE);
      if (--left === 0) controller.close();
    },
  });
}

const routes = {
  "/": () => new Response(HELLO),
  "/json": () => Response.json({ message: HELLO }),
  "/echo": {
    POST: async (request) => Response.json(await request.json()),
  },
  "/stream": () => new Response(stream()),
};
for (let at = 0; at < ROUTES; at++) {
  routes[`/resource${at}/:id`] = (request) => new Response(request.params.id);
}
// deno-lint-ignore no-undef
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, routes });
listening(server.port);
