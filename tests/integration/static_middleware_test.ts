/** Files in front of an application: what is none of them goes on to its routes. */
import { assertEquals } from "@std/assert";
import { HttpServer, text } from "@x/httpserver";
import {
  memorySource,
  staticFiles,
  type StaticFilesOptions,
} from "@x/httpserver/handlers/static";
import { everyWay } from "../support/ways.ts";

const HTML = { accept: "text/html" };
const FILES = {
  "index.html": "home",
  "a.txt": "file",
  "404.html": "lost",
  "app.html": "app",
  "api": "shadows a route",
};

function serve(options: Partial<StaticFilesOptions> = {}): HttpServer {
  const source = memorySource(FILES);
  return new HttpServer().use(staticFiles({ source, ...options }))
    .get("/route", () => text("route"))
    .get("/users/:id", () => text("no such user", { status: 404 }))
    .post("/a.txt", () => text("posted"))
    .get("/api", () => text("never"));
}

type Case = [path: string, status: number, body: string | null, init?: {
  method?: string;
  headers?: Record<string, string>;
}];

async function check(
  server: HttpServer,
  cases: readonly Case[],
): Promise<void> {
  await everyWay(server, async (way) => {
    for (const [path, status, body, init] of cases) {
      const answer = await way.ask({ path, ...init });
      const what = `${way.name} ${init?.method ?? "GET"} ${path}`;
      assertEquals(answer.status, status, what);
      if (body !== null) assertEquals(answer.body, body, what);
    }
  });
}

Deno.test("staticFiles() as a middleware hands on what is no file", async () => {
  await check(serve(), [
    ["/", 200, "home"],
    ["/a.txt", 200, "file"],
    ["/api", 200, "shadows a route"],
    ["/route", 200, "route"],
    ["/users/7", 404, "no such user"],
    ["/none", 404, null],
    ["/.env", 404, null],
    ["/a.txt", 200, "posted", { method: "POST" }],
    ["/a.txt", 405, null, { method: "DELETE" }],
    ["/a.txt", 200, "", { method: "HEAD" }],
  ]);
});

Deno.test("staticFiles() as a middleware has pages for what nobody has a route for", async () => {
  await check(serve({ spa: "app.html", notFound: "404.html" }), [
    ["/route", 200, "route", { headers: HTML }],
    ["/users/7", 404, "no such user", { headers: HTML }],
    ["/page", 200, "app", { headers: HTML }],
    ["/page.js", 404, "lost", { headers: HTML }],
    ["/page", 404, "lost"],
    ["/page", 404, null, { headers: { accept: "application/json" } }],
  ]);
});

Deno.test("staticFiles() as a middleware tells caches what its pages depend on", async () => {
  const server = serve({ spa: "app.html" });
  for (const headers of [HTML, { accept: "*/*" }]) {
    const response = await server.inject({ path: "/page", headers });
    assertEquals(response.status, headers === HTML ? 200 : 404);
    assertEquals(response.header("vary"), "Accept, Sec-Fetch-Mode");
  }
  const other = await server.inject({ path: "/users/7", headers: HTML });
  assertEquals(other.header("vary"), null);
});

Deno.test("staticFiles() as a middleware answers all if told not to hand on", async () => {
  await check(serve({ fallthrough: false }), [
    ["/a.txt", 200, "file"],
    ["/route", 404, null],
    ["/route", 405, null, { method: "POST" }],
  ]);
});

Deno.test("staticFiles() takes a prefix off on a segment boundary", async () => {
  const source = memorySource(FILES);
  for (const prefix of ["/assets", "/assets/"]) {
    const files = staticFiles({ source, prefix });
    const server = new HttpServer().use("/assets", files)
      .get("/assets/route", () => text("route"));
    await check(server, [
      ["/assets/a.txt", 200, "file"],
      ["/assets/", 200, "home"],
      ["/assets/route", 200, "route"],
      ["/assets/none", 404, null],
      ["/assetsa.txt", 404, null],
      ["/a.txt", 404, null],
      ["/assets//a.txt", 404, null],
    ]);
  }
});

Deno.test("staticFiles() redirects a prefix to its slash, as a middleware too", async () => {
  const source = memorySource({ "index.html": "home", "d/index.html": "d" });
  const server = new HttpServer().use(
    staticFiles({ source, prefix: "/assets" }),
  );
  const cases: [string, string][] = [
    ["/assets", "/assets/"],
    ["/assets/d?x", "/assets/d/?x"],
  ];
  for (const [path, location] of cases) {
    const response = await server.inject({ path });
    assertEquals(response.status, 301);
    assertEquals(response.header("location"), location);
  }
});
