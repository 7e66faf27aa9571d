/** What becomes of the content of an answer that a middleware does not pass on. */
import { assert, assertEquals, assertFalse } from "@std/assert";
import { FileBody } from "../../../src/http/file_body.ts";
import { HttpResponse, type ResponseBody } from "../../../src/http/response.ts";
import { type Middleware, Router } from "../../../src/routing/mod.ts";
import { turn } from "../../support/site.ts";
import { ask, makeRequest } from "./make_request.ts";

/** A content that tells whether it was ended. */
interface Source {
  readonly body: ResponseBody;
  readonly isOpen: () => boolean;
}

function fileSource(text = "file"): Source {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let isOpen = true;
  const file = {
    read: (into: Uint8Array) => {
      assert(isOpen, "read of a closed file");
      const piece = bytes.subarray(at, at + into.length);
      into.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
    close: () => {
      isOpen = false;
    },
  };
  return { body: new FileBody(file, bytes.length), isOpen: () => isOpen };
}

function streamSource(text = "stream"): Source {
  let isOpen = true;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
      isOpen = false;
    },
    cancel: () => {
      isOpen = false;
    },
  }, { highWaterMark: 0 });
  return { body, isOpen: () => isOpen };
}

const SOURCES = { file: fileSource, stream: streamSource };

function say(body: ResponseBody, status = 200): HttpResponse {
  return new HttpResponse({ status, body });
}

async function* upper(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    const text = new TextDecoder().decode(piece).toUpperCase();
    yield new TextEncoder().encode(text);
  }
}

function iterable(body: ResponseBody): AsyncIterable<Uint8Array> {
  assert(typeof body === "object" && body !== null);
  assert(Symbol.asyncIterator in body);
  return body;
}

const REPLACING: Record<string, Middleware> = {
  "answers at once": (_request, next) => {
    next();
    return say("mine");
  },
  "answers with a web Response": (_request, next) => {
    next();
    return new Response("mine");
  },
  "answers later": async (_request, next) => {
    await next();
    return say("mine");
  },
  "answers before the handler has": async (_request, next) => {
    const late = next();
    await Promise.resolve();
    void late;
    return say("mine");
  },
  "sets another content": async (_request, next) => {
    const response = await next();
    response.body = "mine";
    return response;
  },
  "throws": (_request, next) => {
    next();
    throw new Error("broken");
  },
  "throws later": async (_request, next) => {
    await next();
    throw new Error("broken");
  },
  "returns nothing that could be sent": async (_request, next) => {
    await next();
    return 7 as unknown as Response;
  },
  "asks twice": async (_request, next) => {
    await next();
    return say((await next()).status === 200 ? "mine" : "");
  },
  "keeps the head alone": async (_request, next) => {
    const { status, headers } = await next();
    return new HttpResponse({ status, headers });
  },
  "sends a stream of its own": async (_request, next) => {
    await next();
    return say(streamSource("mine").body);
  },
  "sends a file of its own": (_request, next) => {
    next();
    return say(fileSource("mine").body);
  },
};

const PASSING: Record<string, Middleware> = {
  "passes it on": (_request, next) => next(),
  "passes it on later": async (_request, next) => await next(),
  "wraps it in an answer": async (_request, next) =>
    say((await next()).body, 201),
  "wraps it at once": (_request, next) => {
    const inner = next();
    return inner instanceof HttpResponse
      ? say(inner.body, 201)
      : inner.then(({ body }) => say(body));
  },
  "turns it into a web Response": async (_request, next) =>
    (await next()).toWeb(),
  "reads it through a generator": async (_request, next) =>
    say(upper(iterable((await next()).body))),
  "reads it through a stream of a generator": async (_request, next) =>
    say(ReadableStream.from(upper(iterable((await next()).body)))),
  "reads it through a transform": async (_request, next) => {
    const source = ReadableStream.from(iterable((await next()).body));
    const same = new TransformStream<Uint8Array, Uint8Array>();
    return say(source.pipeThrough(same));
  },
  "reads it through a file": async (_request, next) => {
    const { body } = await next();
    if (!(body instanceof FileBody)) return say(body);
    const file = {
      read: (into: Uint8Array) => body.read(into),
      close: () => body.close(),
    };
    return say(new FileBody(file, body.length));
  },
  "sets a generator over it": async (_request, next) => {
    const response = await next();
    response.body = upper(iterable(response.body));
    return response;
  },
  "reads it whole": async (_request, next) => say(await (await next()).bytes()),
  "reads an answer that comes while its own is sent": (_request, next) => {
    const inner = next();
    return say(async function* () {
      yield new TextEncoder().encode("");
      yield* iterable((await inner).body);
    }());
  },
};

const PLACES = ["alone", "inside another", "outside another"] as const;

function around(
  middleware: Middleware,
  place: typeof PLACES[number],
): Middleware[] {
  const touch: Middleware = async (_request, next) => {
    const response = await next();
    response.headers.set("touched", "yes");
    return response;
  };
  if (place === "alone") return [middleware];
  return place === "inside another" ? [touch, middleware] : [middleware, touch];
}

for (const [kind, make] of Object.entries(SOURCES)) {
  for (const place of PLACES) {
    for (const isAsync of [false, true]) {
      const handler = isAsync ? "later" : "at once";
      const where = `${place}, of a ${kind} that came ${handler}`;

      Deno.test(`runMiddleware() ends what is replaced when ${where}`, async (t) => {
        for (const [name, middleware] of Object.entries(REPLACING)) {
          await t.step(name, async () => {
            const sources: Source[] = [];
            const answer = () => {
              const source = make();
              sources.push(source);
              return say(source.body);
            };
            const router = new Router().use(...around(middleware, place))
              .get("/", () => isAsync ? Promise.resolve(answer()) : answer());
            const response = await ask(router, "GET", "/");
            const isError = response.status === 500;
            const text = await response.text();
            if (!isError && name !== "keeps the head alone") {
              assertEquals(text, "mine");
            }
            await turn();
            assertEquals(
              sources.map((one) => one.isOpen()),
              sources.map(() => false),
            );
            assert(sources.length > 0);
          });
        }
      });

      Deno.test(`runMiddleware() leaves what is sent when ${where}`, async (t) => {
        for (const [name, middleware] of Object.entries(PASSING)) {
          await t.step(name, async () => {
            const source = make();
            const answer = say(source.body);
            const router = new Router().use(...around(middleware, place))
              .get("/", () => isAsync ? Promise.resolve(answer) : answer);
            const response = await ask(router, "GET", "/");
            assertEquals((await response.text()).toLowerCase(), kind);
            assertFalse(source.isOpen());
          });
        }
      });
    }
  }
}

Deno.test("runMiddleware() leaves a content that somebody reads", async () => {
  const texts: Promise<string>[] = [];
  const router = new Router().use(async (_request, next) => {
    texts.push((await next()).text());
    return say("mine");
  }).get("/stream", () => say(streamSource().body))
    .get("/file", () => say(fileSource().body));
  for (const path of ["/stream", "/file"]) {
    assertEquals(await (await ask(router, "GET", path)).text(), "mine");
  }
  assertEquals(await Promise.all(texts), ["stream", "file"]);
});

Deno.test("runMiddleware() keeps of two answers the one that is passed on", async () => {
  const sources = [fileSource(), fileSource(), fileSource()];
  let count = 0;
  const router = new Router().use(async (_request, next) => {
    const [first] = await Promise.all([next(), next(), next()]);
    return first;
  }).get("/", () => say(sources[count++].body));
  const response = await ask(router, "GET", "/");
  assert(sources[0].isOpen());
  assertEquals(await response.text(), "file");
  assertEquals(sources.map((one) => one.isOpen()), [false, false, false]);
});

Deno.test("runMiddleware() ends an answer that comes too late", async () => {
  const source = fileSource();
  const { promise, resolve } = Promise.withResolvers<void>();
  const router = new Router().use((_request, next) => {
    next();
    return say("too late", 503);
  }).get("/", async () => {
    await promise;
    return say(source.body);
  });
  const response = await ask(router, "GET", "/");
  assertEquals(response.status, 503);
  assert(source.isOpen());
  resolve();
  await turn();
  assertFalse(source.isOpen());
});

Deno.test("runMiddleware() ends what is replaced when the answer is given up", async () => {
  const source = fileSource();
  const router = new Router().use(async (_request, next) => {
    const { body } = await next();
    return say(upper(iterable(body)));
  }).get("/", () => say(source.body));
  const response = await ask(router, "GET", "/");
  assert(source.isOpen());
  await response.toWeb().body?.cancel();
  assertFalse(source.isOpen());
});

Deno.test("runMiddleware() gives the same object through when nothing is replaced", async () => {
  let seen: HttpResponse | null = null;
  const router = new Router().use((_request, next) => next())
    .use(async (_request, next) => seen = await next())
    .get("/", () => say("x"));
  assertEquals(await ask(router, "GET", "/") === seen, true);
});

Deno.test("Router changes no answer that is kept for many requests", async () => {
  const page = new HttpResponse({ headers: { "x-page": "1" }, body: "page" });
  const busy = new HttpResponse({ status: 503 });
  let lazy: HttpResponse | null = null;
  const router = new Router()
    .use(async (request, next) => {
      const response = await next();
      response.headers.append("x-seen", request.target);
      response.status = response.status === 200 ? 203 : response.status;
      response.body = response.body === null ? null : `${response.body}!`;
      return response;
    })
    .get("/page", () => page)
    .get("/later", () => Promise.resolve(page))
    .get("/lazy", () => lazy ??= say("lazy"))
    .get("/busy", () => busy, () => page)
    .get("/throws", () => {
      throw new Error("broken");
    })
    .notFound(() => page)
    .onError(() => busy);
  for (let round = 0; round < 2; round++) {
    for (const path of ["/page", "/later", "/lazy", "/busy", "/none"]) {
      const response = await ask(router, "GET", path);
      assertEquals(response.header("x-seen"), path);
      const text = path === "/busy" ? "" : path === "/lazy" ? "lazy!" : "page!";
      assertEquals(await response.text(), text);
    }
    const response = await ask(router, "GET", "/throws");
    assertEquals(response.header("x-seen"), "/throws");
    assert(response.error instanceof Error);
  }
  assertEquals([...page.headers], [["x-page", "1"]]);
  assertEquals([page.status, page.body], [200, "page"]);
  assertEquals([...busy.headers], []);
  assertEquals(busy.error, undefined);
});

Deno.test("Router gives a middleware all of a kept answer", async () => {
  const page = new HttpResponse({
    status: 202,
    headers: { "x-page": "1" },
    body: "page",
    trailers: { "x-sum": "7" },
  });
  const router = new Router().use((_request, next) => next())
    .get("/", () => page);
  const { status, headers, body, trailers } = await ask(router, "GET", "/");
  assertEquals([status, body, trailers], [202, "page", { "x-sum": "7" }]);
  assertEquals([...headers], [["x-page", "1"]]);
});

Deno.test("Router sends a kept answer as it is when no middleware is there", async () => {
  const page = say("page");
  const router = new Router().get("/", () => page)
    .use("/other", (_request, next) => next());
  assertEquals(await router.handle(makeRequest("GET", "/")) === page, true);
});
