/** Express on Node. */
import express from "express";
import { HELLO, listening, ROUTES, writeStream } from "./shared.js";

const app = express();
app.get("/", (_request, response) => response.type("text/plain").send(HELLO));
app.get("/json", (_request, response) => response.json({ message: HELLO }));
for (let at = 0; at < ROUTES; at++) {
  app.get(`/resource${at}/:id`, (request, response) => {
    response.type("text/plain").send(request.params.id);
  });
}
app.post("/echo", express.json(), (request, response) => {
  response.json(request.body);
});
app.get("/stream", (_request, response) => writeStream(response));
const server = app.listen(0, "127.0.0.1", () => {
  listening(server.address().port);
});
