/** Request bodies as handlers read them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { HttpError, type HttpServer, ok, text } from "@x/httpserver";
import { chunk, get, post, postChunks, postHead } from "../support/requests.ts";
import { Site } from "../support/site.ts";

const MULTIPART = [
  "--b",
  'Content-Disposition: form-data; name="a"',
  "",
  "1",
  "--b",
  'Content-Disposition: form-data; name="f"; filename="x.txt"',
  "Content-Type: text/plain",
  "",
  "file",
  "--b--",
  "",
].join("\r\n");

function defineReaders(server: HttpServer): void {
  server.post("/text", async (request) => ok(await request.text()));
  server.post("/bytes", async (request) => ok(await request.bytes()));
  server.post("/json", async (request) => ok(await request.json()));
  server.post("/form", async (request) => {
    const shown: [string, string][] = [];
    for (const [name, value] of await request.formData()) {
      const content = typeof value === "string"
        ? value
        : `${value.name}=${await value.text()}`;
      shown.push([name, content]);
    }
    return ok(shown);
  });
  server.post("/stream", async (request) => {
    let length = 0;
    for await (const piece of request.body ?? []) length += piece.length;
    return ok({ length, known: request.contentLength });
  });
  server.post("/trailers", async (request) => {
    const body = await request.text();
    return ok({ body, trailers: [...await request.trailers()] });
  });
  server.post("/early-trailers", async (request) => {
    const error = await request.trailers().catch((error) => error);
    return ok(`${error?.name} ${await request.text()}`);
  });
  server.post("/twice", async (request) => {
    const first = await request.text();
    const second = await request.text().catch((error) => error.name);
    return ok(`${first} ${second}`);
  });
  server.post("/unread", () => ok("unread"));
  server.get("/end", () => ok("end"));
}

const FORM = "Content-Type: multipart/form-data; boundary=b\r\n";
const URLENCODED = "Content-Type: application/x-www-form-urlencoded\r\n";

interface ReadCase {
  readonly when: string;
  readonly request: string;
  readonly answer: string | RegExp;
  readonly status?: number;
}

const READS: readonly ReadCase[] = [
  { when: "it is text", request: post("/text", "héllo"), answer: "héllo" },
  {
    when: "it is chunked text",
    request: postChunks("/text", "a", "bc", "d"),
    answer: "abcd",
  },
  { when: "it is empty", request: post("/text", ""), answer: "" },
  { when: "it has no chunks", request: postChunks("/text"), answer: "" },
  { when: "there is none", request: postHead("/text", ""), answer: "" },
  { when: "it is bytes", request: post("/bytes", "abc"), answer: "abc" },
  {
    when: "it is chunked bytes",
    request: postChunks("/bytes", "ab", "c"),
    answer: "abc",
  },
  {
    when: "it is JSON",
    request: post("/json", '{"a":[1,"é"]}'),
    answer: '{"a":[1,"é"]}',
  },
  {
    when: "it is chunked JSON",
    request: postChunks("/json", '{"a"', ":1}"),
    answer: '{"a":1}',
  },
  {
    when: "it is no JSON",
    request: post("/json", "{"),
    status: 400,
    answer: /not valid JSON/,
  },
  {
    when: "JSON is asked of none",
    request: postHead("/json", ""),
    status: 400,
    answer: /no body/,
  },
  {
    when: "it is a form",
    request: post("/form", "a=1&b=%C3%A9", URLENCODED),
    answer: '[["a","1"],["b","é"]]',
  },
  {
    when: "it is a form with a file",
    request: post("/form", MULTIPART, FORM),
    answer: '[["a","1"],["f","x.txt=file"]]',
  },
  {
    when: "it is a broken form",
    request: post("/form", "--c", FORM),
    status: 400,
    answer: /not a valid form/,
  },
  {
    when: "a form is asked of text",
    request: post("/form", "a=1"),
    status: 415,
    answer: /not a form/,
  },
  {
    when: "it is streamed",
    request: post("/stream", "abc"),
    answer: '{"length":3,"known":3}',
  },
  {
    when: "it is chunked and streamed",
    request: postChunks("/stream", "a", "bc"),
    answer: '{"length":3,"known":null}',
  },
  {
    when: "a stream is asked of none",
    request: postHead("/stream", ""),
    answer: '{"length":0,"known":0}',
  },
  {
    when: "it has trailers",
    request: postHead("/trailers", "Transfer-Encoding: chunked\r\n") +
      chunk("a") + "0\r\nX-Sum: 1\r\nX-Sum: 2\r\nContent-Length: 9\r\n" +
      "Authorization: x\r\n\r\n",
    answer: '{"body":"a","trailers":[["x-sum","1, 2"]]}',
  },
  {
    when: "it has no trailers",
    request: post("/trailers", "a"),
    answer: '{"body":"a","trailers":[]}',
  },
  {
    when: "trailers are asked too early",
    request: postChunks("/early-trailers", "a"),
    answer: "TypeError a",
  },
  {
    when: "it is read twice",
    request: post("/twice", "a"),
    answer: "a TypeError",
  },
  {
    when: "nobody reads it",
    request: post("/unread", "a".repeat(3000)),
    answer: "unread",
  },
  {
    when: "nobody reads chunks",
    request: postChunks("/unread", "ab", "c"),
    answer: "unread",
  },
];

// Ways to send the same bytes.
const SPLITS: readonly [name: string, size: number][] = [
  ["whole", Infinity],
  ["in pieces of 7", 7],
  ["byte by byte", 1],
];

for (const { when, request, answer, status = 200 } of READS) {
  Deno.test(`HttpRequest gives its body when ${when}`, async () => {
    await using site = await Site.start(defineReaders);
    for (const [name, size] of SPLITS) {
      using client = await site.connect();
      const bytes = new TextEncoder().encode(request);
      // The next request is on its way already.
      const next = new TextEncoder().encode(get("/end"));
      const all = new Uint8Array([...bytes, ...next]);
      if (size === Infinity) await client.send(all);
      for (let at = 0; size < Infinity && at < all.length; at += size) {
        await client.send(all.subarray(at, at + size));
      }
      const response = await client.read();
      assertEquals(response.status, status, name);
      if (answer instanceof RegExp) assertMatch(response.text, answer);
      else assertEquals(response.text, answer, name);
      assertEquals((await client.read()).text, "end", name);
    }
    assertEquals(site.reports("error"), []);
  });
}

Deno.test("HttpRequest gives a body of 5 MB when a route allows it", async () => {
  await using site = await Site.start((server) => {
    server.post("/sum", { bodyBytes: 5_000_000 }, async (request) => {
      const bytes = await request.bytes();
      return ok(`${bytes.length} ${bytes.reduce((sum, one) => sum + one, 0)}`);
    });
  });
  const body = "0123456789".repeat(500_000);
  const sum = `${body.length} ${525 * 500_000}`;
  const chunks = body.match(/[^]{1,100001}/g) ?? [];
  for (const request of [post("/sum", body), postChunks("/sum", ...chunks)]) {
    using client = await site.connect();
    assertEquals((await client.ask(request)).text, sum);
    assertEquals((await client.ask(request)).text, sum);
  }
});

function defineLimits(server: HttpServer): void {
  const read = async (request: { text(): Promise<string> }) =>
    ok((await request.text()).length);
  server.post("/default", read);
  server.post("/more", { bodyBytes: 200 }, read);
  server.post("/less", { bodyBytes: 5 }, read);
  server.post("/none", { bodyBytes: 0 }, read);
  server.post("/unread", { bodyBytes: 5 }, () => ok("unread"));
  server.post("/stream", { bodyBytes: 5 }, async (request) => {
    for await (const _ of request.body ?? []);
    return ok("read");
  });
  server.post("/caught", { bodyBytes: 5 }, async (request) => {
    const error = await request.bytes().catch((error) => error);
    return text(error instanceof HttpError ? `${error.status}` : "none");
  });
  server.get("/end", () => ok("end"));
}

const LIMITS: readonly [path: string, length: number, status: number][] = [
  ["/default", 100, 200],
  ["/default", 101, 413],
  ["/more", 200, 200],
  ["/more", 201, 413],
  ["/less", 5, 200],
  ["/less", 6, 413],
  ["/none", 0, 200],
  ["/none", 1, 413],
  ["/stream", 5, 200],
  ["/stream", 6, 413],
];

for (const [path, length, status] of LIMITS) {
  const body = "x".repeat(length);
  for (
    const [kind, request] of [
      ["declared", post(path, body)],
      ["counted", postChunks(path, ...body)],
    ]
  ) {
    Deno.test(`HttpServer answers ${status} when ${path} gets ${length} bytes, ${kind}`, async () => {
      const limits = { bodyBytes: 100 };
      await using site = await Site.start(defineLimits, { limits });
      using client = await site.connect();
      await client.send(request + get("/end"));
      assertEquals((await client.read()).status, status);
      // What is left is short enough to be dropped.
      assertEquals((await client.read()).text, "end");
    });
  }
}

Deno.test("HttpServer refuses a declared length before the handler runs when it is over the limit", async () => {
  const limits = { bodyBytes: 100 };
  await using site = await Site.start(defineLimits, { limits });
  using client = await site.connect();
  assertEquals((await client.ask(post("/unread", "123456"))).status, 413);
  const chunked = await client.ask(postChunks("/unread", "123456"));
  assertEquals(chunked.text, "unread");
});

Deno.test("HttpServer gives a handler the 413 to catch when a counted body is over the limit", async () => {
  await using site = await Site.start(defineLimits);
  using client = await site.connect();
  assertEquals((await client.ask(postChunks("/caught", "123456"))).text, "413");
});

const MALFORMED: readonly [name: string, body: string][] = [
  ["no size", "zz\r\n"],
  ["a size with a space", "1 \r\na\r\n"],
  ["a size that is too large", "fffffffffffffffff\r\n"],
  ["no CRLF behind its data", "1\r\nab\r\n"],
  ["LF alone behind its size", "1\na\r\n"],
  ["a bad trailer", "0\r\nx y: z\r\n\r\n"],
];

for (const [name, bad] of MALFORMED) {
  for (const path of ["/text", "/stream", "/unread"]) {
    Deno.test(`HttpServer closes when a chunk has ${name} and goes to ${path}`, async () => {
      await using site = await Site.start(defineReaders);
      using client = await site.connect();
      const head = postHead(path, "Transfer-Encoding: chunked\r\n");
      await client.send(head + chunk("good"));
      await client.send(bad + get("/end") + get("/end"));
      const response = await client.read();
      assertEquals(response.status, path === "/unread" ? 200 : 400);
      if (path !== "/unread") {
        assertEquals(response.header("connection"), "close");
      }
      await client.closeWrite();
      assertEquals(await client.ends(), true);
      assertEquals(site.server.stats().totalRequests, 1);
      assertEquals(site.reports("error"), []);
    });
  }
}

const TRUNCATED: readonly [name: string, request: string][] = [
  ["a declared length", postHead("/read", "Content-Length: 99\r\n") + "part"],
  [
    "a chunk",
    postHead("/read", "Transfer-Encoding: chunked\r\n") + "9\r\npart",
  ],
  [
    "a last chunk",
    postHead("/read", "Transfer-Encoding: chunked\r\n") +
    "4\r\npart\r\n",
  ],
  [
    "trailers",
    postHead("/read", "Transfer-Encoding: chunked\r\n") +
    "4\r\npart\r\n0\r\nA: b\r\n",
  ],
];

for (const [name, request] of TRUNCATED) {
  Deno.test(`HttpRequest rejects when its body ends within ${name}`, async () => {
    const failed = Promise.withResolvers<unknown>();
    await using site = await Site.start((server) => {
      server.post("/read", async (request) => {
        try {
          return ok(await request.text());
        } catch (error) {
          failed.resolve(error);
          throw error;
        }
      });
    });
    const answer = await site.exchange(request);
    const error = await failed.promise;
    assert(error instanceof HttpError);
    assertEquals(error.status, 400);
    assertMatch(answer, /^HTTP\/1\.1 400 /);
    assertMatch(answer, /\r\nConnection: close\r\n/);
    assertEquals(site.server.stats().totalRequests, 1);
  });
}

Deno.test("HttpRequest refuses its body when the answer has been sent", async () => {
  const kept: { bytes(): Promise<Uint8Array>; body: unknown }[] = [];
  await using site = await Site.start((server) => {
    server.post("/", (request) => {
      kept.push(request);
      return ok("answered");
    });
    server.get("/end", () => ok("end"));
  });
  using client = await site.connect();
  await client.ask(post("/", "secret"));
  await client.ask(get("/end"));
  // The body of the next request must not be taken for it.
  await client.send(postHead("/", "Content-Length: 5\r\n") + "ot");
  const error = await kept[0].bytes().catch((error) => error);
  assert(error instanceof TypeError, `${error}`);
  assertMatch(error.message, /answered/);
  await client.send("her");
  assertEquals((await client.read()).text, "answered");
});
