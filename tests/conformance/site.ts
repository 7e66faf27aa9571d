/** A server for the rules, with an answer of every kind. */
import {
  HttpError,
  HttpResponse,
  type HttpServer,
  noContent,
  ok,
  redirect,
  text,
} from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers";

/** The files that are served under `/files`. */
export const FILES = new URL("../../examples/site", import.meta.url);

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (const piece of ["one", "two"]) {
    // The next turn, so that the length is not known when the head is sent.
    await new Promise((resolve) => setTimeout(resolve, 0));
    yield new TextEncoder().encode(piece);
  }
}

/** Adds the routes. */
export function everyAnswer(server: HttpServer): void {
  server.get("/text", () => text("text"));
  server.get("/json", () => ok({ a: 1 }));
  server.get("/bytes", () => ok(new Uint8Array(100_000)));
  server.get("/stream", () => new HttpResponse({ body: pieces() }));
  server.get(
    "/trailers",
    () => new HttpResponse({ body: pieces(), trailers: { "x-sum": "6" } }),
  );
  server.get("/empty", () => noContent());
  server.get("/redirect", () => redirect("/text"));
  server.get("/hints", async (request) => {
    await request.earlyHints(["</a.css>; rel=preload"]);
    return text("hinted");
  });
  server.get("/throws", () => {
    throw new Error("a bug");
  });
  server.get("/status/:code(\\d+)", ({ params }) => {
    const status = Number(params.code);
    return new HttpResponse({ status, body: "content" });
  });
  server.get("/error/:code(\\d+)", ({ params }) => {
    throw new HttpError(Number(params.code));
  });
  server.post("/echo", async (request) => ok(await request.bytes()));
  server.post("/pass", (request) => new HttpResponse({ body: request.body }));
  server.post("/form", async (request) => {
    await request.formData();
    return ok();
  });
  server.post("/ignore", () => ok("ignored"));
  server.get(
    "/files/*path",
    staticFiles({ root: FILES, cacheMaxAge: 60 }),
  );
}
