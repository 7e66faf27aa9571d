/** Which connections stay, and what is told about it. */
import { assertEquals } from "@std/assert";
import { HttpResponse, type HttpServer, noContent, ok } from "@x/httpserver";
import { Site } from "../support/site.ts";

function define(server: HttpServer): void {
  server.get("/", () => ok("sync"));
  server.get("/later", async () => ok(await Promise.resolve("later")));
  server.get(
    "/close",
    () => new HttpResponse({ headers: { connection: "close" }, body: "bye" }),
  );
  server.get("/closing", () =>
    new HttpResponse({
      headers: { Connection: "x-hop , Close", "x-hop": "1" },
    }));
  server.get(
    "/keep",
    () =>
      new HttpResponse({ headers: { connection: "keep-alive" }, body: "k" }),
  );
  server.get("/nothing", () => noContent());
}

interface KeepAliveCase {
  readonly when: string;
  readonly request: string;
  readonly connection: string | null;
  readonly stays: boolean;
}

const CASES: readonly KeepAliveCase[] = [
  {
    when: "1.1 says nothing",
    request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    connection: null,
    stays: true,
  },
  {
    when: "1.1 says close",
    stays: false,
    connection: "close",
    request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  },
  {
    when: "1.1 says close among other options",
    stays: false,
    connection: "close",
    request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE,y\r\n\r\n",
  },
  {
    when: "1.1 says close in a second line",
    stays: false,
    connection: "close",
    request:
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n",
  },
  {
    when: "1.1 says both",
    stays: false,
    connection: "close",
    request:
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
  },
  {
    when: "1.1 names an option that contains close",
    stays: true,
    connection: null,
    request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n",
  },
  {
    when: "1.0 says nothing",
    request: "GET / HTTP/1.0\r\n\r\n",
    connection: "close",
    stays: false,
  },
  {
    when: "1.0 says keep-alive",
    connection: "keep-alive",
    stays: true,
    request: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
  },
  {
    when: "1.0 says both",
    connection: "close",
    stays: false,
    request: "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
  },
  {
    when: "an asynchronous handler answers",
    connection: null,
    stays: true,
    request: "GET /later HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  {
    when: "an asynchronous handler answers a close",
    connection: "close",
    stays: false,
    request: "GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  },
  {
    when: "the answer says close",
    connection: "close",
    stays: false,
    request: "GET /close HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  {
    when: "the answer says close among other options",
    connection: "close",
    stays: false,
    request: "GET /closing HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  {
    when: "the answer says keep-alive to a close",
    connection: "close",
    stays: false,
    request: "GET /keep HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  },
  {
    when: "there is no such path",
    connection: null,
    stays: true,
    request: "GET /none HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  {
    when: "the answer has no content",
    connection: null,
    stays: true,
    request: "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  {
    when: "the head is bad",
    connection: "close",
    stays: false,
    request: "GET / HTTP/1.1\r\n\r\n",
  },
];

for (const { when, request, connection, stays } of CASES) {
  const fate = stays ? "keeps" : "closes";
  Deno.test(`HttpServer ${fate} the connection when ${when}`, async () => {
    await using site = await Site.start(define);
    using client = await site.connect();
    const response = await client.ask(request);
    assertEquals(response.header("connection"), connection);
    assertEquals(response.complete, true);
    if (!stays) {
      assertEquals(await client.ends(), true);
      return;
    }
    const second = await client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals([second.status, second.text], [200, "sync"]);
  });
}

Deno.test("HttpServer closes without an answer when the client sends nothing and ends", async () => {
  await using site = await Site.start(define);
  assertEquals(await site.exchange(""), "");
  assertEquals(site.server.stats().protocolErrors, 0);
});

Deno.test("HttpServer ends its side when the client ends between two requests", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  await client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.closeWrite();
  assertEquals(await client.ends(), true);
});

Deno.test("HttpServer answers nothing when the client ends within a head", async () => {
  await using site = await Site.start(define);
  assertEquals(await site.exchange("GET / HTTP/1.1\r\nHos"), "");
});

Deno.test("HttpServer serves many requests when they come one after the other", async () => {
  await using site = await Site.start((server) => {
    server.get("/:n", (request) => ok(request.params.n));
  });
  using client = await site.connect();
  for (let n = 0; n < 500; n++) {
    const { text } = await client.ask(`GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assertEquals(text, `${n}`);
  }
  assertEquals(site.server.stats().totalConnections, 1);
  assertEquals(site.server.stats().totalRequests, 500);
});

Deno.test("HttpServer shows each request its own fields when heads repeat and a handler changes them", async () => {
  await using site = await Site.start((server) => {
    server.get("/", (request) => {
      const before = request.header("x-seen");
      request.headers.set("x-seen", "yes");
      return ok(`${before} ${request.headers.get("x-seen")}`);
    });
  });
  using client = await site.connect();
  for (let n = 0; n < 3; n++) {
    const { text } = await client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals(text, "null yes");
  }
});

Deno.test("HttpServer answers a connection that has been idle for long as it did before", async () => {
  await using site = await Site.start(define, {
    limits: { requestsPerConnection: 3 },
  });
  using conn = await Deno.connect({ port: site.port });
  const buffer = new Uint8Array(4096);
  const ask = async (request: string): Promise<string> => {
    await conn.write(new TextEncoder().encode(request));
    const count = await conn.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  };
  const answers: string[] = [];
  for (const path of ["/", "/later", "/"]) {
    answers.push(await ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
    for (let second = 0; second < 5; second++) site.clock.advance(1_000);
  }
  assertEquals(
    answers.map((answer) => answer.split("\r\n\r\n")[1]),
    ["sync", "later", "sync"],
  );
  // The requests before the rests count.
  assertEquals(
    answers.map((answer) => answer.includes("Connection: close")),
    [false, false, true],
  );
  assertEquals(await conn.read(buffer), null);
});
