/**
 * The types of the public API, as an application sees them. The compiler checks
 * this file: what loosens a type makes an equality fail, or an error that is
 * expected go missing.
 */
import { assertEquals } from "@std/assert";
import {
  created,
  type CreatedOptions,
  type Handler,
  type HeaderList,
  html,
  HttpError,
  type HttpErrorOptions,
  type HttpRequest,
  HttpResponse,
  type HttpResponseInit,
  HttpServer,
  type HttpServerOptions,
  json,
  type ListenOptions,
  type Middleware,
  ok,
  redirect,
  ResponseBuilder,
  Router,
  text,
} from "@x/httpserver";
import { HealthCheck, staticFiles } from "@x/httpserver/handlers";
import {
  basicAuth,
  bearerAuth,
  compression,
  cors,
  language,
  logging,
  rateLimit,
  requestId,
  timing,
  traceContext,
  when,
} from "@x/httpserver/middleware";
import { connect, FakeClock } from "@x/httpserver/testing";
import { assertType, type Same } from "../support/types.ts";

/** Code that only has to compile. */
function compiles(_code: (server: HttpServer) => unknown): void {}

interface User {
  readonly name: string;
}

function auth(): Middleware<{ user: User }> {
  return function auth(request, next) {
    request.state.user = { name: "ada" };
    return next();
  };
}

function admin(): Middleware<{ isAdmin: true }, { user: User }> {
  return function admin(request, next) {
    if (request.state.user.name !== "ada") throw new HttpError(403);
    request.state.isAdmin = true;
    return next();
  };
}

Deno.test("HttpServer types the parameters of each kind of pattern", () => {
  compiles((server) =>
    server
      .get("/", ({ params }) => {
        // deno-lint-ignore ban-types
        assertType<Same<typeof params, {}>>();
        return ok();
      })
      .get("/:id", ({ params }) => {
        assertType<Same<typeof params, { id: string }>>();
        return ok();
      })
      .post("/:id?", ({ params }) => {
        assertType<Same<typeof params, { id?: string }>>();
        // @ts-expect-error it may be missing
        return text(params.id);
      })
      .put("/:id(\\d+)", ({ params }) => {
        assertType<Same<typeof params, { id: string }>>();
        return ok();
      })
      .patch("/*rest", ({ params }) => {
        assertType<Same<typeof params, { rest: string }>>();
        return ok();
      })
      .delete("/a/:b/c/:d(x|y)/*e", ({ params }) => {
        assertType<Same<typeof params, { b: string; d: string; e: string }>>();
        return ok();
      })
      .on("PURGE", "/:id", ({ params }) => {
        assertType<Same<typeof params, { id: string }>>();
        return ok();
      })
      // @ts-expect-error the pattern has no such parameter
      .all("/:id", ({ params }) => text(params.name))
  );
});

Deno.test("HttpServer.use() adds state, exactly, for what comes behind it", () => {
  compiles((server) =>
    server.use(requestId(), auth(), admin()).get("/", ({ state }) => {
      assertType<Same<typeof state.requestId, string>>();
      assertType<Same<typeof state.user, User>>();
      assertType<Same<typeof state.isAdmin, true>>();
      // @ts-expect-error nobody adds it
      state.session;
      return ok();
    })
  );
  // @ts-expect-error nothing in front of it adds the user
  compiles((server) => server.use(admin()));
  // @ts-expect-error nothing in front of it adds the user
  compiles((server) => server.get("/", admin(), () => ok()));
  compiles((server) =>
    server.use("/admin", auth()).get("/", ({ state }) => {
      assertType<Same<typeof state.user, User | undefined>>();
      return ok();
    })
  );
  compiles((server) =>
    // @ts-expect-error a middleware must return an answer
    server.use((_request, next) => {
      next();
    })
  );
  const wrong: Middleware<{ user: User }> = (request, next) => {
    // @ts-expect-error it says that it adds a User
    request.state.user = "ada";
    return next();
  };
  assertEquals(typeof wrong, "function");
});

Deno.test("middleware in the box add what they say, and no more", () => {
  compiles((server) =>
    server.use(
      basicAuth({ users: { a: "b" } }),
      language({ supported: ["en", "de"] }),
      timing(),
      traceContext(),
    ).get("/", ({ state }) => {
      assertType<Same<typeof state.user, string>>();
      assertType<Same<typeof state.language, "en" | "de">>();
      state.timing.start("db");
      assertType<Same<typeof state.trace.traceId, string>>();
      return ok();
    })
  );
  compiles((server) =>
    server.use(bearerAuth({ verify: () => ({ name: "ada" }) }))
      .get("/", ({ state }) => {
        assertType<Same<typeof state.user, { name: string }>>();
        return ok();
      })
  );
  compiles((server) =>
    server.use(when(() => true, auth())).get("/", ({ state }) => {
      // @ts-expect-error it may not have run
      state.user.name;
      return ok();
    })
  );
  compiles((server) =>
    server.use(cors(), logging(), compression()).get("/", ({ state }) => {
      assertType<Same<typeof state, object>>();
      return ok();
    })
  );
});

Deno.test("request bodies are unknown unless their type is named", () => {
  compiles((server) =>
    server.post("/", async (request) => {
      const body = await request.json();
      assertType<Same<typeof body, unknown>>();
      // @ts-expect-error nobody has looked at it
      body.name;
      const user = await request.json<User>();
      assertType<Same<typeof user, User>>();
      const bytes = await request.bytes();
      assertType<Same<typeof bytes, Uint8Array<ArrayBuffer>>>();
      const header = request.header("x");
      assertType<Same<typeof header, string | null>>();
      assertType<Same<typeof request.headers, HeaderList>>();
      // @ts-expect-error read only
      request.method = "PUT";
      // @ts-expect-error fields are not properties
      request.headers["x-a"];
      // @ts-expect-error there is no context with a response
      request.response;
      return ok();
    })
  );
});

Deno.test("handlers return answers", () => {
  compiles((server) => server.get("/", () => new Response("web")));
  compiles((server) => server.get("/", () => Promise.resolve(ok())));
  // @ts-expect-error text is no answer
  compiles((server) => server.get("/", () => "hello"));
  // @ts-expect-error an object is no answer
  compiles((server) => server.get("/", () => ({ a: 1 })));
  // @ts-expect-error nor is nothing
  compiles((server) => server.get("/", () => {}));
  // @ts-expect-error nor a builder
  compiles((server) => server.get("/", () => new ResponseBuilder()));
  compiles((server) =>
    // @ts-expect-error a handler gets the request alone
    server.get("/", (_req: HttpRequest, _res: User) => ok())
  );
  // @ts-expect-error next() takes nothing
  compiles((server) => server.use((_request, next) => next(new Error())));
  const handler: Handler<{ id: string }> = ({ params }) => text(params.id);
  compiles((server) => server.get("/:id", handler));
  // @ts-expect-error the pattern lacks the parameter
  compiles((server) => server.get("/:name", handler));
});

Deno.test("options take known names and types alone", () => {
  // @ts-expect-error no such option
  compiles(() => new HttpServer({ port: 8080 }));
  // @ts-expect-error no such limit
  compiles(() => new HttpServer({ limits: { body: 1 } }));
  // @ts-expect-error bytes are a number
  compiles(() => new HttpServer({ limits: { bodyBytes: "1MiB" } }));
  // @ts-expect-error an object is wanted
  compiles((server) => server.listen(3000));
  // @ts-expect-error it is called hostname
  compiles((server) => server.listen({ host: "::1" }));
  // @ts-expect-error no such option
  compiles((server) => server.shutdown({ timeout: 5 }));
  // @ts-expect-error no such option
  compiles((server) => server.inject({ url: "/" }));
  // @ts-expect-error no such option of a route
  compiles((server) => server.get("/", { limit: 1 }, () => ok()));
  // @ts-expect-error it takes nothing
  compiles(() => new Router({ prefix: "/" }));
  // @ts-expect-error no such option
  compiles(() => cors({ origin: "*" }));
  // @ts-expect-error one origin is a list too
  compiles(() => cors({ allowOrigins: "https://example.com" }));
  // @ts-expect-error no such format
  compiles(() => logging({ format: "dev" }));
  // @ts-expect-error a rate is needed
  compiles(() => rateLimit({}));
  // @ts-expect-error no such coding
  compiles(() => compression({ encodings: ["lzma"] }));
  // @ts-expect-error one of the two is needed
  compiles(() => bearerAuth({}));
  // @ts-expect-error it is called root
  compiles(() => staticFiles({ dir: "." }));
  // @ts-expect-error a check tells whether it is healthy
  compiles(() => new HealthCheck().addCheck("db", () => "fine"));
  // @ts-expect-error no such option
  compiles((server) => connect(server, { ip: "::1" }));
  compiles(() => new FakeClock(5).advance(1));
  assertType<Same<keyof HttpServerOptions, keyof typeof SERVER_OPTIONS>>();
  assertType<Same<ListenOptions["port"], number | undefined>>();
  assertType<Same<HttpErrorOptions["type"], string | undefined>>();
});

const SERVER_OPTIONS = {
  limits: 0,
  timeouts: 0,
  log: 0,
  allowedHosts: 0,
  clientAddress: 0,
  proxyProtocol: 0,
  beforeRouting: 0,
  clock: 0,
};

Deno.test("answers and their helpers take known parts alone", () => {
  const answer = ok({ a: 1 });
  assertType<Same<typeof answer, HttpResponse>>();
  assertType<Same<HttpResponseInit["status"], number | undefined>>();
  assertType<Same<CreatedOptions["location"], string | URL | undefined>>();
  // @ts-expect-error an init comes first
  compiles(() => new HttpResponse("text"));
  // @ts-expect-error it is called status
  compiles(() => new HttpResponse({ statusCode: 201 }));
  // @ts-expect-error call json()
  compiles(() => new HttpResponse({ body: { a: 1 } }));
  // @ts-expect-error options are an object
  compiles(() => json({}, 201));
  // @ts-expect-error text is a string
  compiles(() => text(5));
  // @ts-expect-error HTML is a string
  compiles(() => html(undefined));
  // @ts-expect-error the target comes first
  compiles(() => redirect(301, "/"));
  // @ts-expect-error options are an object
  compiles(() => created({}, "/users/1"));
  // @ts-expect-error the status comes first
  compiles(() => new HttpError("no such user"));
  // @ts-expect-error it is written httpOnly
  compiles(() => new ResponseBuilder().cookie("a", "b", { httponly: true }));
  // @ts-expect-error it is written "Lax"
  compiles(() => new ResponseBuilder().cookie("a", "b", { sameSite: "lax" }));
  // @ts-expect-error header() reads
  compiles(() => answer.header("x-a", "b"));
  // @ts-expect-error a value is a string
  compiles(() => answer.headers.set("x-a", 5));
  compiles(() => {
    // @ts-expect-error fields are set by set()
    answer.headers = { "x-a": "b" };
  });
});

Deno.test("mounted routers know their prefix, and it has to fit", () => {
  const posts = new Router<object, { id: string }>().get(
    "/:post",
    ({ params }) => {
      assertType<Same<typeof params.id, string>>();
      assertType<Same<typeof params.post, string>>();
      return ok();
    },
  );
  compiles((server) => server.mount("/users/:id", posts));
  // @ts-expect-error the prefix lacks the parameter
  compiles((server) => server.mount("/users", posts));
  // @ts-expect-error use() takes functions
  compiles((server) => server.use("/users/:id", posts));
  compiles((server) =>
    server.use(auth()).mount(
      "/users/:id",
      (users) =>
        users.get("/", ({ params, state }) => {
          assertType<Same<typeof params.id, string>>();
          assertType<Same<typeof state.user, User>>();
          return ok();
        }),
    )
  );
});
