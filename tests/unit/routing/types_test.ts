// Most of this file is checked by the compiler: it fails there, not at run time.
import { assertEquals, assertThrows } from "@std/assert";
import type { HttpRequest } from "../../../src/http/request.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import {
  type AllAdded,
  type Handler,
  type Layers,
  type Middleware,
  type PathParams,
  Router,
} from "../../../src/routing/mod.ts";
import { ask } from "./make_request.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function isSame<A, B>(same: Same<A, B>): void {
  assertEquals(same, true);
}

function isTyped<T>(_value: T): void {}

interface User {
  name: string;
}

function auth(): Middleware<{ user: User }> {
  return function auth(request, next) {
    request.state.user = { name: "ann" };
    return next();
  };
}

function greet(): Middleware<{ greeting: string }, { user: User }> {
  return function greet(request, next) {
    request.state.greeting = `hello ${request.state.user.name}`;
    return next();
  };
}

function plain(): Middleware {
  return (_request, next) => next();
}

function say(text: string): HttpResponse {
  return new HttpResponse({ body: text });
}

Deno.test("PathParams reads the parameters of a literal pattern", () => {
  // deno-lint-ignore ban-types
  type None = {};
  isSame<PathParams<"/">, None>(true);
  isSame<PathParams<"/a/b">, None>(true);
  isSame<PathParams<"/a/*">, None>(true);
  isSame<PathParams<"/a:b">, None>(true);
  isSame<PathParams<"/:id">, { id: string }>(true);
  isSame<
    PathParams<"/users/:id/files/*rest">,
    { id: string; rest: string }
  >(true);
  isSame<PathParams<"/:a/:b/c/:d">, { a: string; b: string; d: string }>(true);
  isSame<PathParams<"/:id?">, { id?: string }>(true);
  isSame<
    PathParams<"/:a/:b?/:c?">,
    { a: string; b?: string; c?: string }
  >(true);
  isSame<PathParams<"/:id(\\d+)">, { id: string }>(true);
  isSame<PathParams<"/:id(\\d+)?">, { id?: string }>(true);
  isSame<PathParams<"/:id(a|(b))/:x">, { id: string; x: string }>(true);
  isSame<PathParams<"/:id([^/:)]+)/x/*r">, { id: string; r: string }>(true);
  isSame<PathParams<"/:id(\\)/:z)/:x">, { id: string; x: string }>(true);
  isSame<PathParams<"/:a/:b(x)/c">, { a: string; b: string }>(true);
  isSame<PathParams<"/Foo_(bar)/:a">, { a: string }>(true);
  isSame<PathParams<string>, Record<string, string>>(true);
  isSame<PathParams<`/${string}/:id`>, { id: string }>(true);
  isSame<PathParams<`/api/${number}/:id/*rest`>, { id: string; rest: string }>(
    true,
  );
});

Deno.test("Router types a handler's parameters from the pattern", async () => {
  const version: string = "v1";
  const dynamic: string = "/dynamic/:x";
  const router = new Router()
    .get("/users/:id", (request) => {
      isSame<typeof request.params, { id: string }>(true);
      return say(request.params.id);
    })
    .get("/o/:id?", (request) => say(request.params.id ?? "none"))
    .get(`/api/${version}/:id`, (request) => say(request.params.id))
    .get(dynamic, (request) => say(request.params.x))
    .on("PURGE", "/purge/:id", (request) => say(request.params.id))
    // @ts-expect-error the pattern has no such parameter
    .get("/a/:b", (request) => say(request.params.c));
  assertEquals(await (await ask(router, "GET", "/users/7")).text(), "7");
  assertEquals(await (await ask(router, "GET", "/o")).text(), "none");
  assertEquals(await (await ask(router, "GET", "/api/v1/7")).text(), "7");
  assertEquals(await (await ask(router, "PURGE", "/purge/7")).text(), "7");
});

Deno.test("Router takes options and middleware before the handler", async () => {
  const router = new Router()
    .post("/1/:id", { bodyBytes: 1 }, (request) => say(request.params.id))
    .post("/2/:id", plain(), (request) => say(request.params.id))
    .post(
      "/3/:id",
      { bodyBytes: 1 },
      auth(),
      (request) => say(request.params.id + request.state.user.name),
    )
    .post(
      "/4/:id",
      auth(),
      greet(),
      (request) => say(request.params.id + request.state.greeting),
    )
    .post("/5/:id", auth(), async (request, next) => {
      isTyped<User>(request.state.user);
      const response = await next();
      response.status = 201;
      return response;
    }, (request) => say(request.params.id + request.state.user.name))
    .post(
      "/6/:id",
      plain(),
      plain(),
      auth(),
      plain(),
      greet(),
      (request) => say(request.params.id + request.state.greeting),
    )
    .on(
      "POST",
      "/7/:id",
      { bodyBytes: 1 },
      auth(),
      greet(),
      (request) => say(request.params.id + request.state.greeting),
    )
    // @ts-expect-error nothing before adds the user
    .post("/8/:id", greet(), (request) => say(request.params.id));
  const answers = ["7", "7", "7ann", "7hello ann", "7ann", "7hello ann"];
  for (const [at, answer] of answers.entries()) {
    const response = await ask(router, "POST", `/${at + 1}/7`);
    assertEquals(await response.text(), answer);
  }
  // @ts-expect-error no such option
  assertThrows(() => router.get("/9", { bodybytes: 1 }, plain()), TypeError);
});

Deno.test("Router.use() adds state for the handlers behind it", async () => {
  const router = new Router().use(auth()).get("/me", (request) => {
    isTyped<User>(request.state.user);
    return say(request.state.user.name);
  });
  assertEquals(await (await ask(router, "GET", "/me")).text(), "ann");

  const both = new Router().use(plain(), auth(), greet())
    .use((request, next) => {
      isTyped<string>(request.state.greeting);
      return next();
    })
    .get("/", { bodyBytes: 0 }, (request) => say(request.state.greeting));
  assertEquals(await (await ask(both, "GET", "/")).text(), "hello ann");

  const some = new Router().use("/a", auth()).get("/b", (request) => {
    isTyped<User | undefined>(request.state.user);
    // @ts-expect-error other paths go without the middleware
    isTyped<User>(request.state.user);
    return say(request.state.user?.name ?? "nobody");
  });
  assertEquals(await (await ask(some, "GET", "/b")).text(), "nobody");
});

Deno.test("Router.use() takes a middleware only if its needs are met", () => {
  // @ts-expect-error nobody adds the user
  new Router().use(greet());
  // @ts-expect-error the user comes too late
  new Router().use(greet(), auth());
  // @ts-expect-error nobody adds the user
  new Router().get("/", (request) => say(request.state.user.name));
  const wants: Handler<{ id: string }, { user: User }> = (request) =>
    say(request.state.user.name);
  // @ts-expect-error nobody adds the user
  new Router().get("/:id", wants);
  // @ts-expect-error the pattern lacks the parameter
  new Router().use(auth()).get("/:other", wants);
  const router = new Router().use(auth(), greet()).get("/:id", wants);
  isTyped<Router<{ user: User }>>(router);
  isTyped<Router>(router);
  isTyped<Router>(new Router().mount("/a", router));
});

Deno.test("Router takes handlers that are typed without a pattern", () => {
  const handler: Handler = (request) => say(request.params.path);
  const indifferent: Handler<unknown, unknown> = () => say("");
  const web = (request: HttpRequest) => new Response(request.method);
  const router = new Router()
    .get("/", handler)
    .get("/:a/*path", handler)
    .get("/o/:id?", indifferent)
    .get("/p/:path?", handler)
    .get("/q/:id(\\d+)?", auth(), web)
    .on("PURGE", "/q/:a/:b?", { bodyBytes: 1 }, web)
    .put("/x", auth(), handler)
    .all("/web", web)
    .all("/later", () => Promise.resolve(new Response()))
    // @ts-expect-error nothing is returned
    .all("/nothing", () => {});
  assertEquals(router.routes().length, 10);
});

Deno.test("Router.mount() gives the parameters of the prefix", async () => {
  const posts = new Router<object, { id: string }>()
    .use(auth())
    .get("/posts/:post", (request) => {
      isSame<typeof request.params.id, string>(true);
      isSame<typeof request.params.post, string>(true);
      return say(`${request.params.id} ${request.params.post}`);
    });
  // @ts-expect-error the router is made for no such parameter
  posts.get("/other", (request) => say(request.params.other));
  const prefix: string = "/dynamic/:id";
  const router = new Router().mount("/users/:id", posts)
    .mount("/a/:id/:more", posts)
    .mount(prefix, posts)
    .mount("/plain/:id", new Router().get("/x", () => say("x")));
  // @ts-expect-error the prefix lacks the parameter
  router.mount("/b/:other", posts);
  // @ts-expect-error the parameter may be missing
  assertThrows(() => router.mount("/c/:id?", posts), SyntaxError);
  // @ts-expect-error no router
  assertThrows(() => router.mount("/d", {}), TypeError, "a plain object");
  assertEquals(
    await (await ask(router, "GET", "/users/7/posts/8")).text(),
    "7 8",
  );
  assertEquals(
    await (await ask(router, "GET", "/dynamic/7/posts/8")).text(),
    "7 8",
  );
});

Deno.test("Router.mount() makes a router that knows its prefix", async () => {
  const router = new Router().use(auth()).mount("/users/:id", (users) =>
    users
      .get("/", (request) => {
        isSame<typeof request.params.id, string>(true);
        return say(`${request.params.id} ${request.state.user.name}`);
      })
      .use(greet())
      .mount("/posts/:post", (posts) =>
        posts.get("/", (request) =>
          say(
            `${request.params.id} ${request.params.post} ${request.state.greeting}`,
          ))));
  isTyped<Router<{ user: User }>>(router);
  assertEquals(await (await ask(router, "GET", "/users/7")).text(), "7 ann");
  const response = await ask(router, "GET", "/users/7/posts/8");
  assertEquals(await response.text(), "7 8 hello ann");
  // @ts-expect-error the prefix has no such parameter
  router.mount("/x", (x) => x.get("/", ({ params }) => say(params.y)));
});

Deno.test("Router can be extended by a class with a state of its own", async () => {
  class Server<State = object> extends Router<State> {
    readonly isServer = true;

    override use<Adds extends unknown[]>(
      ...layers: Layers<State, Adds>
    ): Server<State & AllAdded<Adds>>;
    override use<Adds extends unknown[]>(
      prefix: string,
      ...layers: Layers<State, Adds>
    ): Server<State & Partial<AllAdded<Adds>>>;
    override use(...args: readonly unknown[]): unknown {
      return this.addLayers(args);
    }
  }
  const server = new Server().get("/a", () => say("a"))
    .use(auth())
    .get("/me", (request) => say(request.state.user.name))
    .notFound((request) => say(request.state.user.name))
    .onError(() => say("error"))
    .use("/x", plain());
  isTyped<Server<{ user: User }>>(server);
  assertEquals(server.isServer, true);
  assertEquals(await (await ask(server, "GET", "/me")).text(), "ann");
  isTyped<Router>(new Router().mount("/s", server));
});
