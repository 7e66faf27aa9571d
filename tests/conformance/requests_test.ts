// What a server must make of a request: RFC 9110 3 to 14.
import { assertEquals } from "@std/assert";
import { evaluateConditions, HttpResponse, ok } from "@x/httpserver";
import { chunk, get, postHead } from "../support/requests.ts";
import { Site, turn } from "../support/site.ts";
import { everyAnswer } from "./site.ts";

Deno.test("HttpServer runs no handler before the header section is complete", async () => {
  let calls = 0;
  await using site = await Site.start((server) => {
    server.get("/", () => {
      calls++;
      return ok("done");
    });
  });
  using client = await site.connect();
  for (const part of ["GET / HTTP/1.1\r\n", "Host: a\r\n", "If-Match: *\r\n"]) {
    await client.send(part);
    for (let turns = 0; turns < 3; turns++) await turn();
    assertEquals(calls, 0);
  }
  assertEquals((await client.ask("\r\n", "GET")).text, "done");
  assertEquals(calls, 1);
});

Deno.test("HttpServer rejects a target of https that comes without TLS", async () => {
  await using site = await Site.start(everyAnswer);
  for (const scheme of ["https", "HTTPS"]) {
    using client = await site.connect();
    const request = `GET ${scheme}://a/text HTTP/1.1\r\nHost: a\r\n\r\n`;
    assertEquals((await client.ask(request)).status, 421);
  }
  using client = await site.connect();
  const request = "GET http://a/text HTTP/1.1\r\nHost: a\r\n\r\n";
  assertEquals((await client.ask(request)).status, 200);
});

Deno.test("HttpServer keeps what a trailer section says out of the header fields", async () => {
  await using site = await Site.start((server) => {
    server.post("/", async (request) => {
      const body = await request.text();
      const trailers = [...await request.trailers()];
      return ok({ body, headers: [...request.headers], trailers });
    });
  });
  using client = await site.connect();
  const head = postHead("/", "Transfer-Encoding: chunked\r\nX-A: 1\r\n");
  const trailers = "Content-Length: 3\r\nTransfer-Encoding: gzip\r\n" +
    "Host: evil\r\nAuthorization: Basic eDp5\r\nX-A: 2\r\nX-Sum: 5\r\n\r\n";
  const answer = await client.ask(`${head}${chunk("hello")}0\r\n${trailers}`);
  assertEquals(JSON.parse(answer.text), {
    body: "hello",
    headers: [["host", "a"], ["transfer-encoding", "chunked"], ["x-a", "1"]],
    trailers: [["x-a", "2"], ["x-sum", "5"]],
  });
  assertEquals((await client.ask(head + "0\r\n\r\n")).status, 200);
});

Deno.test("HttpServer hands two requests of a connection no state of each other", async () => {
  await using site = await Site.start((server) => {
    server.use((request, next) => {
      const state = request.state as { seen?: number };
      state.seen = (state.seen ?? 0) + 1;
      return next();
    });
    server.get("/", (request) => ok((request.state as { seen: number }).seen));
  });
  using client = await site.connect();
  for (let count = 0; count < 3; count++) {
    assertEquals((await client.ask(get("/"))).text, "1");
  }
});

const FILE = "/files/index.html";
const NO_TAG = 'If-Match: "none"\r\n';

// What each of these fields means only where the RFC gives it a meaning.
const IGNORED: readonly [string, string, string, number][] = [
  ["If-Range without Range", FILE, 'If-Range: "a"\r\n', 200],
  ["Content-Range with GET", FILE, "Content-Range: bytes 0-3/9\r\n", 200],
  ["a range unit that is unknown", FILE, "Range: lines=1-2\r\n", 200],
  ["a range that is malformed", FILE, "Range: bytes=9-1\r\n", 200],
  ["Range where there are no ranges", "/text", "Range: bytes=0-1\r\n", 200],
  ["If-Match where nothing is found", "/files/none", NO_TAG, 404],
  ["If-Match where the answer is elsewhere", "/files/images", NO_TAG, 301],
  ["If-Modified-Since that is no date", FILE, "If-Modified-Since: x\r\n", 200],
  [
    "If-Modified-Since with several dates",
    FILE,
    "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT, Sun, 06 Nov 2094 08:49:37 GMT\r\n",
    200,
  ],
  [
    "If-Modified-Since beside If-None-Match",
    FILE,
    'If-None-Match: "a"\r\nIf-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n',
    200,
  ],
  [
    "If-Unmodified-Since that is no date",
    FILE,
    "If-Unmodified-Since: x\r\n",
    200,
  ],
  [
    "If-Unmodified-Since beside If-Match",
    FILE,
    "If-Match: *\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
    200,
  ],
];

for (const [name, path, fields, status] of IGNORED) {
  Deno.test(`HttpServer ignores ${name}`, async () => {
    await using site = await Site.start(everyAnswer);
    using client = await site.connect();
    const answer = await client.ask(get(path, fields));
    const plain = await client.ask(get(path));
    assertEquals([answer.status, answer.text], [status, plain.text]);
  });
}

Deno.test("HttpServer ignores conditions with OPTIONS", async () => {
  await using site = await Site.start(everyAnswer);
  using client = await site.connect();
  const head = `OPTIONS ${FILE} HTTP/1.1\r\nHost: a\r\n`;
  const answer = await client.ask(`${head}${NO_TAG}\r\n`);
  assertEquals(answer.status, (await client.ask(`${head}\r\n`)).status);
});

Deno.test("HttpServer ignores Upgrade and goes on in HTTP/1.1", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => new HttpResponse({ body: "plain" }));
  });
  using client = await site.connect();
  const upgrade = "Connection: upgrade\r\nUpgrade: h2c, websocket\r\n";
  for (const version of ["1.1", "1.0"]) {
    const answer = await client.ask(get("/", upgrade, version));
    assertEquals([answer.status, answer.text], [200, "plain"]);
    assertEquals(answer.header("upgrade"), null);
  }
});

Deno.test("evaluateConditions() ignores dates where that of the last change is unknown", () => {
  for (const name of ["If-Modified-Since", "If-Unmodified-Since"]) {
    for (const year of [1994, 2094]) {
      const date = new Date(Date.UTC(year, 10, 6)).toUTCString();
      const fields = new Headers({ [name]: date });
      assertEquals(evaluateConditions("GET", fields, {}), "proceed");
      assertEquals(evaluateConditions("PUT", fields, {}), "proceed");
    }
  }
});
