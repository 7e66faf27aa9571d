import { assert, assertEquals, assertThrows } from "@std/assert";
import type { HttpRequest } from "../../../src/http/request.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { type Middleware, Router } from "../../../src/routing/mod.ts";
import { ask } from "./make_request.ts";

function echo(request: HttpRequest<unknown>): HttpResponse {
  return new HttpResponse({
    body: JSON.stringify([request.route, request.params]),
  });
}

function trace(name: string): Middleware {
  return async (_request, next) => {
    const response = await next();
    response.headers.append("trace", name);
    return response;
  };
}

function fails(): never {
  throw new Error("failed");
}

function says(text: string): () => HttpResponse {
  return () => new HttpResponse({ body: text });
}

async function route(router: Router, method: string, target: string) {
  const response = await ask(router, method, target);
  return response.status === 200 ? await response.text() : response.status;
}

Deno.test("Router.mount() puts routes under a prefix", async () => {
  const users = new Router().get("/", echo).get("/:id", echo).get("/x/*", echo);
  const router = new Router().mount("/users", users).mount("/people/", users)
    .mount("/", new Router().get("/", echo).get("/root", echo));
  const cases: [target: string, answer: string | number][] = [
    ["/users", '["/users",{}]'],
    ["/users/", 404],
    ["/users/7", '["/users/:id",{"id":"7"}]'],
    ["/users/%37", '["/users/:id",{"id":"7"}]'],
    ["/users/x/y/z", '["/users/x/*",{}]'],
    ["/people/7", '["/people/:id",{"id":"7"}]'],
    ["/", '["/",{}]'],
    ["/root", '["/root",{}]'],
  ];
  for (const [target, answer] of cases) {
    assertEquals(await route(router, "GET", target), answer, target);
  }
  assertEquals(await route(users, "GET", "/7"), '["/:id",{"id":"7"}]');
  assertEquals(router.routes().map(({ pattern }) => pattern), [
    "/users",
    "/users/:id",
    "/users/x/*",
    "/people",
    "/people/:id",
    "/people/x/*",
    "/",
    "/root",
  ]);
});

Deno.test("Router.mount() shows the parameters of the prefix to handlers", async () => {
  const inner = new Router().get("/:id", echo);
  const router = new Router().mount(
    "/:org(\\w+)",
    new Router().mount("/teams/:team", inner),
  );
  assertEquals(
    await route(router, "GET", "/acme/teams/a%2Fb/7"),
    '["/:org(\\\\w+)/teams/:team/:id",{"org":"acme","team":"a/b","id":"7"}]',
  );
  assertThrows(
    () => inner.get("/x/:org", echo),
    SyntaxError,
    'the name "org" is used twice',
  );
  assertThrows(
    () => router.mount("/:id", inner),
    SyntaxError,
    'the name "id" is used twice',
  );
  assertEquals(await route(router, "GET", "/acme/teams/t/x/y"), 404);
});

Deno.test("Router.mount() is live", async () => {
  const inner = new Router();
  const middle = new Router().mount("/b", inner);
  const router = new Router().mount("/a", middle);
  assertEquals(await route(router, "GET", "/a/b/c"), 404);
  inner.get("/c", echo);
  assertEquals(await route(router, "GET", "/a/b/c"), '["/a/b/c",{}]');
  inner.use(trace("inner"));
  assertEquals((await ask(router, "GET", "/a/b/c")).header("trace"), "inner");
  middle.notFound(says("middle"));
  assertEquals(await route(router, "GET", "/a/b/d"), "middle");
  inner.mount("/deep", new Router().get("/er", echo));
  assertEquals(
    await route(router, "GET", "/a/b/deep/er"),
    '["/a/b/deep/er",{}]',
  );
});

Deno.test("Router.mount() finds conflicts in both orders", async () => {
  const message = /duplicate or ambiguous route: ".+" matches the same/;
  const taken = new Router().get("/a/:x", echo);
  const router = new Router().get("/p/a/:y", echo);
  const first = assertThrows(() => router.mount("/p", taken), TypeError);
  assert(message.test(first.message));
  assert(first.message.includes('"/p/a/:x"'));
  assert(first.message.includes('"/p/a/:y"'));

  const later = new Router();
  router.mount("/p", later).mount("/q", later);
  const second = assertThrows(() => later.get("/a/:z", echo), TypeError);
  assert(second.message.includes('"/p/a/:z"'));
  assert(second.message.includes('"/p/a/:y"'));

  later.get("/b", echo);
  const third = assertThrows(() => router.get("/q/b", echo), TypeError);
  assert(third.message.includes('"/q/b"'));
  assertThrows(
    () =>
      router.mount("/", new Router().mount("/q", new Router().get("/b", echo))),
    TypeError,
    "duplicate",
  );
  // What was refused is nowhere to be found, and may be taken by another.
  assertEquals(later.routes().length, 1);
  assertEquals(await route(later, "GET", "/a/1"), 404);
  later.post("/a/:z", echo);
  router.get("/q/a/:w", echo);
  assertEquals(router.routes().length, 6);
});

Deno.test("Router.mount() throws when it would make a ring or repeat itself", () => {
  const inner = new Router();
  const middle = new Router().mount("/b", inner);
  const router = new Router().mount("/a", middle);
  const ring = 'Cannot mount a router at "/c" of itself';
  assertThrows(() => router.mount("/c", router), TypeError, ring);
  assertThrows(() => middle.mount("/c", router), TypeError, ring);
  assertThrows(() => inner.mount("/c", router), TypeError, ring);
  assertThrows(
    () => router.mount("/a/", middle),
    TypeError,
    'Cannot mount a router at "/a" twice',
  );
  router.mount("/", inner);
  assertThrows(() => router.mount("/", inner), TypeError, 'at "/" twice');
});

Deno.test("Router.mount() keeps a router's middleware to its routes and prefix", async () => {
  const admin = new Router().use(trace("admin")).use("/x", trace("x"))
    .get("/x", echo).get("/:any", echo);
  const router = new Router().use(trace("root"))
    .get("/admin/own", echo)
    .get("/other", echo)
    .mount("/admin", admin)
    .use("/admin/x", trace("late"));
  const cases: [question: string, status: number, trace: string][] = [
    ["GET /admin/x", 200, "x, admin, late, root"],
    ["GET /admin/7", 200, "admin, root"],
    ["GET /admin/own", 200, "root"],
    ["GET /other", 200, "root"],
    ["GET /none", 404, "root"],
    ["GET /adminx", 404, "root"],
    ["GET /admin", 404, "admin, root"],
    ["GET /admin/x/none", 404, "x, admin, late, root"],
    ["GET /%61dmin/x/none", 404, "x, admin, late, root"],
    ["PUT /admin/7", 405, "admin, root"],
    ["PUT /admin/own", 405, "admin, root"],
    ["OPTIONS /admin/x", 204, "x, admin, late, root"],
    ["OPTIONS *", 204, "root"],
    ["GET /admin/%zz", 400, "admin, root"],
  ];
  for (const [question, status, expected] of cases) {
    const [method, target] = question.split(" ");
    const response = await ask(router, method, target);
    assertEquals(response.status, status, question);
    assertEquals(response.header("trace"), expected, question);
  }
});

Deno.test("Router.mount() leaves 404 to the deepest router", async () => {
  const deep = new Router().notFound(says("deep"));
  const mute = new Router().get("/a", echo);
  const router = new Router()
    .notFound(says("root"))
    .mount("/a", new Router().notFound(says("a")).mount("/b", deep))
    .mount("/:p", new Router().notFound(says("param")))
    .mount("/:r(\\d+)", new Router().notFound(says("regex")))
    .mount("/mute", mute)
    .mount("/s", new Router().mount("/", new Router().notFound(says("inner"))));
  const cases: [target: string, answer: string][] = [
    ["/", "root"],
    ["/a", "a"],
    ["/a/c", "a"],
    ["/a/b", "deep"],
    ["/a/b/c/d", "deep"],
    ["/a/bc", "a"],
    ["/x/y", "param"],
    ["/7/y", "regex"],
    ["/mute/x", "root"],
    ["/s/x", "inner"],
    ["//x", "root"],
  ];
  for (const [target, answer] of cases) {
    assertEquals(await route(router, "GET", target), answer, target);
  }
  assertEquals(await route(deep, "GET", "/"), "deep");
});

Deno.test("Router.onError() of the nearest router makes the answer", async () => {
  const own = new Router().onError(says("own")).get("/", fails)
    .get("/mw", fails, echo);
  const bare = new Router().get("/", fails);
  const guarded = new Router().use(fails).onError(says("guard")).mount(
    "/b",
    bare,
  );
  const router = new Router()
    .onError(says("root"))
    .get("/x", fails)
    .mount("/own", own)
    .mount("/bare", bare)
    .mount("/guarded", guarded);
  const cases: [target: string, answer: string | number][] = [
    ["/x", "root"],
    ["/own", "own"],
    ["/own/mw", "own"],
    ["/bare", "root"],
    ["/guarded/b", "guard"],
    ["/guarded/none", "guard"],
    ["/none", 404],
    ["/own/none", 404],
  ];
  for (const [target, answer] of cases) {
    assertEquals(await route(router, "GET", target), answer, target);
  }
  assertEquals(await route(bare, "GET", "/"), 500);
  // What fails around a mounted router is not that router's affair.
  router.use("/own", fails);
  assertEquals(await route(router, "GET", "/own"), "root");
});

Deno.test("Router.mount() keeps body limits and methods apart by route", async () => {
  const inner = new Router().post("/", { bodyBytes: 1 }, echo).get("/", echo);
  const router = new Router().put("/up", echo).mount("/up", inner);
  assertEquals((await ask(router, "POST", "/up", { body: "12" })).status, 413);
  assertEquals((await ask(router, "PUT", "/up", { body: "12" })).status, 200);
  const allow = (await ask(router, "OPTIONS", "/up")).header("allow");
  assertEquals(allow, "GET, HEAD, POST, PUT, OPTIONS");
});

Deno.test("Router.handle() does not mind a name that prefixes share", async () => {
  const inner = new Router().use("/:id", trace("inner")).get("/x", echo);
  const empty = new Router().notFound(says("empty"));
  const router = new Router().mount("/:id", inner);
  inner.mount("/:id", empty);
  const response = await ask(router, "GET", "/7/x");
  assertEquals(response.header("trace"), "inner");
  assertEquals(await route(router, "GET", "/7/y"), "empty");
  assertThrows(() => empty.get("/", echo), SyntaxError, "used twice");
});
