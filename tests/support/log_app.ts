/** A server that logs: `log_app.ts SINK [PATH] [JSON of options]`. `/hang` never
 * answers, `/exit` ends the process. */
import { type AnyRequest, HttpServer, text } from "@x/httpserver";
import {
  fileSink,
  logging,
  type LoggingOptions,
  stdoutSink,
} from "@x/httpserver/middleware/logging";

const [kind, path = "", options = "{}"] = Deno.args;

function openSink(): LoggingOptions["sink"] {
  if (kind === "file") return fileSink({ path, ...JSON.parse(options) });
  if (kind === "stdout") return stdoutSink(JSON.parse(options));
  // One that takes its time.
  return async (line) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Deno.writeTextFile(path, `${line}\n`, { append: true });
  };
}

const server = new HttpServer({ timeouts: { shutdownMs: 1_000 } });
server.use(
  logging({
    format: "json",
    sink: openSink(),
    fields: (request: AnyRequest) => ({ n: request.query.get("n") }),
  }),
);
server.get("/", () => text("hello"));
server.get("/hang", () => {
  console.error("hanging");
  return new Promise<never>(() => {});
});
server.get("/exit", () => Deno.exit(5));
await server.run({
  port: 0,
  onListen(address) {
    const { port } = address as Deno.NetAddr;
    console.error(`listening on http://127.0.0.1:${port}/`);
  },
});
