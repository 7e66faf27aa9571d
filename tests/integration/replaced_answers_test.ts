/** Files of answers that a middleware replaces, however the request came: one
 * that stays open is a leak, which the sanitizer for resources finds. */
import { assertEquals, assertFalse } from "@std/assert";
import {
  FileBody,
  HttpResponse,
  HttpServer,
  type Middleware,
} from "@x/httpserver";
import { everyWay } from "../support/ways.ts";

const TEXT = "the content of a file";

const REPLACING: Record<string, Middleware> = {
  "/new": async (_request, next) => {
    const { status } = await next();
    return new HttpResponse({ status, body: "mine" });
  },
  "/set": async (_request, next) => {
    const response = await next();
    response.body = "mine";
    return response;
  },
  "/throw": async (_request, next) => {
    await next();
    throw new Error("broken");
  },
  "/twice": async (_request, next) => {
    await next();
    return await next();
  },
  "/lazy": async (_request, next) => {
    const { body } = await next();
    return new HttpResponse({ body: upper(body) });
  },
  "/unread": async (_request, next) => {
    const { body } = await next();
    void body;
    return new HttpResponse({ body: upper("mine") });
  },
};

async function* upper(
  body: HttpResponse["body"],
): AsyncGenerator<Uint8Array> {
  const text = await new HttpResponse({ body }).text();
  yield new TextEncoder().encode(text.toUpperCase());
}

Deno.test("HttpServer closes the files of answers that a middleware replaces", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, TEXT);
  const server = new HttpServer({ log: () => {} });
  for (const [prefix, middleware] of Object.entries(REPLACING)) {
    server.use(prefix, middleware).get(prefix, async () => {
      const file = await Deno.open(path);
      return new HttpResponse({ body: new FileBody(file, TEXT.length) });
    });
  }
  const expected: Record<string, string> = {
    "/new": "mine",
    "/set": "mine",
    "/twice": TEXT,
    "/lazy": TEXT.toUpperCase(),
    "/unread": "MINE",
  };
  await everyWay(server, async (way) => {
    for (const method of ["GET", "HEAD"]) {
      for (const prefix of Object.keys(REPLACING)) {
        const answer = await way.ask({ method, path: prefix });
        const about = `${method} ${prefix} by ${way.name}`;
        assertEquals(answer.status, prefix === "/throw" ? 500 : 200, about);
        if (prefix === "/throw") assertFalse(answer.body.includes("broken"));
        else {
          const body = method === "HEAD" ? "" : expected[prefix];
          assertEquals(answer.body, body, about);
        }
      }
    }
  });
  await Deno.remove(path);
});
