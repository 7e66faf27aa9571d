/** Requests that are sent before the answers of those ahead of them. */
import { assertEquals, assertMatch } from "@std/assert";
import { HttpError, HttpResponse, type HttpServer, ok } from "@x/httpserver";
import { gate, Site } from "../support/site.ts";

const SMALL = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";

function get(path: string, more = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
}

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function postChunks(path: string, ...chunks: string[]): string {
  const framed = [...chunks, ""].map((one) =>
    `${one.length.toString(16)}\r\n${one}${one && "\r\n"}`
  );
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${
    framed.join("")
  }\r\n`;
}

function define(server: HttpServer): void {
  server.get("/small", () => ok("small"));
  server.get("/slow/:n", async (request) => {
    for (let turns = 9 - Number(request.params.n); turns > 0; turns--) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return ok(request.params.n);
  });
  server.post("/echo", async (request) => ok(await request.text()));
  server.post("/drop", () => ok("dropped"));
  server.get(
    "/stream",
    () => new HttpResponse({ body: ReadableStream.from(pieces()) }),
  );
  server.get("/throw", () => {
    throw new HttpError(418, "tea");
  });
  server.get("/fault", () => {
    throw new Error("a fault");
  });
}

async function* pieces() {
  for (const piece of ["one ", "two ", "three"]) {
    yield new TextEncoder().encode(await Promise.resolve(piece));
  }
}

Deno.test("HttpServer answers in order when handlers of a pipeline take their time", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  const sent: string[] = [];
  for (let n = 0; n < 9; n++) {
    sent.push(SMALL, get(`/slow/${n}`), post("/echo", `body ${n}`));
    sent.push(postChunks("/echo", "chunk ", `${n}`), get("/stream"));
  }
  await client.send(sent.join(""));
  for (let n = 0; n < 9; n++) {
    const texts: string[] = [];
    for (let i = 0; i < 5; i++) texts.push((await client.read()).text);
    assertEquals(texts, [
      "small",
      `${n}`,
      `body ${n}`,
      `chunk ${n}`,
      "one two three",
    ]);
  }
});

Deno.test("HttpServer reads the same pipeline when it comes byte by byte", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  const bytes = new TextEncoder().encode(
    SMALL + post("/echo", "abc") + postChunks("/echo", "de", "f") +
      post("/drop", "unread") + get("/slow/7") + get("/throw") + SMALL,
  );
  for (const byte of bytes) await client.send(new Uint8Array([byte]));
  const texts: string[] = [];
  for (let i = 0; i < 7; i++) texts.push((await client.read()).text);
  assertMatch(texts[5], /"detail":"tea"/);
  texts[5] = "tea";
  assertEquals(texts, ["small", "abc", "def", "dropped", "7", "tea", "small"]);
});

Deno.test("HttpServer sends the answers ahead at once when a later handler waits", async () => {
  const waiting = gate();
  await using site = await Site.start((server) => {
    define(server);
    server.get("/wait", async () => {
      await waiting.passed;
      return ok("waited");
    });
  });
  using client = await site.connect();
  await client.send(SMALL + SMALL + get("/wait") + SMALL);
  assertEquals((await client.read()).text, "small");
  assertEquals((await client.read()).text, "small");
  waiting.open();
  assertEquals((await client.read()).text, "waited");
  assertEquals((await client.read()).text, "small");
});

Deno.test("HttpServer runs one handler of a connection at a time when requests are pipelined", async () => {
  let running = 0;
  let most = 0;
  await using site = await Site.start((server) => {
    server.get("/", async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 0));
      running--;
      return ok("");
    });
  });
  await site.exchange(get("/").repeat(20));
  assertEquals(most, 1);
  assertEquals(site.server.stats().totalRequests, 20);
});

interface StopCase {
  readonly when: string;
  readonly middle: string;
  readonly statuses: readonly number[];
}

const STOPS: readonly StopCase[] = [
  {
    when: "one in the middle is malformed",
    middle: "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
    statuses: [200, 200, 400],
  },
  {
    when: "one in the middle has no Host",
    middle: "GET / HTTP/1.1\r\n\r\n",
    statuses: [200, 200, 400],
  },
  {
    when: "one in the middle is of another version",
    middle: "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    statuses: [200, 200, 505],
  },
  {
    when: "one in the middle has two framings",
    middle:
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    statuses: [200, 200, 400],
  },
  {
    when: "a chunk in the middle is malformed",
    middle:
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    statuses: [200, 200, 400],
  },
  {
    when: "one in the middle says close",
    middle: get("/small", "Connection: close\r\n"),
    statuses: [200, 200, 200],
  },
  {
    when: "one in the middle is of 1.0",
    middle: "GET /small HTTP/1.0\r\n\r\n",
    statuses: [200, 200, 200],
  },
];

for (const { when, middle, statuses } of STOPS) {
  Deno.test(`HttpServer answers nothing behind when ${when}`, async () => {
    await using site = await Site.start(define);
    using client = await site.connect();
    await client.send(SMALL + get("/slow/8") + middle + SMALL + SMALL);
    const answers = [];
    for (let i = 0; i < statuses.length; i++) answers.push(await client.read());
    assertEquals(answers.map((one) => one.status), statuses);
    assertEquals(answers.at(-1)?.header("connection"), "close");
    await client.closeWrite();
    assertEquals(await client.ends(), true);
  });
}

for (const path of ["/throw", "/fault"]) {
  Deno.test(`HttpServer goes on with a pipeline when ${path} throws`, async () => {
    await using site = await Site.start(define);
    const text = await site.exchange(SMALL + get(path) + SMALL);
    assertEquals(
      [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
      ["200", path === "/throw" ? "418" : "500", "200"],
    );
  });
}

const BROKEN: readonly [when: string, make: () => HttpResponse][] = [
  ["its stream fails at once", () =>
    new HttpResponse({
      body: new ReadableStream({
        pull: () => Promise.reject(new Error("no source")),
      }),
    })],
  ["its stream is locked", () => {
    const body = new ReadableStream<Uint8Array>();
    body.getReader();
    return new HttpResponse({ body });
  }],
  ["its content is longer than declared", () =>
    new HttpResponse({
      headers: { "content-length": "1" },
      body: ReadableStream.from([new Uint8Array(2)]),
    })],
  ["its trailers fail", () =>
    new HttpResponse({
      body: "text",
      trailers: () => Promise.reject(new Error("no trailers")),
    })],
];

for (const [when, make] of BROKEN) {
  Deno.test(`HttpServer answers 500 and goes on with a pipeline when ${when}`, async () => {
    await using site = await Site.start((server) => {
      define(server);
      server.get("/broken", make);
    });
    const text = await site.exchange(SMALL + SMALL + get("/broken") + SMALL);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)];
    // Nothing of the broken one was sent, so there is room for a 500.
    assertEquals(statuses.map(([, status]) => status), [
      "200",
      "200",
      "500",
      "200",
    ]);
    assertEquals(text.match(/\r\n\r\nsmall/g)?.length, 3, text);
    assertEquals(site.reports("error").length, 1);
  });
}

Deno.test("HttpServer answers all of a pipeline when the client then ends its side", async () => {
  await using site = await Site.start(define);
  const count = 40;
  const text = await site.exchange(
    (get("/slow/5") + SMALL + post("/echo", "x")).repeat(count) +
      "GET /part HTTP/1.1\r\nHo",
  );
  assertEquals(text.match(/HTTP\/1\.1 200 /g)?.length, 3 * count);
  assertEquals(text.match(/HTTP\/1\.1/g)?.length, 3 * count);
});

Deno.test("HttpServer answers a pipeline of 10,000 requests when the client reads as they come", async () => {
  await using site = await Site.start(define);
  using client = await site.connect();
  const count = 10_000;
  const sending = client.send(SMALL.repeat(count));
  for (let n = 0; n < count; n++) {
    assertEquals((await client.read()).text, "small");
  }
  await sending;
});
