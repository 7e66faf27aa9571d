import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  HttpError,
  HttpResponse,
  HttpServer,
  type Middleware,
  ok,
} from "@x/httpserver";
import { basicAuth } from "../../../src/middleware/basic_auth.ts";
import { bearerAuth } from "../../../src/middleware/bearer_auth.ts";
import { every, except, some, when } from "../../../src/middleware/combine.ts";
import { cors } from "../../../src/middleware/cors.ts";
import { ipFilter } from "../../../src/middleware/ip_filter.ts";
import { requestId } from "../../../src/middleware/request_id.ts";
import { assertType, type Same } from "../../support/types.ts";

/** Notes that it was passed, on the way in and out. */
function note(name: string, seen: string[]): Middleware {
  return async (_request, next) => {
    seen.push(`${name} in`);
    const response = await next();
    seen.push(`${name} ${response.status}`);
    return response;
  };
}

function refuse(status: number, challenge?: string): Middleware {
  return () => {
    const headers: Record<string, string> = challenge === undefined
      ? {}
      : { "www-authenticate": challenge };
    throw new HttpError(status, `refused ${status}`, { headers });
  };
}

const letIn: Middleware = (_request, next) => next();

Deno.test("when() runs a middleware for what the predicate accepts", async () => {
  const table: [verdict: unknown, runs: boolean][] = [
    [true, true],
    [Promise.resolve(true), true],
    [false, false],
    [Promise.resolve(false), false],
    [1, false],
    [Promise.resolve("yes"), false],
    [undefined, false],
  ];
  for (const [verdict, runs] of table) {
    const seen: string[] = [];
    const server = new HttpServer();
    server.use(when(() => verdict as boolean, note("inner", seen)))
      .get("/", () => ok());
    assertEquals((await server.inject({})).status, 200);
    assertEquals(seen, runs ? ["inner in", "inner 200"] : []);
  }
});

Deno.test("when() passes on what the predicate throws and runs nothing", async () => {
  const predicates = [
    () => {
      throw new HttpError(418);
    },
    () => Promise.reject(new HttpError(418)),
  ];
  for (const predicate of predicates) {
    let ran = false;
    const server = new HttpServer();
    server.use(when(predicate, letIn)).get("/", () => {
      ran = true;
      return ok();
    });
    assertEquals((await server.inject({})).status, 418);
    assert(!ran);
  }
});

Deno.test("when() and except() make the state they may add optional", () => {
  const server = new HttpServer();
  server.use(
    when(() => true, requestId()),
    except(["/x"], bearerAuth({ tokens: "a" })),
  ).get("/", ({ state }) => {
    assertType<Same<typeof state.requestId, string | undefined>>();
    assertType<Same<typeof state.token, string | undefined>>();
    return ok();
  });
});

Deno.test("except() runs a middleware but for the paths below its prefixes", async () => {
  const server = new HttpServer();
  server.use(except(["/public", "/users/:id/avatar"], refuse(403)))
    .get("/*path", () => ok());
  const table: [path: string, status: number][] = [
    ["/public", 200],
    ["/public/", 200],
    ["/public/a/b", 200],
    ["/pub%6Cic/a", 200],
    ["/users/7/avatar", 200],
    ["/users/7/avatar/big", 200],
    ["/users/7", 403],
    ["/users//avatar", 403],
    ["/publicity", 403],
    ["/PUBLIC", 403],
    ["/a/public", 403],
    ["//public", 403],
    ["/public%2Fa", 403],
    ["/?/public", 403],
    ["/", 403],
  ];
  for (const [path, status] of table) {
    assertEquals((await server.inject({ path })).status, status, path);
  }
});

Deno.test("except() asks a function and takes true alone for an exception", async () => {
  const table: [verdict: unknown, status: number][] = [
    [true, 200],
    [false, 403],
    [1, 403],
    [Promise.resolve(true), 403],
  ];
  for (const [verdict, status] of table) {
    const server = new HttpServer();
    server.use(except(() => verdict as boolean, refuse(403)))
      .get("/", () => ok());
    assertEquals((await server.inject({})).status, status);
  }
});

Deno.test("every() runs its middleware from the first to the last", async () => {
  const seen: string[] = [];
  const server = new HttpServer();
  server.use(every(note("a", seen), note("b", seen), note("c", seen)))
    .get("/", () => ok());
  await server.inject({});
  assertEquals(seen, ["a in", "b in", "c in", "c 200", "b 200", "a 200"]);
});

Deno.test("every() lets those before see a refusal as an answer", async () => {
  const seen: string[] = [];
  const server = new HttpServer();
  server.use(every(
    cors({ allowOrigins: ["https://a.example"] }),
    note("a", seen),
    refuse(401, "Basic"),
    note("never", seen),
  )).get("/", () => ok());
  const headers = { origin: "https://a.example" };
  const response = await server.inject({ headers });
  assertEquals(response.status, 401);
  assertEquals(
    response.header("access-control-allow-origin"),
    "https://a.example",
  );
  assertEquals(seen, ["a in", "a 401"]);
});

Deno.test("every() adds the state of all of them", async () => {
  const server = new HttpServer();
  server.use(every(requestId(), basicAuth({ users: { ada: "x" } })))
    .get("/", ({ state }) => {
      assertType<Same<typeof state.user, string>>();
      assertType<Same<typeof state.requestId, string>>();
      return ok(`${state.user} ${state.requestId}`);
    });
  const response = await server.inject({
    headers: { "authorization": `Basic ${btoa("ada:x")}`, "x-request-id": "7" },
  });
  assertEquals(await response.text(), "ada 7");
});

Deno.test("every() takes a web Response from any of them", async () => {
  const server = new HttpServer();
  const teapot: Middleware = () => new Response("tea", { status: 418 });
  server.use(every(letIn, teapot)).get("/", () => ok());
  const response = await server.inject({});
  assertEquals([response.status, await response.text()], [418, "tea"]);
});

Deno.test("some() runs the first that lets the request pass, and no other", async () => {
  const seen: string[] = [];
  const server = new HttpServer();
  server.use(some(
    refuse(403),
    note("second", seen),
    note("third", seen),
  )).get("/", () => ok("in"));
  assertEquals(await (await server.inject({})).text(), "in");
  assertEquals(seen, ["second in", "second 200"]);
});

Deno.test("some() answers the first 401 with all challenges, else the last refusal", async () => {
  const answered: Middleware = () =>
    new HttpResponse({
      status: 401,
      headers: { "WWW-Authenticate": "Digest" },
      body: "log in",
    });
  const table: [
    middleware: Middleware[],
    status: number,
    challenges: string[],
  ][] = [
    [[refuse(403), refuse(429)], 429, []],
    [[refuse(401, "Basic"), refuse(403)], 401, ["Basic"]],
    [[refuse(403), refuse(401, "Basic")], 401, ["Basic"]],
    [
      [refuse(401, "Basic"), answered, refuse(401, "Bearer")],
      401,
      ["Basic", "Digest", "Bearer"],
    ],
    [[answered, refuse(401, "Bearer")], 401, ["Digest", "Bearer"]],
  ];
  for (const [middleware, status, challenges] of table) {
    let ran = false;
    const server = new HttpServer();
    server.use(some(...middleware)).get("/", () => {
      ran = true;
      return ok();
    });
    const response = await server.inject({});
    assertEquals(response.status, status);
    assertEquals(response.headers.getAll("www-authenticate"), challenges);
    assert(!ran);
  }
});

Deno.test("some() does not take what the handler answers or throws for a refusal", async () => {
  for (const status of [401, 403, 404, 500]) {
    let runs = 0;
    const server = new HttpServer({ log: () => {} });
    server.use(some(letIn, letIn)).get("/", () => {
      runs++;
      throw new HttpError(status);
    });
    assertEquals((await server.inject({})).status, status);
    assertEquals(runs, 1);
  }
});

Deno.test("some() does not go on after next() when a middleware fails behind it", async () => {
  let runs = 0;
  const failing: Middleware = async (_request, next) => {
    await next();
    throw new HttpError(403);
  };
  const server = new HttpServer();
  server.use(some(failing, letIn)).get("/", () => {
    runs++;
    return ok();
  });
  assertEquals((await server.inject({})).status, 403);
  assertEquals(runs, 1);
});

Deno.test("some() ends with an error that is no refusal", async () => {
  const table: [error: Error, status: number][] = [
    [new Error("no database"), 500],
    [new HttpError(503), 503],
  ];
  for (const [error, status] of table) {
    const broken: Middleware = () => Promise.reject(error);
    const server = new HttpServer({ log: () => {} });
    server.use(some(broken, letIn)).get("/", () => ok());
    assertEquals((await server.inject({})).status, status);
  }
});

Deno.test("some() takes an answer that is no refusal as final", async () => {
  const cached: Middleware = () => ok("cached");
  const server = new HttpServer();
  server.use(some(cached, refuse(403))).get("/", () => ok("fresh"));
  assertEquals(await (await server.inject({})).text(), "cached");
});

Deno.test("some() cancels the contents of refusals that are not sent", async () => {
  let cancelled = 0;
  const stream = () =>
    new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ });
  const server = new HttpServer();
  server.use(some(
    () => new HttpResponse({ status: 403, body: stream() }),
    () => new Response(stream(), { status: 403 }),
    letIn,
  )).get("/", () => ok());
  assertEquals((await server.inject({})).status, 200);
  assertEquals(cancelled, 2);
});

Deno.test("some() adds challenges to no answer that is kept for others", async () => {
  const kept = new HttpResponse({
    status: 401,
    headers: { "WWW-Authenticate": "Digest" },
    body: "log in",
  });
  const server = new HttpServer();
  server.use(some(() => kept, refuse(401, "Bearer"))).get("/", () => ok());
  for (let time = 0; time < 2; time++) {
    const response = await server.inject({});
    assertEquals(response.header("www-authenticate"), "Digest, Bearer");
    assertEquals(await response.text(), "log in");
  }
  assertEquals(kept.header("www-authenticate"), "Digest");
});

Deno.test("some() nests with every()", async () => {
  const server = new HttpServer();
  server.use(some(
    every(
      ipFilter({ allow: ["192.0.2.0/24"] }),
      bearerAuth({ tokens: "abc" }),
    ),
    basicAuth({ users: { ada: "x" } }),
  )).get("/", ({ state }) => ok(state.user ?? state.token));
  async function ask(hostname: string, authorization: string) {
    const remoteAddress = { transport: "tcp", hostname, port: 1 } as const;
    const headers = { authorization };
    const response = await server.inject({ remoteAddress, headers });
    return response.status === 200 ? await response.text() : response.status;
  }
  assertEquals(await ask("192.0.2.1", "Bearer abc"), "abc");
  assertEquals(await ask("192.0.3.1", "Bearer abc"), 401);
  assertEquals(await ask("192.0.3.1", `Basic ${btoa("ada:x")}`), "ada");
});

Deno.test("when(), except(), every() and some() throw for what is no middleware", () => {
  const none = undefined as unknown as Middleware;
  const calls: [make: () => unknown, message: string][] = [
    [() => when(() => true, none), "undefined"],
    [() => when(none as never, letIn), "undefined"],
    [() => except([], none), "undefined"],
    [() => except("/a" as never, letIn), '"/a"'],
    [() => every(), "no middleware"],
    [() => some(), "no middleware"],
    [() => every(letIn, none), "undefined"],
    [() => some({} as Middleware), "a plain object"],
  ];
  for (const [make, message] of calls) {
    assertThrows(make, TypeError, message);
  }
});
