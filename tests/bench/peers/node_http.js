/** node:http, run by Node or by Deno, without a router. */
import { createServer } from "node:http";
import { HELLO, listening, writeStream } from "./shared.js";

function send(response, type, body) {
  response.writeHead(200, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function readText(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts).toString()));
    request.on("error", reject);
  });
}

const server = createServer(async (request, response) => {
  const path = request.url;
  if (path === "/") return send(response, "text/plain", HELLO);
  if (path === "/json") {
    return send(
      response,
      "application/json",
      JSON.stringify({ message: HELLO }),
    );
  }
  if (path === "/echo") {
    const value = JSON.parse(await readText(request));
    return send(response, "application/json", JSON.stringify(value));
  }
  if (path === "/stream") return writeStream(response);
  send(response, "text/plain", path.slice(path.indexOf("/", 1) + 1));
});
server.listen(0, "127.0.0.1", () => listening(server.address().port));
