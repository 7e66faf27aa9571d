/** The bytes of answers: framing, fields, what has no content. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  FileBody,
  HeaderList,
  html,
  HttpResponse,
  type HttpServer,
  noContent,
  ok,
  type ResponseBody,
} from "@x/httpserver";
import { fieldLines } from "../../src/http/headers.ts";
import { gate, Site } from "../support/site.ts";

const ENCODER = new TextEncoder();

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => at * 7);
}

function get(path: string, version = "1.1", more = ""): string {
  return `GET ${path} HTTP/${version}\r\nHost: a\r\n${more}\r\n`;
}

async function openTemporary(content: Uint8Array): Promise<Deno.FsFile> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, content);
  const file = await Deno.open(path);
  await Deno.remove(path);
  return file;
}

async function* iterate(pieces: readonly Uint8Array[]) {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

type MakeBody = () => ResponseBody | Promise<ResponseBody>;

// A body, what it is on the wire, and how its length is told.
const BODIES: readonly [
  name: string,
  body: MakeBody,
  sent: Uint8Array,
  framing: "length" | "any",
][] = [
  ["nothing", () => null, bytes(0), "length"],
  ["an empty string", () => "", bytes(0), "length"],
  ["ASCII", () => "hello", ENCODER.encode("hello"), "length"],
  [
    "short text of two bytes a character",
    () => "äöü",
    ENCODER.encode("äöü"),
    "length",
  ],
  [
    "long text of four bytes a character",
    () => "😀".repeat(5000),
    ENCODER.encode("😀".repeat(5000)),
    "length",
  ],
  ["a lone surrogate", () => "a\ud800b", ENCODER.encode("a\ufffdb"), "length"],
  [
    "long text",
    () => "x".repeat(300_000),
    ENCODER.encode("x".repeat(300_000)),
    "length",
  ],
  ["no bytes", () => bytes(0), bytes(0), "length"],
  ["a byte", () => bytes(1), bytes(1), "length"],
  ["64 KiB", () => bytes(65_536), bytes(65_536), "length"],
  ["64 KiB and a byte", () => bytes(65_537), bytes(65_537), "length"],
  ["5 MB", () => bytes(5_000_000), bytes(5_000_000), "length"],
  [
    "a part of an array",
    () => bytes(100).subarray(10, 20),
    bytes(100).subarray(10, 20),
    "length",
  ],
  [
    "a stream",
    () => ReadableStream.from([bytes(3), bytes(4)]),
    new Uint8Array([...bytes(3), ...bytes(4)]),
    "any",
  ],
  [
    "an empty stream",
    () => ReadableStream.from<Uint8Array>([]),
    bytes(0),
    "any",
  ],
  [
    "a stream with an empty piece",
    () => ReadableStream.from([bytes(0), bytes(2), bytes(0)]),
    bytes(2),
    "any",
  ],
  [
    "a stream of a large piece",
    () => ReadableStream.from([bytes(200_000)]),
    bytes(200_000),
    "any",
  ],
  [
    "an iterable",
    () => iterate([bytes(3), bytes(4)]),
    new Uint8Array([...bytes(3), ...bytes(4)]),
    "any",
  ],
  ["an empty iterable", () => iterate([]), bytes(0), "any"],
  [
    "a file",
    async () => new FileBody(await openTemporary(bytes(9)), 9),
    bytes(9),
    "length",
  ],
  [
    "a part of a file",
    async () => new FileBody(await openTemporary(bytes(9)), 5),
    bytes(5),
    "length",
  ],
  [
    "nothing of a file",
    async () => new FileBody(await openTemporary(bytes(9)), 0),
    bytes(0),
    "length",
  ],
  [
    "a large file",
    async () => new FileBody(await openTemporary(bytes(1_000_000)), 1_000_000),
    bytes(1_000_000),
    "length",
  ],
];

for (const [name, make, sent, framing] of BODIES) {
  Deno.test(`HttpServer sends what was meant when the body is ${name}`, async () => {
    await using site = await Site.start((server) => {
      server.get("/", async () => new HttpResponse({ body: await make() }));
    });
    using client = await site.connect();
    const full = await client.ask(get("/"));
    assertEquals(full.complete, true);
    assert(full.body.every((byte, at) => byte === sent[at]));
    assertEquals(full.body.length, sent.length);
    const length = full.header("content-length");
    // A stream that has ended by the time of its head may tell its length.
    const isKnown = framing === "length" || length !== null;
    assertEquals(length, isKnown ? `${sent.length}` : null);
    assertEquals(full.chunks === null, isKnown);

    const head = await client.ask(get("/").replace("GET", "HEAD"), "HEAD");
    const isFraming = ([name]: readonly [string, string]) =>
      /^(content-length|transfer-encoding)$/.test(name);
    if (framing === "length") assertEquals(head.fields, full.fields);
    else assertEquals(head.header("content-length"), null);
    assertEquals(
      head.fields.filter((field) => !isFraming(field)),
      full.fields.filter((field) => !isFraming(field)),
    );

    const old = await client.ask(get("/", "1.0", "Connection: keep-alive\r\n"));
    assertEquals(old.header("content-length"), length);
    assertEquals(old.header("transfer-encoding"), null);
    assertEquals(old.body.length, sent.length);
    assertEquals(old.header("connection"), isKnown ? "keep-alive" : "close");
    if (!isKnown) assertEquals(client.end, "closed");
  });
}

const DECLARED: readonly [name: string, declared: string, complete: boolean][] =
  [["as long", "7", true], ["longer", "8", false], ["shorter", "6", false]];

for (const [name, declared, complete] of DECLARED) {
  for (
    const [kind, body] of [
      ["a stream", () => ReadableStream.from([bytes(3), bytes(4)])],
      ["an iterable", () => iterate([bytes(3), bytes(4)])],
    ] as const
  ) {
    const fate = complete ? "keeps" : "cuts";
    Deno.test(`HttpServer ${fate} the connection when ${kind} is declared ${name}`, async () => {
      await using site = await Site.start((server) => {
        server.get("/", () =>
          new HttpResponse({
            headers: { "Content-Length": declared },
            body: body(),
          }));
      });
      using client = await site.connect();
      await client.send(get("/") + get("/"));
      const first = await client.read();
      assertEquals(first.header("content-length"), declared);
      // What was declared shorter may look whole, but nothing follows it.
      if (declared !== "6") assertEquals(first.complete, complete);
      if (complete) assertEquals((await client.read()).text, first.text);
      else assertEquals((await client.takeAll()).length, 0);
      assertEquals(site.reports("error").length, complete ? 0 : 1);
    });
  }
}

Deno.test("HttpServer ignores a declared length when the body is at hand", async () => {
  await using site = await Site.start((server) => {
    const headers = { "content-length": "99", "transfer-encoding": "chunked" };
    server.get("/", () => new HttpResponse({ headers, body: "text" }));
  });
  using client = await site.connect();
  const { fields, text } = await client.ask(get("/"));
  assertEquals(text, "text");
  assertEquals(
    fields.filter(([name]) => /content-length|transfer/.test(name)),
    [["content-length", "4"]],
  );
});

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
        const answer = await client.ask(get(path, version, more));
        assertEquals(answer.status, status);
        assertEquals(answer.header("content-length"), length);
        assertEquals(answer.header("transfer-encoding"), null);
        assertEquals(answer.text, "");
      }
      assertEquals((await client.ask(get("/end", version, more))).text, "end");
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
  const old = await client.ask(get("/", "1.0"));
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
  assertEquals((await client.ask(get("/", "1.0"))).status, 200);
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
    await client.send(get(path, "1.1", "Connection: close\r\n"));
    const head = await client.takeUntil("\r\n\r\n");
    assertMatch(head ?? "", /^HTTP\/1\.1 200 OK\r\n/);
    waiting.open();
    assertStringIncludes(await client.readAll(), "\0");
  });
}
