import { assertEquals, assertThrows } from "@std/assert";
import {
  cacheRule,
  type CacheRuleOptions,
} from "../../../../src/handlers/static/cache_rules.ts";
import { memorySource } from "../../../../src/handlers/static/mod.ts";
import { askOf } from "./site.ts";

const FOREVER = "public, immutable, max-age=31536000";

Deno.test("cacheRule() takes the first glob that matches", () => {
  const rule = cacheRule({
    cacheMaxAge: 60,
    immutable: true,
    cacheControl: {
      "assets/private/**": { noStore: true },
      "assets/**": { public: true, maxAge: 10 },
      "*.html": "no-cache",
      "**/*.{png,gif}": "public, max-age=5",
    },
  });
  const cases: [string, string][] = [
    ["assets/private/a.js", "no-store"],
    ["assets/a.js", "public, max-age=10"],
    ["assets/app.0f1e2d3c.js", "public, max-age=10"],
    ["index.html", "no-cache"],
    ["d/index.html", "public, max-age=60"],
    ["a.png", "public, max-age=5"],
    ["d/e/a.gif", "public, max-age=5"],
    ["app.0f1e2d3c.js", FOREVER],
    ["a.js", "public, max-age=60"],
  ];
  for (const [path, value] of cases) assertEquals(rule(path), value, path);
  assertEquals(cacheRule({})("a.js"), null);
});

Deno.test("cacheRule() knows a hash in a name from words and dates", () => {
  const rule = cacheRule({ immutable: true });
  const hashed = [
    "app.3f9a1c2b.js",
    "app-3f9a1c2b.js",
    "d/app.3f9a1c2b0d.min.js",
    "app.3f9a1c2b.js.map",
    "logo.d41d8cd98f00b204e9800998ecf8427e.svg",
  ];
  const others = [
    "app.js",
    "app.3f9a1c2.js",
    "app_3f9a1c2b.js",
    "report-20240115.pdf",
    "my-facade.js",
    "my-defaced.css",
    "3f9a1c2b.js",
    "app.3f9a1c2b",
    "app.3F9A1C2B.js",
    "3f9a1c2b.d/app.js",
    "my-component.js",
    "Version-Document2024.pdf",
  ];
  for (const path of hashed) assertEquals(rule(path), FOREVER, path);
  for (const path of others) assertEquals(rule(path), null, path);
});

Deno.test("cacheRule() takes a pattern of one's own, each name on its own", () => {
  const rule = cacheRule({ immutable: /-[\w-]{8}\.js$/g });
  for (let round = 0; round < 3; round++) {
    assertEquals(rule("assets/index-DiwrgTda.js"), FOREVER);
  }
  assertEquals(rule("index-DiwrgTda.css"), null);
});

Deno.test("cacheRule() takes long names in linear time", () => {
  const rule = cacheRule({
    immutable: true,
    cacheControl: { "**/*.html": "no-cache" },
  });
  const began = performance.now();
  for (const part of ["a", "1f", "a/", ".a", "-1f"]) {
    rule(part.repeat(4000 / part.length));
  }
  assertEquals(performance.now() - began < 2000, true);
});

Deno.test("cacheRule() refuses values that are no fields", () => {
  const cases: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [{ cacheControl: "no-cache" }, TypeError, "cacheControl"],
    [{ cacheControl: { a: "" } }, TypeError, '""'],
    [{ cacheControl: { a: "x\r\ny: z" } }, TypeError, "x\\r\\ny"],
    [{ cacheControl: { a: 7 } }, TypeError, "7"],
    [{ cacheControl: { a: {} } }, TypeError, "directive"],
    [{ cacheControl: { a: { maxAge: -1 } } }, RangeError, "-1"],
    [{ immutable: "x" }, TypeError, '"x"'],
    [{ cacheMaxAge: -1 }, RangeError, "-1"],
  ];
  for (const [options, kind, part] of cases) {
    assertThrows(() => cacheRule(options as CacheRuleOptions), kind, part);
  }
});

Deno.test("staticFiles() sends Cache-Control by the path of the file, with 304 too", async () => {
  const source = memorySource({ "d/index.html": "d", "a.js": "a" });
  const ask = askOf({
    source,
    cacheControl: { "**/*.html": "no-cache" },
    cacheMaxAge: 9,
  });
  assertEquals((await ask("/d/")).header("cache-control"), "no-cache");
  const script = await ask("/a.js");
  assertEquals(script.header("cache-control"), "public, max-age=9");
  const headers = { "if-none-match": script.header("etag") ?? "" };
  const unchanged = await ask("/a.js", { headers });
  assertEquals(unchanged.header("cache-control"), "public, max-age=9");
});
