/** What middleware changes in a request is of that request alone. */
import { assertEquals } from "@std/assert";
import { HttpServer, text } from "@x/httpserver";
import { logging } from "@x/httpserver/middleware/logging";
import { RawClient } from "../support/raw_client.ts";

Deno.test("A repeated head carries nothing of the request before", async () => {
  const lines: string[] = [];
  let count = 0;
  const server = new HttpServer({
    clientAddress: () => ({ ip: `192.0.2.${count}` }),
  })
    .use(logging({ format: "json", sink: (line) => lines.push(line) }))
    .use((request, next) => {
      request.headers.set("user-agent", `agent ${++count}`);
      return next();
    })
    .get(
      "/",
      (request) => text(`${request.ip} ${request.header("user-agent")}`),
    );
  const address = await server.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = address as Deno.NetAddr;
  using client = await RawClient.connect(port);
  for (let at = 1; at <= 5; at++) {
    const answer = await client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals(answer.text, `192.0.2.${at} agent ${at}`);
  }
  await server.shutdown();
  assertEquals(
    lines.map((line) => JSON.parse(line).userAgent),
    [1, 2, 3, 4, 5].map((at) => `agent ${at}`),
  );
});
