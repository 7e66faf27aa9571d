import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { HttpResponse, HttpServer, notFound, ok, Router } from "@x/httpserver";
import {
  trailingSlash,
  type TrailingSlashOptions,
} from "../../../src/middleware/trailing_slash.ts";
import { fakeRequest, run } from "./fakes.ts";

function site(options?: TrailingSlashOptions): HttpServer {
  const server = new HttpServer();
  server.use(trailingSlash(options));
  server.get("/", () => ok()).get("/users", () => ok("users"))
    .get("/docs/", () => ok("docs")).post("/items/", () => ok())
    .get("/files/*path", () => ok("file"))
    .get("/gone/:id", () => notFound("no such thing"));
  server.mount("/api", new Router().get("/list", () => ok()));
  return server;
}

async function ask(
  server: HttpServer,
  path: string,
  method = "GET",
): Promise<[status: number, location: string | null]> {
  const response = await server.inject({ method, path });
  return [response.status, response.header("location")];
}

Deno.test("trailingSlash() trims where no route takes the path", async () => {
  const table: [path: string, status: number, location: string | null][] = [
    ["/users/", 308, "/users"],
    ["/users/?a=1&b=/x/", 308, "/users?a=1&b=/x/"],
    ["/users//", 308, "/users"],
    ["/api/list/", 308, "/api/list"],
    ["/b%C3%A4r/%2F/", 308, "/b%C3%A4r/%2F"],
    ["/users", 200, null],
    ["/", 200, null],
    ["/docs/", 200, null],
    ["/files/a/", 200, null],
    ["/gone/7", 404, null],
    ["/none", 404, null],
    ["/items/", 405, null],
    ["/%zz/", 400, null],
  ];
  const server = site();
  for (const [path, status, location] of table) {
    assertEquals(await ask(server, path), [status, location], path);
  }
});

Deno.test("trailingSlash() appends where no route takes the path", async () => {
  const table: [path: string, status: number, location: string | null][] = [
    ["/docs", 308, "/docs/"],
    ["/docs?a=1", 308, "/docs/?a=1"],
    ["/docs/", 200, null],
    ["/users", 200, null],
    ["/logo.svg", 404, null],
    ["/v1.2/logo", 308, "/v1.2/logo/"],
    ["/", 200, null],
  ];
  const server = site({ mode: "append" });
  for (const [path, status, location] of table) {
    assertEquals(await ask(server, path), [status, location], path);
  }
});

/** Where a path is led to that no parser has looked at. */
async function locationOf(
  mode: TrailingSlashOptions["mode"],
  target: string,
): Promise<string | null> {
  const response = await run(
    trailingSlash({ mode }),
    fakeRequest({ target }),
    () => new HttpResponse({ status: 404 }),
  );
  return response.header("location");
}

Deno.test("trailingSlash() never leads to another site", async () => {
  let led = 0;
  const hosts = [
    "//evil.example/",
    "///evil.example/",
    "//evil.example//",
    "/\\evil.example/",
    "/%5Cevil.example/",
    "/%2Fevil.example/",
    "//evil.example/%2e%2e/",
    "/.//evil.example/",
    "/;@evil.example/",
    "//user@evil.example/",
    "/%0d%0aLocation:%20https://evil.example/",
    "/https://evil.example/",
    "//",
    "///",
    "//evil.example",
    "/\\evil.example",
    "//[::1]/",
  ];
  for (const mode of ["trim", "append"] as const) {
    for (const path of hosts) {
      const location = await locationOf(mode, path);
      if (location === null) continue;
      led++;
      const url = new URL(location, "http://own.example/");
      assertEquals(url.host, "own.example", `${path} -> ${location}`);
      assert(/^\/(?![/\\])[^\s\\]*$/.test(location), location);
    }
  }
  assertGreater(led, 10);
});

Deno.test("trailingSlash() leads every method on by 308, GET and HEAD by 301", async () => {
  const table: [method: string, by308: number, by301: number][] = [
    ["GET", 308, 301],
    ["HEAD", 308, 301],
    ["POST", 308, 404],
    ["DELETE", 308, 404],
    ["OPTIONS", 404, 404],
  ];
  for (const [method, by308, by301] of table) {
    const path = "/none/";
    assertEquals((await ask(site(), path, method))[0], by308, method);
    const other = site({ status: 301 });
    assertEquals((await ask(other, path, method))[0], by301, method);
  }
});

Deno.test("trailingSlash() leaves a notFound that answers otherwise alone", async () => {
  const server = new HttpServer();
  server.use(trailingSlash()).notFound(async () =>
    ok(await Promise.resolve("a page"))
  );
  assertEquals(await ask(server, "/any/"), [200, null]);
});

Deno.test("trailingSlash() of a mounted router is for its paths alone", async () => {
  const server = new HttpServer();
  const router = new Router();
  router.use(trailingSlash()).get("/list", () => ok());
  server.mount("/api", router);
  assertEquals(await ask(server, "/api/list/"), [308, "/api/list"]);
  assertEquals(await ask(server, "/other/"), [404, null]);
});

Deno.test("trailingSlash() throws for options that are none", () => {
  const table: [options: unknown, kind: ErrorConstructor, message: string][] = [
    [{ mode: "remove" }, TypeError, '"remove"'],
    [{ status: 302 }, RangeError, "302"],
    [{ redirect: 301 }, TypeError, '"redirect"'],
  ];
  for (const [options, kind, message] of table) {
    assertThrows(
      () => trailingSlash(options as TrailingSlashOptions),
      kind,
      message,
    );
  }
});
