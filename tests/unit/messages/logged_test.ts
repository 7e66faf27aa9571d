/** Mistakes that only an answer shows: the client gets 500, the log how to mend it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Handler,
  HttpError,
  HttpResponse,
  HttpServer,
  type InjectInit,
  json,
  type Middleware,
  ok,
  ResponseBuilder,
  text,
} from "@x/httpserver";
import { HealthCheck, staticFiles } from "@x/httpserver/handlers";
import { cors, logging, rateLimit } from "@x/httpserver/middleware";

/** The answer of a server and the messages of its log. */
async function mistaken(
  define: (server: HttpServer) => unknown,
  init: InjectInit = {},
): Promise<{ response: HttpResponse; logged: string[] }> {
  const logged: string[] = [];
  const server = new HttpServer({
    log: ({ level, error }) => {
      if (level === "debug") return;
      logged.push(error instanceof Error ? error.message : `${error}`);
    },
  });
  define(server);
  return { response: await server.inject(init), logged };
}

// deno-lint-ignore no-explicit-any
type Context = any;
type Row = readonly [handle: (context: Context) => unknown, logged: string];

const POST: InjectInit = { method: "POST", body: "{}" };

const HANDLERS: readonly Row[] = [
  [() => "hello", 'returned "hello": return text(value) or html(value)'],
  [
    () => ({ a: 1 }),
    "returned a plain object: return an HttpResponse, such as ok(value), or a Response; json(value) makes one of any value",
  ],
  [() => {}, "returned undefined: return an HttpResponse"],
  [async () => await null, "returned null: return an HttpResponse"],
  [() => 404, "returned 404: return an HttpResponse"],
  [() => [1], "returned an array: return an HttpResponse"],
  [
    () => new ResponseBuilder().status(201),
    "returned a ResponseBuilder: return what its build() gives",
  ],
  [
    () => () => ok(),
    'returned a function: return what it gives, or register it, as in get("/", handler)',
  ],
  [() => new HttpError(404), "returned an HttpError: throw it"],
  [
    async () => {
      const response = new Response("x");
      await response.text();
      return response;
    },
    "Cannot answer with a Response whose body was used: return a fresh one or clone it first",
  ],
  [
    () => Response.error(),
    "Cannot answer with a Response of status 0: take one of 200 to 599",
  ],
  [
    () => {
      throw undefined;
    },
    "threw undefined: throw an Error, such as new HttpError(404)",
  ],
  [
    () => {
      throw text("no");
    },
    "threw an HttpResponse: return it, or throw new HttpError(status, message)",
  ],
  [
    () => {
      throw new Response("no");
    },
    "threw a Response: return it, or throw new HttpError(status, message)",
  ],
  [
    (context) => void (context.body = "x"),
    "Cannot set request.body in the handler of all methods /: return an answer, and leave what others need in request.state",
  ],
  [
    (context) => void (context.state = {}),
    "Cannot set request.state in the handler of all methods /: return an answer",
  ],
  [
    async (context) => ok([await context.json(), await context.json()]),
    "Cannot read the request body twice: keep the result of the first read",
  ],
  [
    (context) => json(context.json()),
    "Cannot send a Promise as JSON: await it first",
  ],
  [
    (context) => json({ data: context.json() }),
    "Cannot send a Promise as JSON: await it first",
  ],
  [
    (context) => context.json({ ok: true }),
    'Cannot find "ok" among the options of json(): there are proto',
  ],
  [
    async (context) => ok(await context.trailers()),
    "Cannot read the trailers yet: read the body to its end first",
  ],
  [
    staticFiles as unknown as Handler,
    "Cannot use an HttpRequest as options of staticFiles: call it where it is registered, as in use(staticFiles())",
  ],
];

Deno.test("a handler's mistake is 500 without detail, and the log says how to mend it", async () => {
  for (const [handler, message] of HANDLERS) {
    const { response, logged } = await mistaken(
      (server) => server.all("/", handler as Handler),
      POST,
    );
    assertEquals(response.status, 500, message);
    const body = await response.json();
    const title = "Internal Server Error";
    assertEquals(body, { type: "about:blank", title, status: 500 });
    assertEquals(logged.length, 1, message);
    assert(logged[0].includes(message), `${message}\n  was\n${logged[0]}`);
  }
});

Deno.test("a handler with the parameters of another framework is told of by the log", async () => {
  const handler = (_request: unknown, response: Context) =>
    response.send("hello");
  const { response, logged } = await mistaken(
    (server) => server.get("/", handler as unknown as Handler),
  );
  assertEquals(response.status, 500);
  assertEquals(logged, [
    "Cannot run the handler of GET / with 2 parameters, as it gets one: " +
    'take the request alone and return an answer, such as text("hello")',
  ]);
});

type MiddlewareRow = readonly [
  run: (request: Context, next: Context) => unknown,
  logged: string,
];

const MIDDLEWARE: readonly MiddlewareRow[] = [
  [
    (_, next) => void next(),
    "a middleware returned undefined: return next(), or the answer that await next() gave",
  ],
  [
    async (_, next) => void await next(),
    "a middleware returned undefined: return next(), or the answer that await next() gave",
  ],
  [
    (_, next) => next,
    "a middleware returned a function: call it, as in return next(), or register what it makes, as in use(logging())",
  ],
  [
    function timing(_, next) {
      const response = next();
      response.headers.set("x-a", "1");
      return response;
    },
    "Cannot go on in the middleware timing, where next() gave the promise of an answer: write await next() in an async function",
  ],
  [
    (_, next) => next(new Error("x")),
    "Cannot pass an Error to next(), which takes nothing: throw an error, and leave what handlers need in request.state",
  ],
  [
    async (_, next) => {
      const response = await next();
      response.headers = { "x-a": "1" };
      return response;
    },
    "Cannot set headers to a plain object: call headers.set(name, value) for each field",
  ],
  [
    async (_, next) => {
      const response = await next();
      response.header("x-a", "1");
      return response;
    },
    'Cannot set "x-a" by header(), which reads: call headers.set(name, value)',
  ],
  [
    async (_, next) => {
      const response = await next();
      response.status = "teapot";
      return response;
    },
    'Cannot answer with status "teapot": take an integer from 200 to 599',
  ],
  [
    logging as unknown as Middleware,
    "Cannot use an HttpRequest as options of logging: call it where it is registered, as in use(logging())",
  ],
  [
    cors as unknown as Middleware,
    "Cannot use an HttpRequest as options of cors: call it where it is registered, as in use(cors())",
  ],
  [
    rateLimit({ requestsPerSecond: 1, key: (() => 7) as never }),
    'Cannot count by 7 that "key" of rateLimit gave: return a string, or null not to limit the request',
  ],
];

Deno.test("a middleware's mistake is 500 without detail, and the log says how to mend it", async () => {
  for (const [middleware, message] of MIDDLEWARE) {
    const { response, logged } = await mistaken((server) =>
      server.use(middleware as Middleware).get("/", async () => {
        await Promise.resolve();
        return ok("x");
      })
    );
    assertEquals(response.status, 500, message);
    assert(!(await response.text()).includes("Cannot"), message);
    assertEquals(logged.length, 1, message);
    assert(logged[0].includes(message), `${message}\n  was\n${logged[0]}`);
  }
});

Deno.test("onError() and notFound() are told of by the log when they give no answer", async () => {
  const fails = () => {
    throw new Error("a bug");
  };
  const bad = await mistaken((server) =>
    server.onError((() => {}) as unknown as () => HttpResponse).get("/", fails)
  );
  assertEquals(bad.response.status, 500);
  assert(bad.logged[0].startsWith("Cannot answer: the error handler returned"));
  const missing = await mistaken((server) =>
    server.notFound((() => "none") as unknown as Handler)
  );
  assertEquals(missing.response.status, 500);
  assertEquals(
    missing.logged[0],
    'Cannot answer: the notFound handler returned "none": return text(value) or html(value)',
  );
});

Deno.test("HealthCheck is unhealthy and says why when a check tells nothing", async () => {
  const health = new HealthCheck().addCheck("db", (() => true) as never);
  const { response, logged } = await mistaken((server) =>
    server.get("/", health.handle)
  );
  assertEquals(response.status, 503);
  assert(!(await response.text()).includes("Cannot"));
  assertEquals(logged, [
    'Cannot tell what health check "db" found, as it returned true: return { healthy: true } or { healthy: false }',
  ]);
});

Deno.test("bodies that cannot be sent are told of when they are", async () => {
  const locked = ReadableStream.from([new Uint8Array(1)]);
  locked.getReader();
  const table: readonly [body: unknown, message: string][] = [
    [locked, "Cannot send a stream that somebody reads already: return one"],
    [
      ReadableStream.from(["text"]),
      'Cannot send "text" as a piece of the body of a response: let the stream give a Uint8Array, as new TextEncoder().encode(text) makes of text',
    ],
    [
      { a: 1 },
      "Cannot send a plain object as the body of a response: set it to text,",
    ],
  ];
  for (const [body, message] of table) {
    const logs: unknown[] = [];
    const server = new HttpServer({ log: ({ error }) => logs.push(error) })
      .get("/", () => {
        const response = new HttpResponse();
        (response as { body: unknown }).body = body;
        return response;
      });
    const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals(response.status, 500, message);
    assert(!(await response.text()).includes("Cannot"), message);
    await server.shutdown();
    assert(logs.some((one) => `${one}`.includes(message)), `${logs}`);
  }
});

Deno.test("staticFiles() warns once when its root is no directory", async () => {
  const root = await Deno.makeTempDir();
  const file = `${root}/file`;
  await Deno.writeTextFile(file, "");
  const table: readonly [root: string, why: string | null][] = [
    [root, null],
    [`${root}/none`, "it is not there"],
    [file, "it is no directory"],
  ];
  for (const [one, why] of table) {
    const logged: string[] = [];
    const server = new HttpServer({
      log: ({ message }) => logged.push(message),
    })
      .get("/*path", staticFiles({ root: one }));
    for (const path of ["/a", "/b"]) {
      assertEquals((await server.inject({ path })).status, 404);
    }
    assertEquals(
      logged,
      why === null ? [] : [
        `Cannot serve files from the root ${
          JSON.stringify(one)
        } of staticFiles, ` +
        `as ${why}: make the directory, or mend the path`,
      ],
    );
  }
  await Deno.remove(root, { recursive: true });
});

Deno.test("HttpServer.listen() says where when the port is taken", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const error = await assertRejects(
    () => new HttpServer().listen({ port }),
    Deno.errors.AddrInUse,
  );
  assertEquals(
    error.message,
    `Cannot listen on 127.0.0.1:${port}: another program listens there: ` +
      "end it, or take another port, or 0 for a free one",
  );
});
