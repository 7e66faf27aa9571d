/** What workers run in tests. `/` tells who answers, `/wait` answers once that
 * process gets SIGUSR2, `/never` never does, `/block` stops the event loop. */
import { HttpServer, ok } from "@x/httpserver";

const goOn = Promise.withResolvers<void>();
function onSignal(): void {
  Deno.removeSignalListener("SIGUSR2", onSignal);
  goOn.resolve();
}
Deno.addSignalListener("SIGUSR2", onSignal);

const server = new HttpServer();
server.get("/", () => ok(String(Deno.pid)));
server.get("/wait", async () => {
  console.log(`waiting ${Deno.pid}`);
  await goOn.promise;
  return ok("waited");
});
server.get("/never", async () => {
  console.log(`waiting ${Deno.pid}`);
  await new Promise(() => {});
  return ok("never");
});
server.get("/block", () => {
  console.log(`blocked ${Deno.pid}`);
  for (;;);
});
export default server;
