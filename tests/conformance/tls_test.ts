// HTTP over TLS: RFC 9112 9.7, 9.8, RFC 9110 7.4.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { HttpServer, ok } from "@x/httpserver";
import { get } from "../support/requests.ts";
import { makeCertificate } from "./certificate.ts";

/** Asks over TLS and reads to the end; rejects without a closure alert. */
async function ask(port: number, cert: string, request: string) {
  const client = await Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [cert],
    alpnProtocols: ["http/1.1"],
  });
  const { alpnProtocol } = await client.handshake();
  await client.write(new TextEncoder().encode(request));
  // A connection that ends without the alert is an UnexpectedEof.
  const answer = await new Response(client.readable).text();
  return { answer, alpnProtocol };
}

Deno.test("HttpServer speaks HTTP/1.1 over TLS and closes with a closure alert", async () => {
  const { cert, key } = await makeCertificate();
  await using server = new HttpServer();
  server.get("/", (request) => ok({ url: request.url.href }));
  const options = { hostname: "localhost", port: 0, tls: { cert, key } };
  const { port } = await server.listen(options) as Deno.NetAddr;
  const requests = [
    get("/", "Connection: close\r\n"),
    get("/") + get("/", "", "1.0"),
    "GET https://a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
  ];
  const statuses = ["200", "200", "200", "400"];
  for (const [at, request] of requests.entries()) {
    const { answer, alpnProtocol } = await ask(port, cert, request);
    assertEquals(alpnProtocol, "http/1.1");
    assertStringIncludes(answer, `HTTP/1.1 ${statuses[at]} `);
    if (at < 3) assertStringIncludes(answer, "https://a/");
  }
});

Deno.test("HttpServer answers nothing in plain text on a TLS port", async () => {
  const { cert, key } = await makeCertificate();
  await using server = new HttpServer();
  server.get("/", () => ok("secret"));
  const options = { hostname: "localhost", port: 0, tls: { cert, key } };
  const { port } = await server.listen(options) as Deno.NetAddr;
  const client = await Deno.connect({ hostname: "localhost", port });
  await client.write(new TextEncoder().encode(get("/")));
  const answer = await new Response(client.readable).text().catch(() => "");
  assert(!answer.includes("HTTP/") && !answer.includes("secret"), answer);
});
