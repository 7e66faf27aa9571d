/** When a client that waits for `100 Continue` is told to go on. */
import { assertEquals, assertMatch } from "@std/assert";
import { HttpResponse, type HttpServer, ok } from "@x/httpserver";
import { chunk, get, postHead } from "../support/requests.ts";
import { gate, Site } from "../support/site.ts";

const EXPECT = "Expect: 100-continue\r\n";
const CONTINUE = "HTTP/1.1 100 Continue";

function define(server: HttpServer): void {
  server.post("/read", async (request) => ok(await request.text()));
  server.post("/stream", async (request) => {
    let all = "";
    const decoder = new TextDecoder();
    for await (const piece of request.body ?? []) all += decoder.decode(piece);
    return ok(all);
  });
  server.post(
    "/limited",
    { bodyBytes: 3 },
    async (request) => ok(await request.text()),
  );
  server.post("/ignore", () => ok("ignored"));
  server.post("/refuse", async () => {
    await Promise.resolve();
    return new HttpResponse({ status: 403, body: "no" });
  });
  server.post("/echo", ({ body }) => new HttpResponse({ body }));
  server.post("/echo-later", async ({ body }) => {
    await Promise.resolve();
    return new HttpResponse({ body });
  });
  server.get("/end", () => ok("end"));
}

for (const path of ["/read", "/stream"]) {
  for (
    const [kind, framing, body] of [
      ["declared", "Content-Length: 6\r\n", ["abc", "def"]],
      ["chunked", "Transfer-Encoding: chunked\r\n", [
        chunk("abc"),
        chunk("def") + "0\r\n\r\n",
      ]],
    ] as const
  ) {
    Deno.test(`HttpServer invites a ${kind} body once when ${path} reads it`, async () => {
      await using site = await Site.start(define);
      using client = await site.connect();
      for (let n = 0; n < 2; n++) {
        await client.send(postHead(path, EXPECT + framing));
        const interim = await client.read();
        assertEquals([interim.line, interim.fields], [CONTINUE, []]);
        await client.send(body[0]);
        await client.send(body[1] + get("/end"));
        assertEquals((await client.read()).text, "abcdef");
        assertEquals((await client.read()).text, "end");
      }
    });
  }
}

Deno.test("HttpServer invites no body when it has come already", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  const head = postHead("/read", `${EXPECT}Content-Length: 3\r\n`);
  assertEquals((await client.ask(head + "abc")).status, 200);
});

Deno.test("HttpServer invites no body when a part of it has come already", async () => {
  const reading = gate();
  await using site = await Site.start((server) => {
    server.post("/", async (request) => {
      const text = request.text();
      reading.open();
      return ok(await text);
    });
  });
  using client = await site.connect();
  const head = postHead("/", `${EXPECT}Content-Length: 3\r\n`);
  await client.send(head + "a");
  await reading.passed;
  await client.send("bc");
  const answer = await client.read();
  assertEquals([answer.status, answer.text], [200, "abc"]);
});

Deno.test("HttpServer invites no body when the client speaks HTTP/1.0", async () => {
  const reading = gate();
  await using site = await Site.start((server) => {
    server.post("/", async (request) => {
      const text = request.text();
      reading.open();
      return ok(await text);
    });
  });
  using client = await site.connect();
  await client.send(
    `POST / HTTP/1.0\r\n${EXPECT}Content-Length: 3\r\n\r\n`,
  );
  await reading.passed;
  await client.send("abc");
  const answer = await client.read();
  assertEquals([answer.status, answer.text], [200, "abc"]);
});

for (
  const [path, status] of [
    ["/ignore", 200],
    ["/refuse", 403],
    ["/limited", 413],
    ["/none", 404],
  ] as const
) {
  Deno.test(`HttpServer refuses the body and closes when ${path} answers ${status} at once`, async () => {
    await using site = await Site.start(define);
    using client = await site.connect();
    const length = "Content-Length: 6\r\n";
    const answer = await client.ask(postHead(path, EXPECT + length));
    assertEquals(answer.status, status);
    assertEquals(answer.header("connection"), "close");
    // What still comes is no request.
    await client.send(get("/end"));
    await client.closeWrite();
    assertEquals(await client.ends(), true);
    assertEquals(site.server.stats().totalRequests, 1);
  });
}

Deno.test("HttpServer keeps the connection when an ignored body has come already", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  const head = postHead("/ignore", `${EXPECT}Content-Length: 6\r\n`);
  await client.send(head + "abcdef" + get("/end"));
  assertEquals((await client.read()).text, "ignored");
  assertEquals((await client.read()).text, "end");
});

Deno.test("HttpServer refuses an expectation that it does not know", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  const head = postHead("/read", "Expect: x\r\nContent-Length: 3\r\n");
  const answer = await client.ask(head);
  assertEquals([answer.status, answer.header("connection")], [417, "close"]);
});

for (const path of ["/echo", "/echo-later"]) {
  Deno.test(`HttpServer invites the body when ${path} sends it back as it comes`, async () => {
    await using site = await Site.start(define);
    using client = await site.connect();
    const length = "Content-Length: 3\r\n";
    await client.send(postHead(path, EXPECT + length));
    assertMatch((await client.read()).line, /^HTTP\/1\.1 100 /);
    await client.send("abc");
    assertEquals((await client.read()).text, "abc");
  });
}

Deno.test("HttpServer answers 400 when the client ends where it was invited", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  await client.send(postHead("/read", `${EXPECT}Content-Length: 3\r\n`));
  await client.read();
  await client.closeWrite();
  assertEquals((await client.read()).status, 400);
  assertEquals(await client.ends(), true);
});
