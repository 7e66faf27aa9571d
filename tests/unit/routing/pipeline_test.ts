import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { problem } from "../../../src/http/problem.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { type Middleware, Router } from "../../../src/routing/mod.ts";
import { ask, makeRequest } from "./make_request.ts";

function say(text: string): HttpResponse {
  return new HttpResponse({ body: text });
}

/** Adds its name to the field "trace" of the answer, the innermost first. */
function trace(name: string): Middleware {
  return async function trace(_request, next) {
    const response = await next();
    response.headers.append("trace", name);
    return response;
  };
}

function traceSync(name: string): Middleware {
  return function traceSync(_request, next) {
    const response = next();
    assertInstanceOf(response, HttpResponse);
    response.headers.append("trace", name);
    return response;
  };
}

Deno.test("Router.use() wraps every answer, in the order of the calls", async () => {
  const router = new Router()
    .get("/early", () => say("early"))
    .use(trace("1"), traceSync("2"))
    .get("/own", traceSync("4"), traceSync("5"), () => say("own"))
    .get("/throws", () => {
      throw new HttpError(409);
    })
    .use(traceSync("3"));
  const cases: [question: string, status: number, trace: string][] = [
    ["GET /early", 200, "3, 2, 1"],
    ["GET /own", 200, "5, 4, 3, 2, 1"],
    ["GET /throws", 409, "3, 2, 1"],
    ["HEAD /early", 200, "3, 2, 1"],
    ["GET /none", 404, "3, 2, 1"],
    ["PUT /early", 405, "3, 2, 1"],
    ["OPTIONS /early", 204, "3, 2, 1"],
    ["OPTIONS *", 204, "3, 2, 1"],
    ["GET /%zz", 400, "3, 2, 1"],
  ];
  for (const [question, status, expected] of cases) {
    const [method, target] = question.split(" ");
    const response = await ask(router, method, target);
    assertEquals(response.status, status, question);
    assertEquals(response.header("trace"), expected, question);
  }
});

Deno.test("Router.use() limits a middleware to a prefix", async () => {
  const router = new Router()
    .use("/", traceSync("root"))
    .use("/api", traceSync("api"))
    .use("/api/v1/", traceSync("v1"))
    .use("/:any/v1", traceSync("any"))
    .use("/:n(\\d+)", traceSync("number"))
    .get("/", () => say(""))
    .get("/api", () => say(""))
    .get("/api/", () => say(""))
    .get("/apix", () => say(""))
    .get("/api/:v", () => say(""))
    .get("/api/v1/x", () => say(""))
    .get("/:a/v1/y", () => say(""))
    .get("/:d(\\d+)/d", () => say(""))
    .get("/:b/z/*rest", () => say(""));
  const cases: [target: string, status: number, trace: string][] = [
    ["/", 200, "root"],
    ["/api", 200, "api, root"],
    ["/api/", 200, "api, root"],
    ["/apix", 200, "root"],
    ["/api/v1", 200, "any, v1, api, root"],
    ["/api/v2", 200, "api, root"],
    ["/api/v1/x", 200, "any, v1, api, root"],
    ["/api/v1/y", 200, "any, v1, api, root"],
    ["/other/v1/y", 200, "any, root"],
    ["/7/v1/y", 200, "number, any, root"],
    ["/%61pi/v1/y", 200, "any, v1, api, root"],
    ["/7/d", 200, "number, root"],
    ["/api/z/a", 200, "api, root"],
    ["/7/z/a", 200, "number, root"],
    ["/x/z/a", 200, "root"],
    ["/api%2Fv1/z/a", 200, "root"],
    ["/api/none/x", 404, "api, root"],
    ["/%61pi/none/x", 404, "api, root"],
    ["/api%2Fx/none", 404, "root"],
    ["/apix/none", 404, "root"],
    ["/7", 404, "number, root"],
    ["//v1", 404, "root"],
    ["/api/%zz", 400, "api, root"],
    ["/%zz/v1", 400, "root"],
  ];
  for (const [target, status, expected] of cases) {
    const response = await ask(router, "GET", target);
    assertEquals(response.status, status, target);
    assertEquals(response.header("trace"), expected, target);
  }
  const options = await ask(router, "OPTIONS", "*");
  assertEquals(options.header("trace"), "root");
});

Deno.test("Router.handle() returns no promise when nothing is asynchronous", () => {
  const router = new Router()
    .use(traceSync("1"), traceSync("2")).use("/p", traceSync("3"))
    .onError((error) => say(`${error}`))
    .get("/", () => say("x"))
    .get("/p/:x", { bodyBytes: 1 }, traceSync("4"), () => say("x"))
    .get("/web", () => new Response("x"))
    .get("/throws", () => {
      throw new Error("x");
    })
    .get("/nothing", () => undefined as unknown as HttpResponse)
    .get("/later", () => Promise.resolve(say("x")));
  const targets = ["/", "/p/1", "/web", "/throws", "/nothing", "/none", "/%zz"];
  for (const target of targets) {
    const response = router.handle(makeRequest("GET", target));
    assertInstanceOf(response, HttpResponse, target);
  }
});

Deno.test("Router takes every kind of result", async () => {
  const router = new Router()
    .get("/web", () => new Response("web", { headers: { a: "b" } }))
    .get("/web/later", () => Promise.resolve(new Response("web")))
    .get("/own/later", () => Promise.resolve(say("own")))
    // deno-lint-ignore require-await
    .get("/async", async () => say("async"))
    .use((_request, next) => next())
    // A middleware sees one class, whatever the handler has returned.
    .use(async (_request, next) => {
      const response = await next();
      assertInstanceOf(response, HttpResponse);
      return new Response(`<${await response.text()}>`);
    });
  for (const path of ["/web", "/web/later", "/own/later", "/async"]) {
    const response = await ask(router, "GET", path);
    assertInstanceOf(response, HttpResponse);
    assertEquals(response.status, 200);
    assert(/^<(web|own|async)>$/.test(await response.text()));
  }
});

Deno.test("Router answers 500 and tells whose result is none", async () => {
  const cases: [value: unknown, told: string][] = [
    [undefined, "returned undefined"],
    [null, "returned null"],
    ["hello", 'returned "hello"'],
    [7, "returned 7"],
    [{ a: 1 }, "returned a plain object"],
    [Object.create(null), "returned a plain object"],
    [() => 1, "returned a function"],
    [Promise.resolve(), "returned undefined"],
  ];
  for (const [value, told] of cases) {
    const router = new Router().get("/a/:b", () => value as HttpResponse)
      .post("/", function check() {
        return value as HttpResponse;
      }, () => say("never"));
    const response = await ask(router, "GET", "/a/1");
    assertEquals(response.status, 500);
    assertInstanceOf(response.error, TypeError);
    const expected = `Cannot answer: the handler of GET /a/:b ${told}: return`;
    assertEquals(response.error.message.slice(0, expected.length), expected);
    assert(!(await response.text()).includes("returned"));
    const { error } = await ask(router, "POST", "/");
    assertInstanceOf(error, TypeError);
    assert(error.message.includes(`the middleware check of POST / ${told}`));
  }
});

Deno.test("Router answers 500 when a Response cannot be taken over", async () => {
  const used = new Response("x");
  await used.text();
  for (const result of [used, Response.error(), Promise.resolve(used)]) {
    const router = new Router().get("/", () => result);
    const response = await ask(router, "GET", "/");
    assertEquals(response.status, 500);
    assertInstanceOf(response.error, TypeError);
  }
});

Deno.test("Router turns what is thrown into an answer that middleware sees", async () => {
  const seen: unknown[] = [];
  const boom = new Error("secret");
  const router = new Router()
    .use(traceSync("outer"))
    .use((_request, next) => {
      const response = next();
      if (response instanceof HttpResponse) seen.push(response.error);
      else seen.push("later");
      return response;
    })
    .get("/sync", () => {
      throw boom;
    })
    .get("/http", () => {
      throw new HttpError(418, "short", { headers: { "x-pot": "tea" } });
    })
    .get("/middle", () => {
      throw boom;
    }, () => say("never"))
    .get("/string", () => {
      throw "text";
    })
    .get("/undefined", () => {
      throw undefined;
    });
  const cases: [path: string, status: number, error: unknown][] = [
    ["/sync", 500, boom],
    ["/middle", 500, boom],
    ["/string", 500, "text"],
  ];
  for (const [path, status, error] of cases) {
    const response = await ask(router, "GET", path);
    assertEquals(response.status, status);
    assertEquals(response.header("trace"), "outer");
    assertEquals(response.error, error);
    assertEquals(seen.pop(), error);
    assert(!(await response.text()).includes("secret"));
  }
  const undef = await ask(router, "GET", "/undefined");
  assertEquals([undef.status, undef.header("trace")], [500, "outer"]);
  assertEquals(seen.pop(), undef.error);
  assert(undef.error instanceof TypeError);
  assertEquals(
    undef.error.message,
    "Cannot answer: the handler of GET /undefined threw undefined: " +
      "throw an Error, such as new HttpError(404)",
  );
  const teapot = await ask(router, "GET", "/http");
  assertEquals([teapot.status, teapot.header("x-pot")], [418, "tea"]);
});

Deno.test("Router turns rejections into answers: next() never rejects", async () => {
  const router = new Router()
    .use(async (_request, next) => {
      const response = await next();
      response.headers.set("seen", `${response.error}`);
      return response;
    })
    .get("/handler", () => Promise.reject(new Error("a")))
    .get("/layer", async (_request, next) => {
      await next();
      throw new HttpError(403, "b");
    }, () => say("never sent"));
  const handler = await ask(router, "GET", "/handler");
  assertEquals([handler.status, handler.header("seen")], [500, "Error: a"]);
  const layer = await ask(router, "GET", "/layer");
  assertEquals([layer.status, layer.header("seen")], [403, "HttpError: b"]);
});

Deno.test("Router.onError() makes the answers of errors, not of lacking routes", async () => {
  const boom = new Error("boom");
  const router = new Router()
    .use(traceSync("outer"))
    .onError((error, request) => {
      const text = `${request.route}: ${(error as Error).message}`;
      return new HttpResponse({ status: 503, body: text });
    })
    .get("/:x", () => {
      throw boom;
    })
    .post("/:x", () => {
      throw boom;
    }, () => say("never"));
  for (const method of ["GET", "POST"]) {
    const response = await ask(router, method, "/1");
    assertEquals(response.status, 503);
    assertEquals(await response.text(), "/:x: boom");
    assertEquals(response.header("trace"), "outer");
    assertEquals(response.error, boom);
  }
  assertEquals((await ask(router, "GET", "/")).status, 404);
  assertEquals((await ask(router, "PUT", "/1")).status, 405);
  assertEquals((await ask(router, "GET", "/%")).status, 400);
});

Deno.test("Router.onError() may answer late, by a Response, or fail itself", async () => {
  const second = new HttpError(400, "second");
  const cases: [handler: () => unknown, status: number, error: string][] = [
    [() => new Response("x", { status: 502 }), 502, "Error: first"],
    [() => Promise.resolve(say("x")), 200, "Error: first"],
    [() => problem(410, "gone"), 410, "Error: first"],
    [
      () => {
        throw second;
      },
      400,
      "HttpError: second",
    ],
    [() => Promise.reject(second), 400, "HttpError: second"],
    [
      () => undefined,
      500,
      "TypeError: Cannot answer: the error handler returned undefined",
    ],
    [
      () => Promise.resolve(7),
      500,
      "TypeError: Cannot answer: the error handler returned 7",
    ],
  ];
  for (const [handler, status, error] of cases) {
    const router = new Router().onError(handler as () => HttpResponse)
      .get("/sync", () => {
        throw new Error("first");
      })
      .get("/later", () => Promise.reject(new Error("first")));
    for (const path of ["/sync", "/later"]) {
      const response = await ask(router, "GET", path);
      assertEquals(response.status, status);
      assertEquals(`${response.error}`.slice(0, error.length), error);
    }
  }
});

Deno.test("Router.notFound() answers what no route matches", async () => {
  const router = new Router()
    .use(traceSync("outer"))
    .get("/a", () => say("a"))
    .notFound((request) =>
      new HttpResponse({ status: 404, body: `no ${request.path}` })
    );
  const response = await ask(router, "GET", "/b%20c");
  assertEquals(await response.text(), "no /b c");
  assertEquals(response.header("trace"), "outer");
  assertEquals((await ask(router, "PUT", "/a")).status, 405);
  assertEquals(await (await ask(router, "GET", "*")).text(), "no *");
  router.notFound(() => {
    throw new HttpError(410);
  }).onError((error) => say(`${error}`));
  const thrown = await ask(router, "GET", "/b");
  assertEquals(await thrown.text(), "HttpError: Gone");
});

Deno.test("Router checks the declared length just before the handler", async () => {
  let handled = 0;
  const router = new Router()
    .use(trace("outer"))
    .post("/server", () => say(`${++handled}`))
    .post("/more", { bodyBytes: 8 }, async (request) => {
      handled++;
      return say(await request.text());
    })
    .post("/less", { bodyBytes: 1 }, (request, next) => {
      return request.header("stop") === null ? next() : say("stopped");
    }, () => say(`${++handled}`))
    .post("/none", { bodyBytes: 0 }, () => say(`${++handled}`));
  const cases: [
    path: string,
    body: string | undefined,
    status: number,
    handled: number,
  ][] = [
    ["/server", "1234", 200, 1],
    ["/server", "12345", 413, 0],
    ["/more", "12345678", 200, 1],
    ["/more", "123456789", 413, 0],
    ["/less", "1", 200, 1],
    ["/less", "12", 413, 0],
    ["/none", "", 200, 1],
    ["/none", "1", 413, 0],
    ["/none", undefined, 200, 1],
    ["/lost", "12345", 404, 0],
  ];
  for (const [path, body, status, count] of cases) {
    handled = 0;
    const response = await ask(router, "POST", path, { body, limit: 4 });
    assertEquals(response.status, status, `${path} ${body}`);
    assertEquals(response.header("trace"), "outer");
    assertEquals(handled, count);
  }
  const headers = { stop: "1" };
  const stopped = await ask(router, "POST", "/less", { body: "12", headers });
  assertEquals(await stopped.text(), "stopped");
});

Deno.test("Router sends a problem as text to whoever prefers it", async () => {
  const router = new Router().get("/", () => problem(422, "no"))
    .get("/later", () => Promise.resolve(problem(422, "no")));
  for (const path of ["/", "/later"]) {
    const text = await ask(router, "GET", path, {
      headers: { accept: "text/plain" },
    });
    assertEquals(text.header("content-type"), "text/plain; charset=utf-8");
    const json = await ask(router, "GET", path);
    assertEquals(json.header("content-type"), "application/problem+json");
  }
});

Deno.test("Router takes what is registered after the first request", async () => {
  const router = new Router().get("/a", () => say("a"));
  assertEquals((await ask(router, "GET", "/b")).status, 404);
  router.get("/b", () => say("b"));
  assertEquals((await ask(router, "GET", "/b")).status, 200);
  router.use(traceSync("late"));
  assertEquals((await ask(router, "GET", "/b")).header("trace"), "late");
  router.notFound(() => say("lost"));
  assertEquals(await (await ask(router, "GET", "/c")).text(), "lost");
});

Deno.test("Router.use() lets a middleware answer in the handler's place", () => {
  const router = new Router();
  const handled: string[] = [];
  router.get("/", () => {
    handled.push("/");
    return say("");
  });
  router.use(
    "/",
    (request, next) =>
      request.header("stop") === null ? next() : say("stopped"),
  );
  router.handle(makeRequest("GET", "/", { headers: { stop: "1" } }));
  assertEquals(handled, []);
  router.handle(makeRequest("GET", "/"));
  assertEquals(handled, ["/"]);
});
