/** This package with a line in a log file for each request. */
import { HttpServer, json } from "@x/httpserver";
import { fileSink, logging } from "@x/httpserver/middleware/logging";
import { HELLO, listening, logFile } from "./shared.ts";

const server = new HttpServer();
const sink = fileSink({ path: logFile("requests") });
server.use(logging({ format: "json", sink }));
server.get("/json", () => json({ message: HELLO }));

const address = await server.listen({ hostname: "127.0.0.1", port: 0 });
if (address.transport === "tcp") listening(address.port);
