/** The heads of answers, what has no content, and what is refused. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  HeaderList,
  html,
  HttpResponse,
  type HttpServer,
  noContent,
  ok,
  type ResponseBody,
} from "@x/httpserver";
import { fieldLines } from "../../src/http/headers.ts";
import { get } from "../support/requests.ts";
import { gate, Site } from "../support/site.ts";

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => at * 7);
}

interface StatusCase {
  readonly status: number;
  readonly length: string | null;
}

const BODILESS: readonly StatusCase[] = [
  { status: 204, length: null },
  { status: 304, length: null },
  // RFC 9110 15.3.6: no content, and the client must see where it ends.
  { status: 205, length: "0" },
];

for (const { status, length } of BODILESS) {
  for (const version of ["1.1", "1.0"]) {
    Deno.test(`HttpServer sends no content when the status is ${status}, HTTP/${version}`, async () => {
      let cancelled = 0;
      await using site = await Site.start((server) => {
        server.get("/text", () => new HttpResponse({ status, body: "text" }));
        server.get("/stream", () => {
          const cancel = () => void cancelled++;
          return new HttpResponse({
            status,
            body: new ReadableStream({ cancel }),
          });
        });
        server.get("/end", () => ok("end"));
      });
      using client = await site.connect();
      const more = "Connection: keep-alive\r\n";
      for (const path of ["/text", "/stream"]) {
        const answer = await client.ask(get(path, more, version));
        assertEquals(answer.status, status);
        assertEquals(answer.header("content-length"), length);
        assertEquals(answer.header("transfer-encoding"), null);
        assertEquals(answer.text, "");
      }
      assertEquals((await client.ask(get("/end", more, version))).text, "end");
      assertEquals(cancelled, 1);
    });
  }
}

Deno.test("HttpServer tells the time of its clock when it answers", async () => {
  await using site = await Site.start((server) => {
    server.get("/", () => html("a"));
    server.get(
      "/own",
      () =>
        new HttpResponse({
          headers: { date: "Mon, 07 Nov 1994 00:00:00 GMT" },
        }),
    );
  });
  using client = await site.connect();
  const date = async (path: string) =>
    (await client.ask(get(path))).header("date");
  assertEquals(await date("/"), "Sun, 06 Nov 1994 08:49:37 GMT");
  site.clock.advance(1_000);
  assertEquals(await date("/"), "Sun, 06 Nov 1994 08:49:38 GMT");
  assertEquals(await date("/none"), "Sun, 06 Nov 1994 08:49:38 GMT");
  assertEquals(await date("/own"), "Mon, 07 Nov 1994 00:00:00 GMT");
});

Deno.test("HttpServer sends trailers when an answer has some", async () => {
  await using site = await Site.start((server) => {
    server.get(
      "/",
      () => new HttpResponse({ body: "text", trailers: { "X-Sum": "1" } }),
    );
    server.get("/stream", () => {
      let sum = 0;
      async function* body() {
        for (const n of [1, 2]) {
          sum += n;
          yield await Promise.resolve(bytes(n));
        }
      }
      const trailers = () => Promise.resolve([["x-sum", `${sum}`]] as const);
      return new HttpResponse({ body: body(), trailers });
    });
    server.get("/framing", () =>
      new HttpResponse({
        body: "a",
        trailers: { "content-length": "9", "transfer-encoding": "x", a: "b" },
      }));
  });
  using client = await site.connect();
  const trailers = async (path: string) =>
    (await client.ask(get(path))).trailers;
  assertEquals(await trailers("/"), [["x-sum", "1"]]);
  assertEquals(await trailers("/stream"), [["x-sum", "3"]]);
  assertEquals(await trailers("/framing"), [["a", "b"]]);
  const head = await client.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals(head.trailers, []);
  const old = await client.ask(get("/", "", "1.0"));
  assertEquals([old.text, old.header("content-length")], ["text", "4"]);
});

Deno.test("HttpServer sends early hints when a handler asks for them", async () => {
  await using site = await Site.start((server) => {
    server.get("/", async (request) => {
      await request.earlyHints(["</a.css>; rel=preload", "</b.js>"]);
      await request.earlyHints(["</c.js>"]);
      return ok("page");
    });
    server.get("/floating", (request) => {
      request.earlyHints(["</a.css>"]);
      return ok("page");
    });
    server.get("/bad", async (request) => {
      await request.earlyHints(["</a>\r\nSet-Cookie: a=b"]);
      return ok("never");
    });
  });
  using client = await site.connect();
  await client.send(get("/"));
  const hints = [await client.read(), await client.read()];
  assertEquals(hints.map((one) => [one.line, one.fields]), [
    ["HTTP/1.1 103 Early Hints", [
      ["link", "</a.css>; rel=preload"],
      ["link", "</b.js>"],
    ]],
    ["HTTP/1.1 103 Early Hints", [["link", "</c.js>"]]],
  ]);
  assertEquals((await client.read()).text, "page");
  assertEquals((await client.ask(get("/floating"))).status, 103);
  assertEquals((await client.read()).text, "page");
  const bad = await client.ask(get("/bad"));
  assertEquals([bad.status, bad.header("set-cookie")], [500, null]);
  assertEquals((await client.ask(get("/", "", "1.0"))).status, 200);
});

function defineMethods(server: HttpServer): void {
  server.get("/a", () => ok("a")).put("/a", () => noContent());
}

const METHODS: readonly [
  request: string,
  status: number,
  allow: string | null,
][] = [
  ["GET /none", 404, null],
  ["POST /a", 405, "GET, HEAD, OPTIONS, PUT"],
  ["OPTIONS /a", 204, "GET, HEAD, OPTIONS, PUT"],
  ["OPTIONS *", 204, "GET, HEAD, OPTIONS, PUT"],
  ["BREW /a", 405, "GET, HEAD, OPTIONS, PUT"],
  ["get /a", 405, "GET, HEAD, OPTIONS, PUT"],
  ["GET /%zz", 400, null],
];

for (const [request, status, allow] of METHODS) {
  Deno.test(`HttpServer answers ${status} on the wire when asked ${request}`, async () => {
    await using site = await Site.start(defineMethods);
    using client = await site.connect();
    const answer = await client.ask(`${request} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assertEquals(answer.status, status);
    const allowed = answer.header("allow")?.split(", ").sort().join(", ");
    assertEquals(allowed ?? null, allow);
    assertEquals(answer.complete, true);
    assertEquals((await client.ask(get("/a"))).text, "a");
  });
}

Deno.test("HttpServer takes the host of the target when it is in absolute form", async () => {
  await using site = await Site.start((server) => {
    server.get("/p", (request) =>
      ok([
        request.authority,
        request.header("host"),
        request.headers.get("host"),
        request.url.href,
        request.target,
      ]));
  });
  using client = await site.connect();
  const send = "GET http://b.test:81/p?q=1 HTTP/1.1\r\nHost: a.test\r\n\r\n";
  for (let n = 0; n < 2; n++) {
    assertEquals(JSON.parse((await client.ask(send)).text), [
      "b.test:81",
      "b.test:81",
      "b.test:81",
      "http://b.test:81/p?q=1",
      "http://b.test:81/p?q=1",
    ]);
  }
});

Deno.test("HttpServer sends a web Response when a handler returns one", async () => {
  await using site = await Site.start((server) => {
    const headers = [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x", "y"]];
    server.get(
      "/",
      () =>
        new Response("wéb", {
          status: 201,
          headers: headers as [string, string][],
        }),
    );
    server.get("/null", () => new Response(null, { status: 204 }));
    server.get("/later", () => Promise.resolve(Response.json([1])));
  });
  using client = await site.connect();
  const answer = await client.ask(get("/"));
  assertEquals([answer.status, answer.text], [201, "wéb"]);
  assertEquals(
    answer.fields.filter(([name]) => name === "set-cookie" || name === "x"),
    [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x", "y"]],
  );
  assertEquals((await client.ask(get("/null"))).status, 204);
  assertEquals((await client.ask(get("/later"))).text, "[1]");
});

// Lines that a HeaderList would refuse, as a bug in the server could make them.
const EVIL = HeaderList.from(fieldLines(["X", "a\r\nSet-Cookie: b=c"]));
const SPLITS: readonly [name: string, make: () => HttpResponse][] = [
  [
    "a header of the handler",
    () => new HttpResponse({ headers: { x: "a\r\nSet-Cookie: b=c" } }),
  ],
  [
    "a name of the handler",
    () => new HttpResponse({ headers: { "x: y\r\nSet-Cookie": "b=c" } }),
  ],
  [
    "a value above latin1",
    () => new HttpResponse({ headers: { x: "\u010a" } }),
  ],
  [
    "a field behind the list",
    () => new HttpResponse({ headers: EVIL, body: "a" }),
  ],
  [
    "a field of a stream",
    () =>
      new HttpResponse({
        headers: EVIL,
        body: ReadableStream.from([bytes(1)]),
      }),
  ],
  [
    "a field of a HEAD or 204",
    () => new HttpResponse({ headers: EVIL, status: 204 }),
  ],
];

for (const [name, make] of SPLITS) {
  Deno.test(`HttpServer answers 500 when ${name} would split the answer`, async () => {
    await using site = await Site.start((server) => {
      server.get("/", make).get("/ok", () => ok("sane"));
    });
    using client = await site.connect();
    await client.send(get("/ok") + get("/") + get("/ok"));
    assertEquals((await client.read()).text, "sane");
    const answer = await client.read();
    assertEquals([answer.status, answer.header("set-cookie")], [500, null]);
    assertEquals((await client.read()).text, "sane");
    assertEquals(site.reports("error").length, 1);
  });
}

const NO_BODIES: readonly [name: string, body: unknown][] = [
  ["a number", 7],
  ["an object", { a: 1 }],
  ["an array", [new Uint8Array(1)]],
];

for (const [name, body] of NO_BODIES) {
  for (const method of ["GET", "HEAD"]) {
    Deno.test(`HttpServer gives one answer to ${method} when the body is ${name}`, async () => {
      await using site = await Site.start((server) => {
        server.get("/", () => new HttpResponse({ body: body as ResponseBody }));
        server.get("/ok", () => ok("sane"));
      });
      using client = await site.connect();
      const answer = await client.ask(get("/").replace("GET", method), method);
      assertEquals(answer.status, 500);
      assertEquals((await client.ask(get("/ok"))).text, "sane");
      assertEquals(site.reports("error").length, 1);
    });
  }
}

async function* waitFor(event: Promise<void>) {
  await event;
  yield bytes(1);
}

for (const path of ["/", "/later", "/declared"]) {
  Deno.test(`HttpServer sends the head at once when the stream of ${path} has nothing yet`, async () => {
    const waiting = gate();
    const body = () => waitFor(waiting.passed);
    await using site = await Site.start((server) => {
      server.get("/", () => new HttpResponse({ body: body() }));
      server.get("/later", async () => {
        await Promise.resolve();
        return new HttpResponse({ body: body() });
      });
      const headers = { "content-length": "1" };
      server.get(
        "/declared",
        () => new HttpResponse({ headers, body: body() }),
      );
    });
    using client = await site.connect();
    await client.send(get(path, "Connection: close\r\n", "1.1"));
    const head = await client.takeUntil("\r\n\r\n");
    assertMatch(head ?? "", /^HTTP\/1\.1 200 OK\r\n/);
    waiting.open();
    assertStringIncludes(await client.readAll(), "\0");
  });
}
