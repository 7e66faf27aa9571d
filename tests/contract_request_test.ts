/** What the contract promises of a request, and of answers made of it. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  HeaderList,
  HttpRequest,
  HttpResponse,
  HttpServer,
  noContent,
  ok,
  text,
} from "@x/httpserver";
import { everyWay, exchange } from "./support/ways.ts";

Deno.test("HttpRequest has what was sent", async () => {
  const server = new HttpServer();
  server.get("/a/:one/*rest", (request) => {
    assert(request instanceof HttpRequest);
    const url: URL = request.url;
    const query: URLSearchParams = request.query;
    const address: Deno.Addr = request.remoteAddress;
    const ip: string = request.ip;
    const id: string = request.id;
    const keepAlive: boolean = request.isKeepAlive;
    const custom: string | null = request.header("X-Custom");
    const pairs: Iterable<[string, string]> = request.headers;
    assert(request.headers instanceof HeaderList);
    assert(request.signal instanceof AbortSignal);
    return ok({
      method: request.method,
      target: request.target,
      path: request.path,
      version: request.version,
      search: url.search,
      query: [...query],
      params: request.params,
      custom,
      missing: request.header("x-missing"),
      named: [...pairs].filter(([name]) => name === "x-custom"),
      cookies: [...request.cookies],
      transport: address.transport,
      ip,
      hasId: id.length > 0 && id === request.id,
      keepAlive,
      state: request.state,
      aborted: request.signal.aborted,
      body: request.body,
    });
  });
  await everyWay(server, async (way) => {
    const answer = await way.ask({
      path: "/a/x%2Fy%20z/b%2Fc/%C3%A9?q=1&q=%26&r",
      headers: { "X-Custom": "v", cookie: "a=1; b=2" },
    });
    assertEquals(answer.status, 200, answer.body);
    const got = JSON.parse(answer.body);
    assertEquals(got, {
      method: "GET",
      target: "/a/x%2Fy%20z/b%2Fc/%C3%A9?q=1&q=%26&r",
      path: "/a/x%2Fy z/b%2Fc/é",
      version: "1.1",
      search: "?q=1&q=%26&r",
      query: [["q", "1"], ["q", "&"], ["r", ""]],
      params: { one: "x/y z", rest: "b%2Fc/é" },
      custom: "v",
      missing: null,
      named: [["x-custom", "v"]],
      cookies: [["a", "1"], ["b", "2"]],
      transport: "tcp",
      ip: way.name === "server.fetch" ? "" : "127.0.0.1",
      hasId: true,
      keepAlive: true,
      state: {},
      aborted: false,
      body: null,
    }, way.name);
  });
});

Deno.test("HttpRequest joins repeated fields and keeps them as sent", async () => {
  const server = new HttpServer();
  server.get("/", (request) =>
    ok({
      headers: [...request.headers],
      raw: request.rawHeaders,
      version: request.version,
      keepAlive: request.isKeepAlive,
    }));
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const fields =
    "Host: a\r\nX-One: 1\r\nCookie: a=1\r\nx-ONE:  2 \r\nCookie: b=2";
  const answer = await exchange(
    port,
    `GET / HTTP/1.1\r\n${fields}\r\nConnection: close\r\n\r\n`,
  );
  const [, body] = answer.split("\r\n\r\n");
  assertEquals(JSON.parse(body), {
    headers: [
      ["host", "a"],
      ["x-one", "1, 2"],
      ["cookie", "a=1; b=2"],
      ["connection", "close"],
    ],
    raw: [
      ["Host", "a"],
      ["X-One", "1"],
      ["Cookie", "a=1"],
      ["x-ONE", "2"],
      ["Cookie", "b=2"],
      ["Connection", "close"],
    ],
    version: "1.1",
    keepAlive: false,
  });
  await server.shutdown();
});

Deno.test("HttpRequest gives a bad path the status 400", async () => {
  const server = new HttpServer();
  server.get("/files/*path", (request) => text(request.path));
  server.get("/", () => text(""));
  await everyWay(server, async (way) => {
    for (const path of ["/files/%zz", "/files/%00", "/files/%C3", "/%"]) {
      const { status } = await way.ask({ path });
      assertEquals(status, 400, `${way.name} ${path}`);
    }
    const encoded = await way.ask({ path: "/files/a%2Fb%252F" });
    assertEquals(encoded.body, "/files/a%2Fb%2F", way.name);
  });
});

Deno.test("HttpRequest reads its content in every form", async () => {
  const server = new HttpServer();
  server.post("/bytes", async (request) => {
    const bytes: Uint8Array = await request.bytes();
    return ok(bytes);
  });
  server.post("/text", async (request) => text(await request.text()));
  server.post("/json", async (request) => {
    const data: unknown = await request.json();
    return ok([data]);
  });
  server.post("/form", async (request) => {
    const form: FormData = await request.formData();
    return ok([...form]);
  });
  server.post("/stream", async (request) => {
    const body: ReadableStream<Uint8Array> | null = request.body;
    return text(await new Response(body).text());
  });
  server.post("/web", async (request) => {
    const web: Request = request.toWeb();
    return text(`${web.method} ${new URL(web.url).pathname} ${await web
      .text()}`);
  });
  server.post("/echo", (request) => new HttpResponse({ body: request.body }));
  const form = { "content-type": "application/x-www-form-urlencoded" };
  await everyWay(server, async (way) => {
    const cases: [string, string, string, Record<string, string>?][] = [
      ["/bytes", "é", "é"],
      ["/text", "é", "é"],
      ["/json", "{}", "[{}]"],
      ["/form", "a=1&b=%20", '[["a","1"],["b"," "]]', form],
      ["/stream", "some text", "some text"],
      ["/web", "some text", "POST /web some text"],
      ["/echo", "some text", "some text"],
    ];
    for (const [path, body, expected, headers] of cases) {
      const answer = await way.ask({ method: "POST", path, body, headers });
      const about = `${way.name} ${path}`;
      assertEquals([answer.status, answer.body], [200, expected], about);
    }
    const other = await way.ask({ method: "POST", path: "/form", body: "x" });
    assertEquals(other.status, 415, way.name);
  });
});

Deno.test("HttpRequest has the trailers once its content was read", async () => {
  const server = new HttpServer();
  server.post("/", async (request) => {
    await assertRejects(() => request.trailers(), TypeError);
    const content = await request.text();
    return ok([content, [...await request.trailers()]]);
  });
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const answer = await exchange(
    port,
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n",
  );
  const [, body] = answer.split("\r\n\r\n");
  assertEquals(body, '["abc",[["x-sum","7"]]]');
  await server.shutdown();
});

Deno.test("HttpRequest sends early hints over a socket, and none elsewhere", async () => {
  const server = new HttpServer();
  const link = "</style.css>; rel=preload; as=style";
  server.get("/", async (request) => {
    await request.earlyHints([link]);
    return text("page");
  });
  assertEquals(await (await server.inject()).text(), "page");
  const web = await server.fetch(new Request("http://localhost/"));
  assertEquals(await web.text(), "page");
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const answer = await exchange(
    port,
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  const [hints, final, body] = answer.split("\r\n\r\n");
  assertMatch(hints, /^HTTP\/1\.1 103 Early Hints\r\n/);
  assertEquals(hints.split("\r\n")[1].toLowerCase(), `link: ${link}`);
  assertMatch(final, /^HTTP\/1\.1 200 OK\r\n/);
  assertEquals(body, "page");
  await server.shutdown();
});

Deno.test("HttpResponse is made of its parts and of a web Response", async () => {
  const fields = { "x-a": "1" };
  for (const headers of [fields, Object.entries(fields), new Headers(fields)]) {
    const response = new HttpResponse({
      status: 202,
      headers: headers as Record<string, string>,
      body: "b",
    });
    assertEquals(response.status, 202);
    assertEquals([...response.headers], [["x-a", "1"]]);
    const web: Response = response.toWeb();
    assertEquals([web.status, web.headers.get("x-a")], [202, "1"]);
    assertEquals(await web.text(), "b");
  }
  assertEquals(new HttpResponse().status, 200);
  assertEquals(new HttpResponse().body, null);
  const from = HttpResponse.from(new Response("b", { status: 203 }));
  assertEquals([from.status, await from.text()], [203, "b"]);
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("a");
  yield new TextEncoder().encode("b");
}

Deno.test("HttpResponse takes every kind of content", async () => {
  const bytes = new TextEncoder().encode("ab");
  const server = new HttpServer();
  const make: Record<string, () => HttpResponse> = {
    "/text": () => new HttpResponse({ body: "ab" }),
    "/bytes": () => new HttpResponse({ body: bytes }),
    "/stream": () => new HttpResponse({ body: ReadableStream.from(pieces()) }),
    "/iterable": () => new HttpResponse({ body: pieces() }),
  };
  for (const [path, body] of Object.entries(make)) server.get(path, body);
  server.get("/null", () => new HttpResponse({ body: null }));
  server.get("/none", () => noContent());
  server.get("/empty", () => ok(new Uint8Array(0)));
  await everyWay(server, async (way) => {
    for (const path of Object.keys(make)) {
      const { status, body } = await way.ask({ path });
      assertEquals([status, body], [200, "ab"], `${way.name} ${path}`);
    }
    const { status, body } = await way.ask({ path: "/null" });
    assertEquals([status, body], [200, ""], way.name);
    assertEquals((await way.ask({ path: "/none" })).status, 204);
    const empty = await way.ask({ path: "/empty" });
    assertEquals([empty.status, empty.body], [200, ""], way.name);
    if (way.name !== "socket") return;
    assertEquals(empty.header("content-length"), "0");
  });
});

Deno.test("HttpResponse sends trailers behind its content", async () => {
  const server = new HttpServer();
  server.get("/", () =>
    new HttpResponse({
      headers: { trailer: "x-sum" },
      body: pieces(),
      trailers: { "x-sum": "7" },
    }));
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const answer = await exchange(
    port,
    "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n",
  );
  assertMatch(answer, /\r\n0\r\nx-sum: 7\r\n\r\n$/i);
  await server.shutdown();
});
