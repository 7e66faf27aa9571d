// Where a connection must end, and what must not be read on it: RFC 9112 6, 9.
import { assert, assertEquals } from "@std/assert";
import { HttpResponse, ok } from "@x/httpserver";
import { chunk, get, post, postChunks, postHead } from "../support/requests.ts";
import { Site, turn } from "../support/site.ts";
import { everyAnswer } from "./site.ts";

const CHUNKED = "Transfer-Encoding: chunked\r\n";
const BODY = `${chunk("hello")}0\r\n\r\n`;

interface Refused {
  readonly name: string;
  readonly request: string;
  readonly status?: number;
}

// Faulty framing: nobody knows where the next request would start.
const FAULTY: readonly Refused[] = [
  {
    name: "Content-Length and Transfer-Encoding",
    request: postHead("/echo", `Content-Length: 5\r\n${CHUNKED}`) + BODY,
  },
  {
    name: "Transfer-Encoding in HTTP/1.0",
    request: `POST /echo HTTP/1.0\r\nConnection: keep-alive\r\n${CHUNKED}\r\n` +
      BODY,
  },
  {
    name: "Transfer-Encoding and Content-Length in HTTP/1.0",
    request: `POST /echo HTTP/1.0\r\nConnection: keep-alive\r\n` +
      `Content-Length: 15\r\n${CHUNKED}\r\n${BODY}`,
  },
  {
    name: "a coding behind chunked",
    request: postHead("/echo", "Transfer-Encoding: chunked, gzip\r\n") + BODY,
  },
  {
    name: "chunked twice",
    request: postHead("/echo", "Transfer-Encoding: chunked, chunked\r\n") +
      BODY,
  },
  {
    name: "another coding alone",
    request: postHead("/echo", "Transfer-Encoding: gzip\r\n") + "hello",
  },
  {
    name: "a coding that is not implemented",
    request: postHead("/echo", "Transfer-Encoding: gzip, chunked\r\n") + BODY,
    status: 501,
  },
  {
    name: "two different Content-Lengths",
    request: postHead("/echo", "Content-Length: 5\r\nContent-Length: 6\r\n") +
      "hello",
  },
  {
    name: "a Content-Length that is no number",
    request: postHead("/echo", "Content-Length: +5\r\n") + "hello",
  },
  {
    name: "a Content-Length beyond 2^64",
    request: postHead("/echo", "Content-Length: 18446744073709551621\r\n") +
      "hello",
  },
  {
    name: "a chunk size that is no number",
    request: `${postHead("/echo", CHUNKED)}+5\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: "a chunk size beyond 2^64",
    request: `${
      postHead("/echo", CHUNKED)
    }10000000000000005\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: "chunk data longer than its size",
    request: `${postHead("/echo", CHUNKED)}4\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: "white space before a colon",
    request: "GET /text HTTP/1.1\r\nHost : a\r\n\r\n",
  },
  {
    name: "no Host",
    request: "GET /text HTTP/1.1\r\n\r\n",
  },
];

for (const { name, request, status = 400 } of FAULTY) {
  Deno.test(`HttpServer answers ${status} and closes when a request has ${name}`, async () => {
    await using site = await Site.start(everyAnswer);
    using client = await site.connect();
    await client.send(request + get("/text"));
    const answer = await client.read();
    assertEquals(answer.status, status);
    assertEquals(answer.header("connection"), "close");
    await client.closeWrite();
    assert(await client.ends(), "nothing behind it is answered");
  });
}

const CUT: readonly [string, string][] = [
  ["a declared body", post("/echo", "hello").slice(0, -1)],
  ["a chunk", postChunks("/echo", "hello").slice(0, -8)],
  ["the trailer section", postChunks("/echo", "hello").slice(0, -2)],
];

for (const [name, request] of CUT) {
  Deno.test(`HttpServer takes a request for incomplete and closes when the client ends within ${name}`, async () => {
    await using site = await Site.start(everyAnswer);
    using client = await site.connect();
    await client.send(request);
    await client.closeWrite();
    const answer = await client.read();
    assertEquals([answer.status, answer.header("connection")], [400, "close"]);
    assert(await client.ends());
  });
}

Deno.test("HttpServer refuses a body as the client's fault when a handler passes it on", async () => {
  const bodies = ["\r\n", "x\r\n", "5\r\nhell", "5 5\r\nhello"];
  for (const body of bodies) {
    await using site = await Site.start(everyAnswer);
    const answer = await site.exchange(postHead("/pass", CHUNKED) + body);
    // It may have begun, and is then cut; it is never the server's fault.
    assert(!answer.startsWith("HTTP/1.1 5"), `${body}: ${answer}`);
    assert(!answer.endsWith("\r\n0\r\n\r\n"), `${body}: ${answer}`);
  }
});

Deno.test("HttpServer passes a body on whole when its end comes with the client's", async () => {
  await using site = await Site.start(everyAnswer);
  const request = postChunks("/pass", "hello");
  for (let at = request.length - BODY.length; at < request.length; at++) {
    using client = await site.connect();
    await client.send(request.slice(0, at));
    for (let turns = 0; turns < 3; turns++) await turn();
    await client.send(request.slice(at));
    await client.closeWrite();
    const answer = await client.read();
    assertEquals([answer.text, answer.complete], ["hello", true], `cut ${at}`);
  }
});

Deno.test("HttpServer closes behind an answer that says so", async () => {
  await using site = await Site.start((server) => {
    const headers = { connection: "close" };
    server.get("/", () => new HttpResponse({ headers, body: "last" }));
  });
  using client = await site.connect();
  await client.send(get("/") + get("/"));
  const answer = await client.read();
  assertEquals([answer.text, answer.header("connection")], ["last", "close"]);
  await client.closeWrite();
  assert(await client.ends());
});

Deno.test("HttpServer never takes an unread body for a request", async () => {
  const paths: string[] = [];
  await using site = await Site.start((server) => {
    server.all("/*path", (request) => {
      paths.push(request.path);
      return ok("unread");
    });
  });
  const hidden = get("/hidden");
  for (const request of [post("/a", hidden), postChunks("/a", hidden)]) {
    using client = await site.connect();
    await client.send(request + get("/next", "Connection: close\r\n"));
    assertEquals((await client.read()).text, "unread");
    assertEquals((await client.read()).text, "unread");
    assert(await client.ends());
  }
  assertEquals(paths, ["/a", "/next", "/a", "/next"]);
});
