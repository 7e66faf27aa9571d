import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  memorySource,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/mod.ts";
import { type Ask, askOf, type AskOptions } from "./site.ts";

const HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const FILES = {
  "index.html": "<h1>app",
  "app.html": "<h1>other",
  "404.html": "<h1>lost",
  "404.html.br": "packed",
  "a.txt": "a",
  "api/index.html": "api",
};

function serve(options: Partial<StaticFilesOptions>): Ask {
  return askOf({ source: memorySource(FILES), ...options });
}

type Case = [target: string, options: AskOptions, status: number];

const SPA_CASES: Case[] = [
  ["/users/7", { headers: { accept: HTML } }, 200],
  ["/users/7?tab=a.b", { headers: { accept: HTML } }, 200],
  ["/users/", { headers: { accept: HTML } }, 200],
  ["/v1.2/users", { headers: { accept: HTML } }, 200],
  ["/users", { headers: { accept: "text/html;q=0.1" } }, 200],
  ["/users", { headers: { accept: HTML, "sec-fetch-mode": "navigate" } }, 200],
  ["/users", { headers: { "sec-fetch-mode": "navigate" } }, 200],
  ["/users", { method: "HEAD", headers: { accept: HTML } }, 200],
  // Not a navigation.
  ["/users", {}, 404],
  ["/users", { headers: { accept: "*/*" } }, 404],
  ["/users", { headers: { accept: "application/json" } }, 404],
  ["/users", { headers: { accept: "text/html;q=0, */*" } }, 404],
  ["/users", { headers: { accept: HTML, "sec-fetch-mode": "cors" } }, 404],
  ["/users", { headers: { accept: HTML, "sec-fetch-mode": "no-cors" } }, 404],
  [
    "/users",
    { headers: { accept: "image/*", "sec-fetch-mode": "navigate" } },
    404,
  ],
  ["/users", { method: "POST", headers: { accept: HTML } }, 405],
  // Parts of a page, and what is looked for to break in.
  ["/app.js", { headers: { accept: HTML } }, 404],
  ["/img/logo.svg", { headers: { accept: HTML } }, 404],
  ["/wp-login.php", { headers: { accept: HTML } }, 404],
  ["/.env", { headers: { accept: HTML } }, 404],
  ["/.git/config", { headers: { accept: HTML } }, 404],
  ["/../etc/passwd", { headers: { accept: HTML } }, 404],
  ["//users", { headers: { accept: HTML } }, 404],
  ["/%5cusers", { headers: { accept: HTML } }, 404],
];

Deno.test("staticFiles() answers navigations with the page of the application", async () => {
  const ask = serve({ spa: true });
  for (const [target, options, status] of SPA_CASES) {
    const response = await ask(target, options);
    const what = `${target} ${JSON.stringify(options)}`;
    assertEquals(response.status, status, what);
    if (status === 405) continue;
    const vary = response.header("vary") ?? "";
    assertStringIncludes(vary, "Sec-Fetch-Mode", what);
    if (status === 404) continue;
    assertEquals(vary, "Accept, Sec-Fetch-Mode", what);
    const text = options.method === "HEAD" ? "" : "<h1>app";
    assertEquals(await response.text(), text, what);
  }
});

Deno.test("staticFiles() prefers files to the page of the application", async () => {
  const ask = serve({ spa: "/app.html", notFound: "404.html" });
  const headers = { accept: HTML };
  const cases: [string, string][] = [
    ["/a.txt", "a"],
    ["/", "<h1>app"],
    ["/api/", "api"],
    ["/none", "<h1>other"],
    ["/none.js", "<h1>lost"],
  ];
  for (const [target, text] of cases) {
    assertEquals(await (await ask(target, { headers })).text(), text, target);
  }
  const found = await ask("/a.txt", { headers });
  assertEquals(found.header("vary"), null);
});

Deno.test("staticFiles() answers conditions and ranges on the page of the application", async () => {
  const ask = serve({ spa: true, cacheControl: { "*.html": "no-cache" } });
  const headers = { accept: HTML };
  const page = await ask("/users", { headers });
  assertEquals(page.header("cache-control"), "no-cache");
  const tag = page.header("etag") ?? "";
  const again = await ask("/other", {
    headers: { ...headers, "if-none-match": tag },
  });
  assertEquals(again.status, 304);
  assertEquals(again.header("vary"), "Accept, Sec-Fetch-Mode");
  const part = await ask("/users", {
    headers: { ...headers, range: "bytes=0-3" },
  });
  assertEquals(await part.text(), "<h1>");
});

Deno.test("staticFiles() answers 404 while the page of the application is missing", async () => {
  const ask = serve({ spa: "none.html" });
  assertEquals((await ask("/x", { headers: { accept: HTML } })).status, 404);
});

Deno.test("staticFiles() sends a page of its own with 404, not to be stored", async () => {
  const ask = serve({
    notFound: "404.html",
    cacheMaxAge: 60,
    precompressed: true,
  });
  for (const method of ["GET", "HEAD"]) {
    for (const accept of [undefined, "*/*", HTML]) {
      const headers: Record<string, string> = accept ? { accept } : {};
      const response = await ask("/none", { method, headers });
      assertEquals(response.status, 404);
      assertEquals(Object.fromEntries(response.headers), {
        "cache-control": "no-store",
        "content-length": "8",
        "content-type": "text/html; charset=utf-8",
        "vary": "Accept-Encoding, Accept",
      });
      assertEquals(await response.text(), method === "GET" ? "<h1>lost" : "");
    }
  }
  const packed = await ask("/none", { headers: { "accept-encoding": "br" } });
  assertEquals(packed.status, 404);
  assertEquals(packed.header("content-encoding"), "br");
  assertEquals(await packed.text(), "packed");
});

Deno.test("staticFiles() ignores conditions and ranges with a 404", async () => {
  const ask = serve({ notFound: "404.html" });
  const page = await ask("/404.html");
  const headers = {
    "if-none-match": page.header("etag") ?? "",
    "if-match": '"other"',
    "range": "bytes=0-1",
  };
  const response = await ask("/none", { headers });
  assertEquals(response.status, 404);
  assertEquals(await response.text(), "<h1>lost");
});

Deno.test("staticFiles() sends its page of 404 to those only who take it", async () => {
  const ask = serve({ notFound: "404.html" });
  const headers = { accept: "application/json" };
  const response = await ask("/none", { headers });
  assertEquals(response.status, 404);
  assertEquals(response.header("content-type"), null);
  const missing = await serve({ notFound: "none.html" })("/none");
  assertEquals(missing.status, 404);
});

Deno.test("staticFiles() sends its page of 404 for all that it refuses", async () => {
  const ask = serve({ notFound: "404.html" });
  for (const target of ["/.env", "/../x", "//a.txt", "/a.txt/", "/%5c"]) {
    const response = await ask(target);
    assertEquals(response.status, 404, target);
    assertEquals(await response.text(), "<h1>lost", target);
  }
});
