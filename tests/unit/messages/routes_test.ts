/** Messages that an application author can meet. */
import { API, checkMistakes, type Loose } from "../../support/messages.ts";

const { HttpServer, Router, ok } = API;

function server(): Loose {
  return new HttpServer();
}

const handler = () => ok("x");

Deno.test("Router tells what is wrong with a registration, and how to mend it", async () => {
  await checkMistakes([
    [
      () => server().get("users", handler),
      SyntaxError,
      'Cannot read the pattern "users": no slash at index 0: write "/users"',
    ],
    [
      () => server().get("/:id?/x", handler),
      SyntaxError,
      'Cannot read the pattern "/:id?/x": a segment behind an optional parameter at index 6: let only optional parameters follow, or add two routes',
    ],
    [
      () => server().get("/*a/x", handler),
      SyntaxError,
      'Cannot read the pattern "/*a/x": text behind a wildcard at index 3: let the pattern end with "*a"',
    ],
    [
      () => server().get("*", handler),
      SyntaxError,
      'Cannot read the pattern "*": no slash at index 0: write "/*"',
    ],
    [
      () => server().get("/(.*)", handler),
      SyntaxError,
      'Cannot read the pattern "/(.*)": "*" at index 3: a wildcard is a whole segment: write "*rest" behind the last slash',
    ],
    [
      () => server().get("", handler),
      SyntaxError,
      'Cannot read the pattern "": no slash at index 0: write "/"',
    ],
    [
      () => server().get(/x/, handler),
      TypeError,
      'Cannot read a RegExp as a pattern: pass a string, with the regex in a parameter such as "/:id(\\\\d+)"',
    ],
    [
      () => server().get(["/a", "/b"], handler),
      TypeError,
      'Cannot read an array as a pattern: pass a string such as "/users"',
    ],
    [
      () => server().get("/a?x=1", handler),
      SyntaxError,
      'Cannot read the pattern "/a?x=1": "?" at index 2: a pattern matches the path alone: read request.query in the handler',
    ],
    [
      () => server().get("/a#b", handler),
      SyntaxError,
      'Cannot read the pattern "/a#b": "#" at index 2: a pattern matches the path alone: read request.query in the handler',
    ],
    [
      () => server().get("/users/{id}", handler),
      SyntaxError,
      'Cannot read the pattern "/users/{id}": "{" at index 7: write a parameter as ":name"',
    ],
    [
      () => server().get("/users/<id>", handler),
      SyntaxError,
      'Cannot read the pattern "/users/<id>": "<" at index 7: write a parameter as ":name"',
    ],
    [
      () => server().get("/users/[id]", handler),
      SyntaxError,
      'Cannot read the pattern "/users/[id]": "[id]" at index 7: write a parameter as ":name"',
    ],
    [
      () => server().get("/:a/:a", handler),
      SyntaxError,
      'Cannot read the pattern "/:a/:a": the name "a" used twice at index 4: give each parameter a name of its own',
    ],
    [
      () => server().get("/:1", handler),
      SyntaxError,
      'Cannot read the pattern "/:1": a parameter without a name at index 1: write ":name"',
    ],
    [
      () => server().get("/:", handler),
      SyntaxError,
      'Cannot read the pattern "/:": a parameter without a name at index 1: write ":name"',
    ],
    [
      () => server().get("/:a([)", handler),
      SyntaxError,
      'Cannot read the pattern "/:a([)": a "(" without its ")" at index 3: close it with ")"',
    ],
    [
      () => server().get("/:a(x", handler),
      SyntaxError,
      'Cannot read the pattern "/:a(x": a "(" without its ")" at index 3: close it with ")"',
    ],
    [
      () => server().get("http://localhost/users", handler),
      SyntaxError,
      'Cannot read the pattern "http://localhost/users": no slash at index 0: write "/users"',
    ],
    [
      () => server().get("/"),
      TypeError,
      'Cannot add a route to "/": no function is given: pass one such as () => text("hello")',
    ],
    [
      () => server().get("/", undefined),
      TypeError,
      'Cannot add a route to "/": undefined is not a function: pass functions',
    ],
    [
      () => server().get("/", handler()),
      TypeError,
      'Cannot add a route to "/": an HttpResponse is not a function: pass the function itself, not what calling it gives',
    ],
    [
      () => server().get("/", Promise.resolve()),
      TypeError,
      'Cannot add a route to "/": a Promise is not a function: pass the function itself, not what calling it gives',
    ],
    [
      () => server().get("/", [handler, handler]),
      TypeError,
      'Cannot add a route to "/": an array is not a function: pass its members one by one, as in ...list',
    ],
    [
      () => server().get("/", "hello"),
      TypeError,
      'Cannot add a route to "/": "hello" is not a function: pass functions',
    ],
    [
      () => server().get("/", { bodyLimit: 1 }, handler),
      TypeError,
      'Cannot add a route to "/": no option is named "bodyLimit": take "bodyBytes", which is the only one',
    ],
    [
      () => server().get("/", handler, { bodyBytes: 1 }),
      TypeError,
      'Cannot add a route to "/": a plain object is not a function: pass options of a route in front of its functions',
    ],
    [
      () => server().get("/", { bodyBytes: "1MiB" }, handler),
      RangeError,
      'Cannot add a route to "/": bodyBytes is "1MiB": take a safe integer from 0',
    ],
    [
      () => server().get("/a", handler).get("/a", handler),
      TypeError,
      'Cannot add GET "/a": duplicate or ambiguous route: "/a" matches the same paths: remove one of the two',
    ],
    [
      () => server().get("/:a", handler).get("/:b", handler),
      TypeError,
      'Cannot add GET "/:b": duplicate or ambiguous route: "/:a" matches the same paths: remove one of the two',
    ],
    [
      () => server().on("get", "/a", handler),
      TypeError,
      'Cannot add a route for the method "get": methods are case-sensitive: write "GET"',
    ],
    [
      () => server().on("error", () => {}),
      TypeError,
      'Cannot read a function as a pattern: pass a string such as "/users"',
    ],
    [
      () => server().on("listening", () => {}),
      TypeError,
      'Cannot read a function as a pattern: pass a string such as "/users"',
    ],
    [
      () => server().on(["GET"], "/a", handler),
      TypeError,
      'Cannot add a route for the method an array: pass a token such as "PURGE"',
    ],
    [
      () => server().use(new Router()),
      TypeError,
      "Cannot use middleware: a Router is not a function: call mount(prefix, router) to add a router",
    ],
    [
      () => server().use("/a", new Router()),
      TypeError,
      "Cannot use middleware: a Router is not a function: call mount(prefix, router) to add a router",
    ],
    [
      () => server().use(new Router().routes()),
      TypeError,
      "Cannot use middleware: an empty array is not a function: pass its members one by one, as in ...list",
    ],
    [
      () => server().use(),
      TypeError,
      "Cannot use middleware: no function is given: pass one such as logging()",
    ],
    [
      () => server().use(undefined),
      TypeError,
      "Cannot use middleware: undefined is not a function: pass functions",
    ],
    [
      () => server().use({}),
      TypeError,
      "Cannot use middleware: a plain object is not a function: pass functions",
    ],
    [
      () =>
        server().use(
          (_e: unknown, _q: unknown, _s: unknown, _n: unknown) => {},
        ),
      TypeError,
      "Cannot use middleware: a function takes 4 parameters: write it as (request, next), let it return what next() gives, and make answers of errors by onError()",
    ],
    [
      () =>
        server().use((_q: unknown, _s: unknown, next: () => void) => next()),
      TypeError,
      "Cannot use middleware: a function takes 3 parameters: write it as (request, next), let it return what next() gives, and make answers of errors by onError()",
    ],
    [
      () => server().use("*", (_: unknown, next: () => unknown) => next()),
      SyntaxError,
      'Cannot read the pattern "*": no slash at index 0: write "/*"',
    ],
    [
      () => server().use("/api/*", (_: unknown, next: () => unknown) => next()),
      SyntaxError,
      'Cannot use the prefix "/api/*": a prefix covers all paths below it: drop what is optional and the wildcard',
    ],
    [
      () => server().use("api", (_: unknown, next: () => unknown) => next()),
      SyntaxError,
      'Cannot read the pattern "api": no slash at index 0: write "/api"',
    ],
    [
      () => server().use("/api"),
      TypeError,
      "Cannot use middleware: no function is given: pass one such as logging()",
    ],
    [
      () => server().mount(new Router()),
      TypeError,
      'Cannot read a Router as a prefix: pass a string such as "/users"',
    ],
    [
      () => server().mount("/a"),
      TypeError,
      'Cannot mount undefined at "/a": pass a Router, or a function that adds routes to one',
    ],
    [
      () => server().mount("/a", () => ok("x")),
      TypeError,
      'Cannot mount a function at "/a": pass a Router, or a function that adds routes to one',
    ],
    [
      () =>
        server().mount(
          "/a",
          (r: Loose) => Promise.resolve(r.get("/", handler)),
        ),
      TypeError,
      'Cannot mount a function at "/a": pass a Router, or a function that adds routes to one',
    ],
    [
      () => {
        const r = new Router();
        server().mount("/a", r).mount("/a", r);
      },
      TypeError,
      'Cannot mount a router at "/a" twice: drop one of the two, or take another prefix',
    ],
    [
      () => {
        const s = server();
        s.mount("/a", s);
      },
      TypeError,
      'Cannot mount a router at "/a" of itself or of a router mounted in it: make a new Router for the routes to repeat',
    ],
    [
      () => {
        const r = new Router(), q = new Router();
        r.mount("/q", q);
        q.mount("/r", r);
      },
      TypeError,
      'Cannot mount a router at "/r" of itself or of a router mounted in it: make a new Router for the routes to repeat',
    ],
    [
      () => server().mount("/a", { fetch() {} }),
      TypeError,
      'Cannot mount a plain object at "/a": pass a Router, or a function that adds routes to one',
    ],
    [
      () => new Router({ prefix: "/x" }),
      TypeError,
      "Cannot make a Router with a plain object: it takes nothing: give a prefix to mount(prefix, router)",
    ],
    [
      () => server().notFound(),
      TypeError,
      "Cannot set notFound: undefined is not a function: pass functions",
    ],
    [
      () => server().notFound("x"),
      TypeError,
      'Cannot set notFound: "x" is not a function: pass functions',
    ],
    [
      () => server().onError(),
      TypeError,
      "Cannot set onError: undefined is not a function: pass functions",
    ],
  ]);
});
