import { describeValue } from "../../../src/http/values.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { HttpRequest } from "../../../src/http/request.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { Router } from "../../../src/routing/mod.ts";
import { ask, makeRequest } from "./make_request.ts";

function echo(request: HttpRequest<unknown>): HttpResponse {
  return new HttpResponse({
    body: JSON.stringify([request.route, request.params]),
  });
}

type Params = Record<string, string>;

/** Routes as "METHOD pattern"; asked in this order and in reverse order. */
interface Case {
  name: string;
  routes: string[];
  asks: [ask: string, pattern: string | number, params?: Params][];
}

const CASES: Case[] = [
  {
    name: "static beats regex beats param beats wildcard",
    routes: ["GET /a/*w", "GET /a/:p", "GET /a/:r(\\d+)", "GET /a/7"],
    asks: [
      ["GET /a/7", "/a/7", {}],
      ["GET /a/8", "/a/:r(\\d+)", { r: "8" }],
      ["GET /a/x", "/a/:p", { p: "x" }],
      ["GET /a/x/y", "/a/*w", { w: "x/y" }],
      ["GET /a", "/a/*w", { w: "" }],
      ["GET /a/", "/a/*w", { w: "" }],
      ["GET /b", 404],
    ],
  },
  {
    name: "a path that fails further down goes on with the next best",
    routes: ["GET /a/b/c", "GET /a/:x/d", "GET /:y/b/e", "GET /*z"],
    asks: [
      ["GET /a/b/c", "/a/b/c", {}],
      ["GET /a/b/d", "/a/:x/d", { x: "b" }],
      ["GET /a/b/e", "/:y/b/e", { y: "a" }],
      ["GET /a/b/f", "/*z", { z: "a/b/f" }],
      ["GET /a/b/c/d", "/*z", { z: "a/b/c/d" }],
    ],
  },
  {
    name: "a route is passed over if it lacks the method",
    routes: ["POST /a", "GET /:x", "ALL /*w"],
    asks: [
      ["GET /a", "/:x", { x: "a" }],
      ["POST /a", "/a", {}],
      ["POST /b", "/*w", { w: "b" }],
      ["PURGE /a", "/*w", { w: "a" }],
      ["OPTIONS /a", "/*w", { w: "a" }],
    ],
  },
  {
    name: "a route of all methods yields to a specific one of its path",
    routes: ["ALL /a", "GET /a", "ALL /:x"],
    asks: [
      ["GET /a", "/a", {}],
      ["DELETE /a", "/a", {}],
      ["OPTIONS /a", "/a", {}],
      ["HEAD /b", "/:x", { x: "b" }],
    ],
  },
  {
    name: "HEAD is served by its own route, else by GET",
    routes: ["GET /a/:g", "HEAD /b/:h", "GET /b/:g", "GET /c", "HEAD /:h"],
    asks: [
      ["HEAD /a/1", "/a/:g", { g: "1" }],
      ["HEAD /b/1", "/b/:h", { h: "1" }],
      ["GET /b/1", "/b/:g", { g: "1" }],
      ["HEAD /c", "/c", {}],
    ],
  },
  {
    name: "slashes make a difference and no param is empty",
    routes: ["GET /", "GET /a", "GET /b/", "GET /c/:x", "GET /d//e"],
    asks: [
      ["GET /", "/", {}],
      ["GET /a", "/a", {}],
      ["GET /a/", 404],
      ["GET //a", 404],
      ["GET /b", 404],
      ["GET /b/", "/b/", {}],
      ["GET /c", 404],
      ["GET /c/", 404],
      ["GET /c//", 404],
      ["GET /c/x/", 404],
      ["GET /d//e", "/d//e", {}],
      ["GET /d/e", 404],
      ["GET /c/..", "/c/:x", { x: ".." }],
      ["GET /x/../a", 404],
    ],
  },
  {
    name: "an optional parameter makes two routes",
    routes: ["GET /:a/x/:b?/:c?", "GET /o/:id(\\d+)?"],
    asks: [
      ["GET /1/x", "/:a/x/:b?/:c?", { a: "1" }],
      ["GET /1/x/2", "/:a/x/:b?/:c?", { a: "1", b: "2" }],
      ["GET /1/x/2/3", "/:a/x/:b?/:c?", { a: "1", b: "2", c: "3" }],
      ["GET /1/x/2/3/4", 404],
      ["GET /o", "/o/:id(\\d+)?", {}],
      ["GET /o/1", "/o/:id(\\d+)?", { id: "1" }],
      ["GET /o/a", 404],
    ],
  },
  {
    name: "a wildcard takes any rest, a bare one gives no parameter",
    routes: ["GET /*", "GET /n/:id/*rest"],
    asks: [
      ["GET /", "/*", {}],
      ["GET /a/b/", "/*", {}],
      ["GET /n/1", "/n/:id/*rest", { id: "1", rest: "" }],
      ["GET /n/1//a/", "/n/:id/*rest", { id: "1", rest: "/a/" }],
      ["GET /n", "/*", {}],
      ["GET /n/", "/*", {}],
      ["POST /n/1", 405],
    ],
  },
  {
    name: "a regex matches a whole decoded segment",
    routes: ["GET /:n(a|bc)/x", "GET /e/:x([^/]+)", "GET /u/:c(.)"],
    asks: [
      ["GET /a/x", "/:n(a|bc)/x", { n: "a" }],
      ["GET /ab/x", 404],
      ["GET /abc/x", 404],
      ["GET /%62c/x", "/:n(a|bc)/x", { n: "bc" }],
      ["GET /e/a%2Fb", 404],
      ["GET /u/%F0%9F%98%80", "/u/:c(.)", { c: "😀" }],
    ],
  },
  {
    name: "escapes are decoded once, an encoded slash never separates",
    routes: ["GET /a b/é", "GET /f/:x", "GET /w/*r", "GET /p/100%", "GET /m"],
    asks: [
      ["GET /a%20b/%C3%A9", "/a b/é", {}],
      ["GET /f/a%2Fb", "/f/:x", { x: "a/b" }],
      ["GET /f%2Fa", 404],
      ["GET /f/%252F", "/f/:x", { x: "%2F" }],
      ["GET /f/a+b", "/f/:x", { x: "a+b" }],
      ["GET /w/a%2fb/c%20d", "/w/*r", { r: "a%2fb/c d" }],
      ["GET /w%2Fa", 404],
      ["GET /%6D", "/m", {}],
      ["GET /p/100%25", "/p/100%", {}],
      ["GET /p/100%", 400],
      ["GET /m%2F", 404],
      ["GET /f/%2e%2e", "/f/:x", { x: ".." }],
      ["GET /f/%", 400],
      ["GET /f/%zz", 400],
      ["GET /f/%C3", 400],
      ["GET /f/%00", 400],
      ["GET /w/a/%00", 400],
      ["GET /none/%zz", 400],
    ],
  },
  {
    name: "the query and the form of the target do not matter",
    routes: ["GET /", "GET /a/:x"],
    asks: [
      ["GET /?a", "/", {}],
      ["GET /a/1?b=/c%", "/a/:x", { x: "1" }],
      ["GET http://h/a/1?b", "/a/:x", { x: "1" }],
      ["GET http://h", "/", {}],
      ["GET *", 404],
    ],
  },
  {
    name: "names of parameters may differ by method and be anything",
    routes: [
      "GET /:a",
      "POST /:b",
      "GET /:a/:__proto__",
      "GET /:toString/x/:constructor",
    ],
    asks: [
      ["GET /1", "/:a", { a: "1" }],
      ["POST /1", "/:b", { b: "1" }],
      ["PUT /1", 405],
      ["GET /1/2", "/:a/:__proto__", JSON.parse('{"a":"1","__proto__":"2"}')],
      ["GET /1/x/2", "/:toString/x/:constructor", {
        toString: "1",
        constructor: "2",
      } as unknown as Params],
    ],
  },
  {
    name: "names of objects are no routes",
    routes: ["GET /a"],
    asks: [
      ["GET /__proto__", 404],
      ["GET /constructor", 404],
      ["__proto__ /a", 405],
      ["constructor /a", 405],
      ["get /a", 405],
    ],
  },
];

function register(router: Router, route: string): void {
  const [method, pattern] = route.split(" ", 2);
  const path = route.slice(method.length + 1);
  assert(path.startsWith(pattern));
  if (method === "ALL") router.all(path, echo);
  else router.on(method, path, echo);
}

for (const { name, routes, asks } of CASES) {
  Deno.test(`Router matches such that ${name}`, async () => {
    for (const order of [routes, routes.toReversed()]) {
      const router = new Router();
      for (const route of order) register(router, route);
      for (const [question, pattern, params] of asks) {
        const [method, target] = question.split(" ");
        const response = await ask(router, method, target);
        if (typeof pattern === "number") {
          assertEquals(response.status, pattern, question);
        } else {
          const expected = JSON.stringify([pattern, params]);
          assertEquals(await response.text(), expected, question);
        }
      }
    }
  });
}

Deno.test("Router tries regexes at one place in the order of registration", async () => {
  const router = new Router().get("/:a(\\w+)", echo).get("/:b(\\d+)", echo)
    .post("/:c(\\d+)/x", echo).get("/:d(\\w+)/x", echo);
  const cases = [["GET /1", "/:a(\\w+)"], ["GET /1/x", "/:d(\\w+)/x"], [
    "POST /1/x",
    "/:c(\\d+)/x",
  ]];
  for (const [question, pattern] of cases) {
    const [method, target] = question.split(" ");
    const response = await ask(router, method, target);
    assertEquals((await response.json<string[]>())[0], pattern);
  }
});

Deno.test("Router gives params without a prototype", () => {
  let params: unknown = null;
  const router = new Router().get("/:__proto__", (request) => {
    params = request.params;
    return new HttpResponse();
  });
  router.handle(makeRequest("GET", "/x"));
  assertEquals(Object.getPrototypeOf(params), null);
  assertEquals(Object.keys(params as object), ["__proto__"]);
});

Deno.test("Router answers other methods 405 and OPTIONS 204, both with Allow", async () => {
  const router = new Router()
    .get("/a/:x", echo).post("/a/:y", echo).on("PURGE", "/a/:z", echo)
    .delete("/a/:x/y", echo)
    .put("/a/b", echo)
    .head("/h", echo)
    .all("/all/x", echo)
    .options("/own", () => new HttpResponse({ status: 200, body: "own" }))
    .patch("/own", echo);
  const cases: [question: string, status: number, allow: string | null][] = [
    ["DELETE /a/1", 405, "GET, HEAD, POST, OPTIONS, PURGE"],
    ["OPTIONS /a/1", 204, "GET, HEAD, POST, OPTIONS, PURGE"],
    ["DELETE /a/b", 405, "GET, HEAD, POST, PUT, OPTIONS, PURGE"],
    ["OPTIONS /a/%62", 204, "GET, HEAD, POST, PUT, OPTIONS, PURGE"],
    ["HEAD /a/1/y", 405, "DELETE, OPTIONS"],
    ["GET /h", 405, "HEAD, OPTIONS"],
    ["GET /own", 405, "PATCH, OPTIONS"],
    ["OPTIONS /own", 200, null],
    ["OPTIONS /all/x", 200, null],
    ["OPTIONS /none", 404, null],
    ["OPTIONS /a/%zz", 400, null],
    ["BREW /a/1", 405, "GET, HEAD, POST, OPTIONS, PURGE"],
    ["OPTIONS *", 204, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PURGE"],
  ];
  for (const [question, status, allow] of cases) {
    const [method, target] = question.split(" ");
    const response = await ask(router, method, target);
    assertEquals(response.status, status, question);
    assertEquals(response.header("allow"), allow, question);
  }
  const empty = await ask(new Router(), "OPTIONS", "*");
  assertEquals([empty.status, empty.header("allow")], [204, "OPTIONS"]);
  const one = await ask(new Router().get("/", echo), "OPTIONS", "*");
  assertEquals(one.header("allow"), "GET, HEAD, OPTIONS");
});

Deno.test("Router answers problem details when no route matches", async () => {
  const router = new Router().get("/a", echo);
  const cases: [method: string, target: string, status: number][] = [
    ["GET", "/b", 404],
    ["PUT", "/a", 405],
    ["GET", "/%zz", 400],
  ];
  for (const [method, target, status] of cases) {
    const response = await ask(router, method, target);
    assertEquals(response.header("content-type"), "application/problem+json");
    const { status: told, detail } = await response.json<
      { status: number; detail: string }
    >();
    assertEquals(told, status);
    assert(detail.length > 10);
  }
});

Deno.test("Router throws when a route is there already", () => {
  const cases: [first: string, second: string][] = [
    ["GET /a", "GET /a"],
    ["GET /a/:x/b", "GET /a/:y/b"],
    ["GET /:x(\\d)", "GET /:y(\\d)"],
    ["GET /*a", "GET /*"],
    ["GET /a", "GET /a/:b?"],
    ["GET /a/:b?", "GET /a"],
    ["GET /a/:b?", "GET /a/:c"],
    ["GET /:a?", "GET /"],
    ["ALL /:a", "ALL /:b"],
  ];
  for (const [first, second] of cases) {
    const router = new Router();
    register(router, first);
    const error = assertThrows(() => register(router, second), TypeError);
    assert(error.message.includes("duplicate or ambiguous route"));
    assert(error.message.includes(JSON.stringify(first.split(" ")[1])), first);
    assert(error.message.includes(JSON.stringify(second.split(" ")[1])));
    assertEquals(router.routes().length, 1);
  }
});

Deno.test("Router takes routes that differ in method, shape or regex", () => {
  const routes = [
    "GET /:a",
    "POST /:b",
    "ALL /:c",
    "GET /:a(x)",
    "GET /:a(y)",
    "GET /a",
    "GET /a/",
    "GET /*",
    "GET /a/*",
    "GET /:a/*",
    "HEAD /:a",
  ];
  const router = new Router();
  for (const route of routes) register(router, route);
  assertEquals(
    router.routes().map(({ method, pattern }) =>
      `${method === "*" ? "ALL" : method} ${pattern}`
    ),
    routes,
  );
});

Deno.test("Router leaves no trace of a route that it refused", async () => {
  const router = new Router().get("/a/:b", echo);
  assertThrows(() => router.get("/a/:c?", echo), TypeError);
  router.get("/a", echo);
  assertEquals((await ask(router, "GET", "/a")).status, 200);
  assertEquals(router.routes().length, 2);
});

Deno.test("Router tells how to mend a bad registration", () => {
  const router = new Router();
  const handler = () => new HttpResponse();
  const loose = router as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const cases: [
    method: string,
    args: unknown[],
    type: new (message: string) => Error,
    message: string,
  ][] = [
    ["get", ["/a"], TypeError, 'add a route to "/a": no function is given'],
    ["get", ["/a", undefined], TypeError, "undefined is not a function"],
    ["get", ["/a", "b"], TypeError, '"b" is not a function'],
    ["get", ["/a", [handler]], TypeError, "an array is not a function"],
    ["get", ["/a", {}], TypeError, "no function is given"],
    ["get", ["/a", handler, {}], TypeError, "a plain object is not a function"],
    ["get", ["/a", router], TypeError, "call mount(prefix, router)"],
    ["get", ["/a", { x: 1 }, handler], TypeError, 'no option is named "x"'],
    ["get", [1, handler], TypeError, "pass a string"],
    ["on", ["get", "/a", handler], TypeError, 'write "GET"'],
    ["on", ["*", "/a", handler], TypeError, "call all()"],
    ["on", ["A B", "/a", handler], TypeError, '"A B": pass a token'],
    ["on", [["GET"], "/a", handler], TypeError, "an array: pass a token"],
    ["use", [], TypeError, "use middleware: no function is given"],
    ["use", ["/a"], TypeError, "no function is given"],
    ["use", ["/a", router], TypeError, "call mount(prefix, router)"],
    ["use", ["/a/*", handler], SyntaxError, 'the prefix "/a/*"'],
    ["use", ["a", handler], SyntaxError, 'write "/a"'],
    ["mount", ["/a", handler], TypeError, 'a function at "/a": pass a Router'],
    ["mount", ["/a", async () => {}], TypeError, "a function that adds routes"],
    ["mount", ["/a", null], TypeError, 'null at "/a": pass a Router'],
    ["mount", ["/a/*", new Router()], SyntaxError, 'the prefix "/a/*"'],
    ["notFound", [], TypeError, "undefined is not a function"],
    ["onError", [1], TypeError, "1 is not a function"],
    ...[-1, 1.5, NaN, Infinity, "1", 2 ** 53].map((
      bytes,
    ): (typeof cases)[number] => [
      "get",
      ["/a", { bodyBytes: bytes }, handler],
      RangeError,
      `bodyBytes is ${describeValue(bytes)}: take a safe integer from 0`,
    ]),
  ];
  for (const [method, args, type, message] of cases) {
    assertThrows(() => loose[method](...args), type, message);
  }
  assertEquals(router.routes(), []);
});
