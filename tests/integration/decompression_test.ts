/** Compressed request bodies over sockets: decoded, bounded, refused. */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  type HttpServer,
  type HttpServerOptions,
  ok,
  text,
} from "@x/httpserver";
import {
  decompression,
  type DecompressionOptions,
} from "@x/httpserver/middleware";
import { CODINGS, encode, jsonText, noise } from "../support/contents.ts";
import { join, type RawResponse } from "../support/raw_response.ts";
import { postHead } from "../support/requests.ts";
import { Site } from "../support/site.ts";

const ENCODER = new TextEncoder();

interface SendOptions {
  readonly path?: string;
  readonly chunked?: boolean;
  readonly more?: string;
}

/** A POST of a body that says how it is coded. */
function post(
  codings: string,
  body: Uint8Array,
  { path = "/", chunked = false, more = "" }: SendOptions = {},
): Uint8Array {
  const framing = chunked
    ? "Transfer-Encoding: chunked\r\n"
    : `Content-Length: ${body.length}\r\n`;
  const head = postHead(
    path,
    `Content-Encoding: ${codings}\r\n${framing}${more}`,
  );
  if (!chunked) return join([ENCODER.encode(head), body]);
  const middle = body.length >> 1;
  const chunks = [body.subarray(0, middle), body.subarray(middle)]
    .filter((piece) => piece.length > 0)
    .flatMap((piece) => [
      ENCODER.encode(`${piece.length.toString(16)}\r\n`),
      piece,
      ENCODER.encode("\r\n"),
    ]);
  return join([ENCODER.encode(head), ...chunks, ENCODER.encode("0\r\n\r\n")]);
}

function start(
  options: DecompressionOptions = {},
  serverOptions: HttpServerOptions = {},
  define: (server: HttpServer) => unknown = () => {},
): Promise<Site> {
  return Site.start((server) => {
    server.use(decompression(options));
    server.post("/", async (request) => ok(await request.bytes()));
    server.post("/unread", () => text("done"));
    define(server);
  }, serverOptions);
}

async function askOnce(site: Site, request: Uint8Array): Promise<RawResponse> {
  using client = await site.connect();
  await client.send(request);
  return await client.read();
}

const GZIPPED = encode("gzip", ENCODER.encode("hello"));

Deno.test("handlers get bodies of every coding and framing decoded", async () => {
  await using site = await start();
  using client = await site.connect();
  for (const coding of CODINGS) {
    for (const size of [0, 1, 1000, 65_536, 200_000, 1024 * 1024]) {
      for (const chunked of [false, true]) {
        const content = ENCODER.encode(jsonText(size));
        await client.send(post(coding, encode(coding, content), { chunked }));
        const response = await client.read();
        assertEquals(response.body, content, `${coding} of ${size}`);
      }
    }
  }
});

Deno.test("every method of a request reads the decoded body", async () => {
  await using site = await start({}, {}, (server) => {
    server.post("/text", async (request) => text(await request.text()));
    server.post("/json", async (request) => ok(await request.json()));
    server.post("/stream", (request) => ok(request.body));
    server.post("/web", async (request) => text(await request.toWeb().text()));
    server.post(
      "/form",
      async (request) => text(`${(await request.formData()).get("a")}`),
    );
    server.post("/fields", (request) =>
      ok([
        request.header("content-encoding"),
        request.header("content-length"),
        request.contentLength,
        request.toWeb().headers.get("content-encoding"),
        request.headers.get("x-other"),
      ]));
  });
  const send = async (path: string, content: string, more = "") => {
    const body = encode("br", ENCODER.encode(content));
    return (await askOnce(site, post("br", body, { path, more }))).text;
  };
  for (const path of ["/text", "/json", "/stream", "/web"]) {
    assertEquals(await send(path, '{"a":"ä"}'), '{"a":"ä"}', path);
  }
  const form = "Content-Type: application/x-www-form-urlencoded\r\n";
  assertEquals(await send("/form", "a=1&b=2", form), "1");
  const fields = await send("/fields", "x", "X-Other: 1\r\n");
  assertEquals(JSON.parse(fields), [null, null, null, null, "1"]);
});

Deno.test("codings on top of each other are undone, but no more than two", async () => {
  await using site = await start();
  const content = noise(50_000);
  const twice = encode("br", encode("gzip", content));
  for (const field of ["gzip, br", "X-GZIP , BR", "identity, gzip, br"]) {
    const response = await askOnce(site, post(field, twice));
    assertEquals(response.body, content, field);
  }
  const thrice = encode("gzip", twice);
  const response = await askOnce(site, post("gzip, br, gzip", thrice));
  assertEquals(response.status, 415);
  const plain = await askOnce(site, post("identity", ENCODER.encode("plain")));
  assertEquals(plain.text, "plain");
});

Deno.test("another coding is refused with those that are taken", async () => {
  await using site = await start();
  for (
    const field of ["compress", "gzip, lzma", "aws-chunked", "gzip;q=1", "*"]
  ) {
    const response = await askOnce(site, post(field, GZIPPED));
    assertEquals(response.status, 415, field);
    assertEquals(response.header("accept-encoding"), "zstd, br, gzip, deflate");
  }
  await using few = await start({ encodings: ["gzip"] });
  const response = await askOnce(few, post("br", GZIPPED));
  assertEquals([response.status, response.header("accept-encoding")], [
    415,
    "gzip",
  ]);
});

Deno.test("a client that waits to be asked is refused before it sends", async () => {
  await using site = await start({ limit: 1000 });
  for (const [more, status] of [["lzma", 415], ["gzip", 413]] as const) {
    using client = await site.connect();
    const expect = "Content-Length: 100000\r\nExpect: 100-continue\r\n";
    await client.send(postHead("/", `Content-Encoding: ${more}\r\n${expect}`));
    assertEquals((await client.read()).status, status);
  }
  using client = await site.connect();
  const expect =
    `Content-Length: ${GZIPPED.length}\r\nExpect: 100-continue\r\n`;
  await client.send(postHead("/", `Content-Encoding: gzip\r\n${expect}`));
  assertEquals((await client.read()).status, 100);
  await client.send(GZIPPED);
  assertEquals((await client.read()).text, "hello");
});

Deno.test("malformed bodies are answered 400, and the next request is served", async () => {
  await using site = await start();
  for (const coding of CODINGS) {
    const good = encode(coding, ENCODER.encode(jsonText(3000)));
    const bad: readonly [string, Uint8Array][] = [
      ["empty", new Uint8Array(0)],
      ["cut short", good.subarray(0, good.length - 1)],
      ["with a tail", join([good, ENCODER.encode("tail")])],
      ["not coded", ENCODER.encode('{"a":1}')],
    ];
    using client = await site.connect();
    for (const [name, body] of bad) {
      await client.send(post(coding, body, { chunked: true }));
      const response = await client.read();
      assertEquals(response.status, 400, `${coding}, ${name}`);
      assertEquals(
        JSON.parse(response.text).detail,
        `The request body is not valid ${coding}`,
      );
    }
    await client.send(post(coding, good));
    assertEquals((await client.read()).text.length, 3000);
  }
  assertEquals(site.reports("error"), []);
});

Deno.test("a bomb is answered 413 at the cost of the limit", async () => {
  const bomb = new Uint8Array(50 * 1024 * 1024);
  const routes = (server: HttpServer) =>
    server.post(
      "/large",
      { bodyBytes: 10_000_000 },
      async (request) => text(`${(await request.bytes()).length}`),
    );
  await using site = await start({}, {}, routes);
  await using strict = await start({ limit: 1000 }, {}, routes);
  for (const coding of CODINGS) {
    const body = encode(coding, bomb);
    assertLess(body.length, 64 * 1024);
    for (
      const [at, path] of [[site, "/"], [site, "/large"], [
        strict,
        "/large",
      ]] as const
    ) {
      const response = await askOnce(at, post(coding, body, { path }));
      assertEquals(response.status, 413, `${coding} ${path}`);
    }
    const twice = encode("gzip", body);
    const response = await askOnce(site, post(`${coding}, gzip`, twice));
    assertEquals(response.status, 413);
  }
});

Deno.test("the limit is of the decoded body, by the server, the route and the middleware", async () => {
  const body = (bytes: number) => encode("gzip", noise(bytes));
  const routes = (server: HttpServer) =>
    server.post(
      "/large",
      { bodyBytes: 2000 },
      async (request) => ok(await request.bytes()),
    );
  await using site = await start({}, { limits: { bodyBytes: 1000 } }, routes);
  await using strict = await start({ limit: 1500 }, {}, routes);
  const cases: readonly [Site, string, number, number][] = [
    [site, "/", 1000, 200],
    [site, "/", 1001, 413],
    [site, "/large", 2000, 200],
    [site, "/large", 2001, 413],
    [strict, "/", 1500, 200],
    [strict, "/", 1501, 413],
    [strict, "/large", 1501, 413],
  ];
  for (const [at, path, bytes, status] of cases) {
    const response = await askOnce(at, post("gzip", body(bytes), { path }));
    assertEquals(response.status, status, `${path} of ${bytes}`);
  }
  // A body that is not coded goes by the limit of its route alone.
  const plain = await askOnce(
    strict,
    post("identity", noise(1800), { path: "/large" }),
  );
  assertEquals(plain.status, 200);
});

Deno.test("a body that expands too much is refused even below the limit", async () => {
  const body = encode("gzip", new Uint8Array(5_000_000));
  const limits = { bodyBytes: 100_000_000 };
  await using site = await start({ maxRatio: 100 }, { limits });
  assertEquals((await askOnce(site, post("gzip", body))).status, 413);
  await using lenient = await start({ maxRatio: Infinity }, { limits });
  const response = await askOnce(lenient, post("gzip", body));
  assertEquals(response.body.length, 5_000_000);
});

Deno.test("a body that nobody reads is never decoded, and the connection goes on", async () => {
  await using site = await start();
  using client = await site.connect();
  for (let round = 0; round < 3; round++) {
    await client.send(post("gzip", GZIPPED, { path: "/unread" }));
    assertEquals((await client.read()).text, "done");
    await client.send(
      post("gzip", ENCODER.encode("no gzip"), { path: "/unread" }),
    );
    assertEquals((await client.read()).text, "done");
  }
});

Deno.test("a body that was left half read is freed with its request", async () => {
  let left: ReadableStreamDefaultReader<Uint8Array> | undefined;
  await using site = await start(
    {},
    {},
    (server) =>
      server.post("/half", async (request) => {
        left = request.body?.getReader();
        const first = await left?.read();
        return text(`${first?.value?.length}`);
      }),
  );
  for (const coding of CODINGS) {
    const body = encode(coding, new Uint8Array(900_000));
    const response = await askOnce(site, post(coding, body, { path: "/half" }));
    assertLess(Number(response.text), 300_000);
    // What the decoder had in store is gone, and is not taken for the end.
    await assertRejects(async () => await left?.read(), TypeError, "any more");
  }
});

Deno.test("requests without a body or a coding pass", async () => {
  await using site = await start(
    {},
    {},
    (server) => server.get("/", () => ok("yes")),
  );
  using client = await site.connect();
  const head = "GET / HTTP/1.1\r\nHost: a\r\nContent-Encoding: lzma\r\n\r\n";
  assertEquals((await client.ask(head)).text, "yes");
  await client.send(`${postHead("/", "Content-Length: 3\r\n")}abc`);
  assertEquals((await client.read()).text, "abc");
});

Deno.test("without the middleware a handler gets the bytes as they were sent", async () => {
  await using site = await Site.start((server) =>
    server.post("/", async (request) => ok(await request.bytes()))
  );
  assertEquals((await askOnce(site, post("gzip", GZIPPED))).body, GZIPPED);
});

Deno.test("a client that leaves in the middle of its body ends the read", async () => {
  let failed: unknown = undefined;
  const over = Promise.withResolvers<void>();
  await using site = await start(
    {},
    {},
    (server) =>
      server.post("/wait", async (request) => {
        try {
          return ok(await request.bytes());
        } catch (error) {
          failed = error;
          throw error;
        } finally {
          over.resolve();
        }
      }),
  );
  const body = encode("zstd", noise(100_000));
  const whole = post("zstd", body, { path: "/wait" });
  using client = await site.connect();
  await client.send(whole.subarray(0, whole.length - 1000));
  client.close();
  await site.advanceUntil(over.promise);
  assert(failed instanceof Error);
});

Deno.test("server.fetch and inject() decode as well, also while they answer", async () => {
  await using site = await start({}, {}, (server) => {
    server.post("/echo", (request) => ok(request.body));
  });
  const { server } = site;
  for (const coding of CODINGS) {
    const headers = { "content-encoding": coding };
    const request = (body: BodyInit, path = "") =>
      new Request(`http://a/${path}`, { method: "POST", headers, body });
    const content = noise(300_000);
    const body = encode(coding, content);
    for (const path of ["", "echo"]) {
      const response = await server.fetch(request(body, path));
      assertEquals(await response.bytes(), content, coding);
      const injected = await server.inject({
        method: "POST",
        path: `/${path}`,
        headers,
        body,
      });
      assertEquals(await injected.bytes(), content, coding);
    }
    assertEquals((await server.fetch(request("plain"))).status, 400);
    const bomb = encode(coding, new Uint8Array(10_000_000));
    assertEquals((await server.fetch(request(bomb))).status, 413);
  }
});
