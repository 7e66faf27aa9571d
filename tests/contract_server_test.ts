/** What the contract promises of the server, its routes and its helpers. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  accepted,
  badRequest,
  conflict,
  created,
  forbidden,
  type Handler,
  html,
  HttpError,
  HttpResponse,
  HttpServer,
  HttpStatus,
  json,
  type LogRecord,
  type Middleware,
  noContent,
  notFound,
  ok,
  redirect,
  ResponseBuilder,
  Router,
  type ShutdownReport,
  text,
  unauthorized,
} from "@x/httpserver";
import { assertType, type Same } from "./support/types.ts";
import { everyWay, exchange } from "./support/ways.ts";

const quiet = { log: () => {} };

Deno.test("HttpServer types the parameters of its patterns", async () => {
  const server = new HttpServer();
  const version = "v1" as "v1" | "v2";
  server.get("/users/:id/files/*rest", (request) => {
    assertType<Same<typeof request.params, { id: string; rest: string }>>();
    return ok(request.params);
  });
  server.get("/optional/:name?", (request) => {
    const name: string | undefined = request.params.name;
    return ok([name ?? null]);
  });
  server.get("/number/:n(\\d+)", (request) => {
    assertType<Same<typeof request.params, { n: string }>>();
    return ok(request.params);
  });
  server.get(`/${version}/items/:item`, (request) => {
    const item: string = request.params.item;
    return ok({ item });
  });
  const wildcard: Handler = (request) => ok(request.params);
  server.get("/any/*", wildcard);
  const cases: [path: string, status: number, body?: unknown][] = [
    ["/users/7/files/a/b", 200, { id: "7", rest: "a/b" }],
    ["/users/7/files/", 200, { id: "7", rest: "" }],
    ["/users/7/files", 200, { id: "7", rest: "" }],
    ["/optional/a", 200, ["a"]],
    ["/optional", 200, [null]],
    ["/number/12", 200, { n: "12" }],
    ["/number/12a", 404],
    ["/v1/items/x", 200, { item: "x" }],
    ["/users//files/", 404],
    ["/users/7", 404],
  ];
  await everyWay(server, async (way) => {
    for (const [path, status, body] of cases) {
      const answer = await way.ask({ path });
      assertEquals(answer.status, status, `${way.name} ${path}`);
      if (body !== undefined) assertEquals(JSON.parse(answer.body), body);
    }
  });
});

Deno.test("HttpServer prefers static to parameter to wildcard", async () => {
  const routes: [string, string][] = [
    ["/a/*rest", "wildcard"],
    ["/a/:x", "parameter"],
    ["/a/b", "static"],
  ];
  for (const order of [routes, routes.toReversed()]) {
    const server = new HttpServer();
    for (const [pattern, name] of order) server.get(pattern, () => text(name));
    const ask = async (path: string) =>
      await (await server.inject({ path })).text();
    assertEquals(
      [await ask("/a/b"), await ask("/a/c"), await ask("/a/b/c")],
      ["static", "parameter", "wildcard"],
    );
  }
});

Deno.test("HttpServer refuses a duplicate or ambiguous route at once", () => {
  const cases: [string, string][] = [
    ["/a", "/a"],
    ["/a/:x", "/a/:y"],
    ["/a/*x", "/a/*y"],
    ["/a/:x?", "/a"],
  ];
  for (const [first, second] of cases) {
    const server = new HttpServer().get(first, () => text(""));
    assertThrows(() => server.get(second, () => text("")), TypeError, second);
    server.post(second, () => text(""));
  }
});

Deno.test("HttpServer answers 405, HEAD and OPTIONS by its routes", async () => {
  const server = new HttpServer();
  server.get("/a", () => text("get a")).post("/a", () => text("post a"));
  server.put("/b", () => text("put b"));
  const allowOf = (header: string | null) =>
    header?.split(", ").sort().join(" ");
  await everyWay(server, async (way) => {
    const put = await way.ask({ method: "PUT", path: "/a" });
    assertEquals(put.status, 405, way.name);
    assertEquals(allowOf(put.header("allow")), "GET HEAD OPTIONS POST");
    const head = await way.ask({ method: "HEAD", path: "/a" });
    assertEquals([head.status, head.body], [200, ""], way.name);
    if (way.name !== "inject") {
      assertEquals(head.header("content-length"), "5", way.name);
    }
    const options = await way.ask({ method: "OPTIONS", path: "/a" });
    assertEquals([options.status, options.body], [204, ""], way.name);
    assertEquals(allowOf(options.header("allow")), "GET HEAD OPTIONS POST");
    const none = await way.ask({ method: "OPTIONS", path: "/none" });
    assertEquals(none.status, 404, way.name);
  });
  const all = await server.inject({ method: "OPTIONS", path: "*" });
  assertEquals(all.status, 204);
  assertEquals(allowOf(all.header("allow")), "GET HEAD OPTIONS POST PUT");
});

Deno.test("HttpServer answers OPTIONS * over a socket", async () => {
  const server = new HttpServer().get("/", () => text(""));
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const answer = await exchange(
    port,
    "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  assertMatch(answer, /^HTTP\/1\.1 204 No Content\r\n/);
  assertMatch(answer, /\r\nallow: GET, HEAD, OPTIONS\r\n/i);
  await server.shutdown();
});

Deno.test("every registration returns the server that it was called on", () => {
  const server = new HttpServer();
  const handler = () => text("");
  const pass: Middleware = (_request, next) => next();
  const returned: HttpServer[] = [
    server.use(pass),
    server.use("/prefix", pass, pass),
    server.get("/", handler),
    server.post("/", { bodyBytes: 7 }, handler),
    server.put("/", pass, handler),
    server.patch("/", { bodyBytes: 7 }, pass, pass, handler),
    server.delete("/", handler),
    server.head("/", handler),
    server.options("/", handler),
    server.all("/", handler),
    server.on("PURGE", "/", handler),
    server.mount("/router", new Router()),
    server.notFound(handler),
    server.onError(() => text("")),
  ];
  for (const each of returned) assertStrictEquals(each, server);
});

Deno.test("HttpServer has each method of the contract answer", async () => {
  const server = new HttpServer();
  server.get("/", () => text("get")).post("/", () => text("post"))
    .put("/", () => text("put")).patch("/", () => text("patch"))
    .delete("/", () => text("delete")).options("/", () => text("options"))
    .on("PURGE", "/", () => text("purge")).all("/", () => text("all"));
  await everyWay(server, async (way) => {
    for (const name of "get post put patch delete options purge".split(" ")) {
      const answer = await way.ask({ method: name.toUpperCase(), path: "/" });
      assertEquals([answer.status, answer.body], [200, name], way.name);
    }
    const other = await way.ask({ method: "REPORT", path: "/" });
    assertEquals([other.status, other.body], [200, "all"], way.name);
  });
});

Deno.test("use() runs in order, by prefix, around every answer", async () => {
  const named = (name: string): Middleware => async (_request, next) => {
    const response = await next();
    assert(response instanceof HttpResponse);
    response.headers.append("x-ran", name);
    return response;
  };
  const server = new HttpServer();
  server.get("/", () => new Response("web"));
  server.use(named("first"), named("second"));
  server.use("/api", named("api"));
  server.get("/api/x", named("route"), () => text("x"));
  const router = new Router().use(named("router")).get("/", () => text(""));
  server.mount("/sub", router);
  const cases: [method: string, path: string, status: number, ran: string][] = [
    ["GET", "/", 200, "second, first"],
    ["GET", "/api/x", 200, "route, api, second, first"],
    ["GET", "/api/none", 404, "api, second, first"],
    ["GET", "/api", 404, "api, second, first"],
    ["GET", "/apix", 404, "second, first"],
    ["PUT", "/api/x", 405, "api, second, first"],
    ["OPTIONS", "/api/x", 204, "api, second, first"],
    ["GET", "/sub", 200, "router, second, first"],
    ["GET", "/sub/none", 404, "router, second, first"],
  ];
  await everyWay(server, async (way) => {
    for (const [method, path, status, ran] of cases) {
      const answer = await way.ask({ method, path });
      assertEquals(
        [answer.status, answer.header("x-ran")],
        [status, ran],
        `${way.name} ${method} ${path}`,
      );
    }
  });
});

function auth(): Middleware<{ user: string }> {
  return function auth(request, next) {
    request.state.user = request.header("authorization") ?? "nobody";
    return next();
  };
}

Deno.test("use() adds typed state for the handlers chained after it", async () => {
  const server = new HttpServer();
  server.use(auth()).get("/me", (request) => {
    assertType<Same<typeof request.state.user, string>>();
    return ok(request.state.user);
  });
  const needs: Middleware<{ greeting: string }, { user: string }> = (
    request,
    next,
  ) => {
    request.state.greeting = `hello ${request.state.user}`;
    return next();
  };
  server.use(auth()).use(needs).get("/hello", (request) => {
    assertType<Same<typeof request.state.greeting, string>>();
    return ok(request.state.greeting);
  });
  const headers = { authorization: "ada" };
  await everyWay(server, async (way) => {
    const ask = async (path: string) => (await way.ask({ path, headers })).body;
    assertEquals([await ask("/me"), await ask("/hello")], ["ada", "hello ada"]);
  });
});

Deno.test("HttpError becomes its status, anything else a 500 without detail", async () => {
  const records: LogRecord[] = [];
  const server = new HttpServer({ log: (record) => records.push(record) });
  server.get("/404", () => {
    throw new HttpError(404, "no such user");
  });
  server.get("/503", () => {
    throw new HttpError(503, "secret");
  });
  server.get("/bug", () => {
    throw new Error("secret");
  });
  server.get("/odd", () => Promise.reject("secret"));
  server.get("/nothing", () => undefined as unknown as HttpResponse);
  await everyWay(server, async (way) => {
    const missing = await way.ask({ path: "/404" });
    assertEquals(missing.header("content-type"), "application/problem+json");
    assertEquals(JSON.parse(missing.body).detail, "no such user");
    const accept = "text/html,*/*;q=0.8";
    const page = await way.ask({ path: "/404", headers: { accept } });
    assertEquals(page.header("content-type"), "text/plain; charset=utf-8");
    assertEquals(page.body, "404 Not Found: no such user\n");
    for (const path of ["/503", "/bug", "/odd", "/nothing"]) {
      records.length = 0;
      const { status, body } = await way.ask({ path });
      assertEquals(status, path === "/503" ? 503 : 500, `${way.name} ${path}`);
      assert(!body.includes("secret"), body);
      const logged = records.map(({ level, target }) => [level, target]);
      assertEquals(logged, [["error", path]], way.name);
    }
  });
});

Deno.test("notFound() and onError() replace the usual answers", async () => {
  const server = new HttpServer(quiet)
    .notFound((request) => text(`no ${request.path}`, { status: 404 }))
    .onError((error, request) =>
      text(`${request.path} ${error}`, { status: 418 })
    )
    .get("/bug", () => {
      throw new RangeError("bug");
    });
  await everyWay(server, async (way) => {
    const none = await way.ask({ path: "/none" });
    assertEquals([none.status, none.body], [404, "no /none"], way.name);
    const bug = await way.ask({ path: "/bug" });
    assertEquals([bug.status, bug.body], [418, "/bug RangeError: bug"]);
  });
});

Deno.test("ResponseBuilder builds what its calls say", async () => {
  const response = new ResponseBuilder().status(HttpStatus.OK)
    .header("X-Custom", "v").cookie("a", "1", { httpOnly: true })
    .cache({ maxAge: 3600 }).json({ a: 1 }).build();
  assert(response instanceof HttpResponse);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("x-custom"), "v");
  assertEquals(response.headers.get("cache-control"), "max-age=3600");
  assertMatch(response.headers.get("set-cookie") ?? "", /^a=1; .*HttpOnly/);
  assertEquals(await response.json(), { a: 1 });
});

Deno.test("the helpers answer with their status, type and content", async () => {
  const problem = "application/problem+json";
  const cases: [HttpResponse, number, string | null, string?][] = [
    [ok(), 200, null, ""],
    [ok("a"), 200, "text/plain; charset=utf-8", "a"],
    [ok({ a: 1 }), 200, "application/json", '{"a":1}'],
    [ok([1]), 200, "application/json", "[1]"],
    [ok(null), 200, "application/json", "null"],
    [ok(7, { status: 203 }), 203, "application/json", "7"],
    [ok(new Uint8Array([97])), 200, "application/octet-stream", "a"],
    [created({ a: 1 }), 201, "application/json", '{"a":1}'],
    [accepted("a"), 202, "text/plain; charset=utf-8", "a"],
    [noContent(), 204, null, ""],
    [html("<p>"), 200, "text/html; charset=utf-8", "<p>"],
    [text("a", { status: 404 }), 404, "text/plain; charset=utf-8", "a"],
    [json("a"), 200, "application/json", '"a"'],
    [redirect("/a"), 302, null, ""],
    [redirect("/a", { permanent: true }), 301, null, ""],
    [badRequest("no"), 400, problem],
    [unauthorized(), 401, problem],
    [forbidden(), 403, problem],
    [notFound("no"), 404, problem],
    [conflict("no"), 409, problem],
  ];
  for (const [response, status, type, body] of cases) {
    assertEquals([response.status, response.header("content-type")], [
      status,
      type,
    ]);
    if (body !== undefined) assertEquals(await response.text(), body);
  }
  const headers = { "x-a": "1" };
  const location = "/users/7";
  const made = created({}, { location, headers });
  assertEquals(made.header("location"), location);
  const all = [
    made,
    ok({}, { headers }),
    accepted({}, { headers }),
    noContent({ headers }),
    redirect("/", { headers }),
    badRequest("no", { headers }),
    unauthorized("no", { headers }),
    forbidden("no", { headers }),
    notFound("no", { headers }),
    conflict("no", { headers }),
    html("", { headers }),
    text("", { headers }),
    json({}, { headers }),
  ];
  for (const response of all) assertEquals(response.header("x-a"), "1");
});

Deno.test("inject() takes any part of a request and needs none", async () => {
  const server = new HttpServer();
  server.get("/", () => text("root"));
  server.post(
    "/",
    async (request) =>
      ok([
        request.header("x-a"),
        request.header("content-type"),
        await request
          .text(),
      ]),
  );
  assertEquals(await (await server.inject({})).text(), "root");
  const sent: [unknown, string, string][] = [
    ["a", "text/plain; charset=utf-8", "a"],
    [{ a: 1 }, "application/json", '{"a":1}'],
    [new Uint8Array([97]), "application/octet-stream", "a"],
    [
      ReadableStream.from([new Uint8Array([97])]),
      "application/octet-stream",
      "a",
    ],
  ];
  for (const [body, type, content] of sent) {
    const response = await server.inject({
      method: "POST",
      path: "/",
      headers: { "X-A": "1" },
      body,
    });
    assertEquals(await response.json(), ["1", type, content]);
  }
});

Deno.test("HttpServer takes every bound, and refuses what is none", () => {
  const most = Number.MAX_SAFE_INTEGER;
  new HttpServer();
  new HttpServer({});
  new HttpServer({ limits: {}, timeouts: {} });
  new HttpServer({ limits: { bodyBytes: 0, headerCount: most } });
  new HttpServer({ timeouts: { keepAliveMs: most, shutdownMs: 0 } });
  for (const bodyBytes of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => new HttpServer({ limits: { bodyBytes } }), RangeError);
  }
  const unknown = { limits: { bodyBites: 7 } } as Record<string, unknown>;
  assertThrows(() => new HttpServer(unknown), TypeError, "bodyBites");
});

Deno.test("HttpServer has the types of the contract", () => {
  assertType<
    Same<ReturnType<HttpServer["listen"]>, Promise<Deno.Addr>>
  >();
  assertType<Same<ReturnType<HttpServer["run"]>, Promise<void>>>();
  assertType<
    Same<ReturnType<HttpServer["shutdown"]>, Promise<ShutdownReport>>
  >();
  const server = new HttpServer();
  const finished: Promise<unknown> = server.finished;
  const handler: (request: Request) => Response | Promise<Response> =
    server.fetch;
  assertStrictEquals(handler, server.fetch);
  assert(finished instanceof Promise);
  assertEquals(typeof server[Symbol.asyncDispose], "function");
  assertEquals(server.stats().activeRequests, 0);
});
