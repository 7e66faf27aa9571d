/** A server that a test ends by signals: `/wait` answers once SIGUSR1 comes,
 * `/never` never does. */
import { HttpServer, ok } from "@x/httpserver";

const goOn = Promise.withResolvers<void>();
function onSignal(): void {
  Deno.removeSignalListener("SIGUSR1", onSignal);
  goOn.resolve();
}
Deno.addSignalListener("SIGUSR1", onSignal);

const server = new HttpServer();
server.get("/wait", async () => {
  console.log("waiting");
  await goOn.promise;
  return ok("waited");
});
server.get("/never", async () => {
  console.log("waiting");
  await new Promise(() => {});
  return ok("never");
});
server.get("/", (request) => ok(`${request.server.draining}`));

const shutdownMs = Number(Deno.args[0] ?? 25_000);
const app = shutdownMs === 25_000
  ? server
  : new HttpServer({ timeouts: { shutdownMs } }).mount("/", server);
await app.run({
  port: 0,
  onListen(address) {
    console.log(
      `listening on http://127.0.0.1:${(address as Deno.NetAddr).port}/`,
    );
  },
});
console.log("drained");
