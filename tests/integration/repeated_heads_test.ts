/** What is found out about one request is not told of the next with the same head. */
import { assertEquals } from "@std/assert";
import { HttpServer, type Middleware, text } from "@x/httpserver";
import { logging } from "@x/httpserver/middleware/logging";
import { RawClient } from "../support/raw_client.ts";

const HEAD = "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: sent\r\n\r\n";
const TIMES = [1, 2, 3, 4, 5];

/** The answers to one head sent again and again, and what is logged of it. */
async function repeat(
  server: HttpServer,
  middleware: Middleware,
): Promise<{ answers: string[]; logged: Record<string, unknown>[] }> {
  const lines: string[] = [];
  server.use(
    logging({ format: "json", sink: (line) => lines.push(line) }),
    middleware,
  );
  server.get(
    "/",
    (request) => text(`${request.ip} ${request.header("user-agent")}`),
  );
  const address = await server.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await RawClient.connect((address as Deno.NetAddr).port);
  const answers: string[] = [];
  for (const _ of TIMES) answers.push((await client.ask(HEAD)).text);
  await server.shutdown();
  return { answers, logged: lines.map((line) => JSON.parse(line)) };
}

Deno.test("A repeated head has no field that middleware has set before", async () => {
  let count = 0;
  const { answers, logged } = await repeat(
    new HttpServer(),
    (request, next) => {
      // The first ones go as they were sent.
      if (++count > 3) request.headers.set("user-agent", `agent ${count}`);
      return next();
    },
  );
  const agents = ["sent", "sent", "sent", "agent 4", "agent 5"];
  assertEquals(answers, agents.map((agent) => `127.0.0.1 ${agent}`));
  assertEquals(logged.map((line) => line.userAgent), agents);
});

Deno.test("A repeated head has the client that the application tells", async () => {
  let count = 0;
  const { answers, logged } = await repeat(
    new HttpServer({ clientAddress: () => ({ ip: `192.0.2.${count}` }) }),
    (_, next) => {
      count++;
      return next();
    },
  );
  const clients = TIMES.map((at) => `192.0.2.${at}`);
  assertEquals(answers, clients.map((client) => `${client} sent`));
  assertEquals(logged.map((line) => line.remoteAddress), clients);
});
