import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  memorySource,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/mod.ts";
import { type Ask, askOf, openDescriptors, Site, someBytes } from "./site.ts";

const FILES = {
  "a.txt": "0123456789",
  "d/Bericht Ü.pdf": "pdf",
  "page.html": "<p>",
  "404.html": "lost",
  "app.bin": "bin",
};

function serve(options: Partial<StaticFilesOptions>): Ask {
  return askOf({ source: memorySource(FILES), ...options });
}

Deno.test("staticFiles() adds the fields of headers() to every answer with a file", async () => {
  const seen: string[] = [];
  const ask = serve({
    notFound: "404.html",
    cacheMaxAge: 1,
    headers(path, request) {
      seen.push(`${request.method} ${path}`);
      return {
        "access-control-allow-origin": "*",
        "cache-control": "no-cache",
        "vary": "Origin, Cookie",
        "set-cookie": ["a=1", "b=2"],
      };
    },
  });
  const tag = (await ask("/a.txt")).header("etag") ?? "";
  const cases: [Record<string, string>, number][] = [
    [{}, 200],
    [{ range: "bytes=0-1" }, 206],
    [{ range: "bytes=0-1,5-6" }, 206],
    [{ "if-none-match": tag }, 304],
  ];
  for (const [headers, status] of cases) {
    const response = await ask("/a.txt", { headers });
    assertEquals(response.status, status);
    assertEquals(response.header("access-control-allow-origin"), "*");
    assertEquals(response.header("cache-control"), "no-cache");
    assertEquals(response.header("vary"), "Origin, Cookie");
    assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
  }
  assertEquals((await ask("/none")).header("access-control-allow-origin"), "*");
  assertEquals(seen.at(0), "GET a.txt");
  assertEquals(seen.at(-1), "GET 404.html");
});

Deno.test("staticFiles() adds fields to one answer and not to the next", async () => {
  let count = 0;
  const ask = serve({
    headers: () => count++ === 0 ? { "x-first": "yes" } : undefined,
  });
  assertEquals((await ask("/a.txt")).header("x-first"), "yes");
  assertEquals((await ask("/a.txt")).header("x-first"), null);
});

Deno.test({
  name:
    "staticFiles() refuses fields that tell what is sent, and closes the file",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = new Site({ large: someBytes(100_000) });
    const before = openDescriptors(site.base);
    const refused = [
      "Content-Type",
      "Content-Length",
      "Content-Range",
      "Content-Encoding",
      "Accept-Ranges",
      "ETag",
      "Last-Modified",
    ];
    for (const name of refused) {
      const ask = site.serve({ headers: () => ({ [name]: "x" }) });
      await assertRejects(
        () => ask("/large"),
        TypeError,
        name.toLowerCase(),
      );
    }
    const ask = site.serve({ headers: () => ({ "x-split": "a\r\nb: c" }) });
    await assertRejects(() => ask("/large"), TypeError);
    assertEquals(openDescriptors(site.base), before);
  },
});

Deno.test("staticFiles() has files saved by the option download", async () => {
  const cases: [StaticFilesOptions["download"], string, string | null][] = [
    [undefined, "/a.txt", null],
    [false, "/a.txt", null],
    [true, "/a.txt", 'attachment; filename="a.txt"'],
    [
      true,
      "/d/Bericht%20%C3%9C.pdf",
      `attachment; filename="Bericht _.pdf"; filename*=UTF-8''Bericht%20%C3%9C.pdf`,
    ],
    [(path) => path.endsWith(".pdf"), "/a.txt", null],
    [(path) => `my ${path}`, "/a.txt", 'attachment; filename="my a.txt"'],
  ];
  for (const [download, path, expected] of cases) {
    const response = await serve({ download })(path);
    assertEquals(response.header("content-disposition"), expected, path);
    assert(response.ok);
  }
});

Deno.test("staticFiles() forbids to guess the type of files that could be anything", async () => {
  const ask = serve({});
  const cases: [string, string | null][] = [
    ["/app.bin", "nosniff"],
    ["/a.txt", "nosniff"],
    ["/page.html", null],
  ];
  for (const [path, expected] of cases) {
    const response = await ask(path);
    assertEquals(response.header("x-content-type-options"), expected, path);
  }
});
