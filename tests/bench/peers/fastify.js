/** Fastify on Node. */
import { Readable } from "node:stream";
import Fastify from "fastify";
import { HELLO, listening, PIECE, PIECES, ROUTES } from "./shared.js";

const app = Fastify();
app.get("/", (_request, reply) => reply.type("text/plain").send(HELLO));
app.get("/json", () => ({ message: HELLO }));
for (let at = 0; at < ROUTES; at++) {
  app.get(`/resource${at}/:id`, (request, reply) => {
    reply.type("text/plain").send(request.params.id);
  });
}
app.post("/echo", (request) => request.body);

function* pieces() {
  for (let at = 0; at < PIECES; at++) yield PIECE;
}

app.get("/stream", (_request, reply) => {
  reply.send(Readable.from(pieces(), { objectMode: false }));
});
await app.listen({ host: "127.0.0.1", port: 0 });
listening(app.server.address().port);
