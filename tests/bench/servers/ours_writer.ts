/** This package with the stream of the others, written by a function. */
import { HttpServer, stream } from "@x/httpserver";
import { listening, PIECE, PIECES } from "./shared.ts";

const server = new HttpServer();
server.get("/stream", () =>
  stream(async (writer) => {
    for (let at = 0; at < PIECES; at++) await writer.write(PIECE);
  }));

const address = await server.listen({ hostname: "127.0.0.1", port: 0 });
if (address.transport === "tcp") listening(address.port);
