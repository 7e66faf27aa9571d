import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HttpError, HttpServer, ok, type RequestRewriter } from "@x/httpserver";
import { HttpResponse } from "../../../src/http/response.ts";
import { rewriteFirst } from "../../../src/server/before_routing.ts";

Deno.test("rewriteFirst() is the pipeline itself without rewriters", () => {
  const pipeline = () => new HttpResponse();
  assertStrictEquals(rewriteFirst(undefined, pipeline), pipeline);
  assertStrictEquals(rewriteFirst([], pipeline), pipeline);
});

Deno.test("rewriteFirst() runs rewriters in their order, ahead of the route", async () => {
  const seen: string[] = [];
  const note = (name: string): RequestRewriter => () => void seen.push(name);
  const server = new HttpServer({
    beforeRouting: [
      note("a"),
      async () => {
        await Promise.resolve();
        seen.push("b");
      },
      note("c"),
      (request) => void seen.push(`route ${request.route}`),
    ],
  });
  server.get("/", (request) => {
    seen.push(`route ${request.route}`);
    return ok();
  });
  assertEquals((await server.inject({})).status, 200);
  assertEquals(seen, ["a", "b", "c", "route null", "route /"]);
});

Deno.test("rewriteFirst() answers what a rewriter throws and runs nothing else", async () => {
  let ran = 0;
  const failures: [rewrite: RequestRewriter, status: number][] = [
    [() => {
      throw new HttpError(403, "no");
    }, 403],
    [() => Promise.reject(new HttpError(403, "no")), 403],
    [() => {
      throw new Error("a bug");
    }, 500],
    [() => Promise.reject(new Error("a bug")), 500],
  ];
  for (const [rewrite, status] of failures) {
    const server = new HttpServer({
      log: () => {},
      beforeRouting: [rewrite, () => void ran++],
    });
    server.get("/", () => {
      ran++;
      return ok();
    });
    assertEquals((await server.inject({})).status, status);
  }
  assertEquals(ran, 0);
});

Deno.test("HttpServer throws for a beforeRouting that is no list of functions", () => {
  const table: [value: unknown, message: string][] = [
    [() => {}, "a function"],
    [[7], "an array"],
    [null, "null"],
  ];
  for (const [value, message] of table) {
    assertThrows(
      () => new HttpServer({ beforeRouting: value as RequestRewriter[] }),
      TypeError,
      message,
    );
  }
});
