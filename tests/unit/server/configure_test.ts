/** Options laid over those of the constructor, by whoever runs a server. */
import { assertEquals, assertThrows } from "@std/assert";
import { HttpServer, text } from "@x/httpserver";
import {
  CONFIGURE,
  type OverridingOptions,
} from "../../../src/server/http_server.ts";

function echo(): HttpServer {
  return new HttpServer({
    limits: { bodyBytes: 3, headerCount: 50 },
    timeouts: { keepAliveMs: 7 },
    allowedHosts: ["example.com"],
  }).post(
    "/",
    async (request) => text(`${request.ip} ${await request.text()}`),
  );
}

function send(server: HttpServer, body: string, host = "example.com") {
  return server.inject({ method: "POST", body, headers: { host } });
}

Deno.test("HttpServer[CONFIGURE]() lays each option over that of the constructor", async () => {
  const server = echo();
  assertEquals((await send(server, "four")).status, 413);
  server[CONFIGURE]({ limits: { bodyBytes: 4 } });
  assertEquals((await send(server, "four")).status, 200);
  assertEquals((await send(server, "five!")).status, 413);
  // What is not named stays.
  assertEquals((await send(server, "one", "example.org")).status, 421);
  server[CONFIGURE]({ allowedHosts: ["example.org"] });
  assertEquals((await send(server, "four", "example.org")).status, 200);
  assertEquals((await send(server, "four")).status, 421);
  server[CONFIGURE]({ clientAddress: () => ({ ip: "192.0.2.7" }) });
  const response = await send(server, "one", "example.org");
  assertEquals(await response.text(), "192.0.2.7 one");
});

Deno.test("HttpServer[CONFIGURE]() holds for connections and the web entry", async () => {
  await using server = echo();
  // Asked for before, it is the same server still.
  const { finished } = server;
  server[CONFIGURE]({
    limits: { bodyBytes: 4, requestsPerConnection: 1 },
    allowedHosts: ["127.0.0.1"],
  });
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const url = `http://127.0.0.1:${port}/`;
  const response = await fetch(url, { method: "POST", body: "four" });
  assertEquals(response.headers.get("connection"), "close");
  assertEquals(await response.text(), "127.0.0.1 four");
  const request = new Request(url, { method: "POST", body: "five!" });
  assertEquals((await server.fetch(request)).status, 413);
  assertEquals(server.stats().totalRequests > 0, true);
  await server.shutdown();
  await finished;
});

Deno.test("HttpServer[CONFIGURE]() changes nothing when an option is wrong", async () => {
  const server = echo();
  const cases: [unknown, ErrorConstructor, string][] = [
    [{ limits: { bodyBytes: -1 } }, RangeError, "-1 as limits.bodyBytes"],
    [{ limits: { body: 1 } }, TypeError, '"body" among the options of limits'],
    [{ timeouts: { headersMs: "1" } }, TypeError, '"1" as timeouts.headersMs'],
    [{ allowedHosts: ["a b"] }, TypeError, "a b"],
    [{ proxyProtocol: { trusted: ["x"] } }, TypeError, "x"],
    [{ nonsense: 1 }, TypeError, '"nonsense"'],
  ];
  for (const [options, type, message] of cases) {
    const over = {
      limits: { bodyBytes: 9 },
      ...options as OverridingOptions,
    };
    assertThrows(() => server[CONFIGURE](over), type, message);
    assertEquals((await send(server, "four")).status, 413);
    assertEquals((await send(server, "one")).status, 200);
  }
});

Deno.test("HttpServer[CONFIGURE]() throws when the server listens", async () => {
  await using server = echo();
  await server.listen({ port: 0 });
  assertThrows(
    () => server[CONFIGURE]({}),
    TypeError,
    "Cannot change the options of a server that listens",
  );
});
