/** What the workers of `hand_over_test.ts` run; each tells when it starts. */
import { HttpServer, json, ok } from "@x/httpserver";

const server = new HttpServer();
server.get("/", () => ok("hello"));
server.get("/slow/:ms", async (request) => {
  await new Promise((resolve) =>
    setTimeout(resolve, Number(request.params.ms))
  );
  return ok("slow");
});
server.post(
  "/count",
  async (request) => json({ bytes: (await request.bytes()).length }),
);
console.log("started");
export default server;
