/** This package with the middleware that most sites have. */
import { HttpServer, json } from "@x/httpserver";
import { cors } from "@x/httpserver/middleware/cors";
import { fileSink, logging } from "@x/httpserver/middleware/logging";
import { rateLimit } from "@x/httpserver/middleware/rate-limit";
import { requestId } from "@x/httpserver/middleware/request-id";
import { HELLO, listening, logFile } from "./shared.ts";

const server = new HttpServer();
server.use(
  requestId(),
  logging({ format: "json", sink: fileSink({ path: logFile("ours") }) }),
  cors({ allowOrigins: ["https://example.com"] }),
  rateLimit({ requestsPerSecond: 1e9, burstSize: 1e9 }),
);
server.get("/json", () => json({ message: HELLO }));

const address = await server.listen({ hostname: "127.0.0.1", port: 0 });
if (address.transport === "tcp") listening(address.port);
