import { assertEquals, assertThrows } from "@std/assert";
import { resolve, toFileUrl } from "@std/path";
import {
  memorySource,
  staticFiles,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/mod.ts";
import { resolveDisk } from "../../../../src/handlers/static/settings.ts";

Deno.test("resolveDisk() makes the root absolute", () => {
  const absolute = resolve("some dir");
  const roots = [
    "some dir",
    "./x/../some dir/",
    absolute,
    toFileUrl(absolute),
    toFileUrl(absolute).href,
  ];
  for (const root of roots) {
    assertEquals(resolveDisk({ root }).root, absolute, String(root));
  }
});

Deno.test("resolveDisk() fills in the defaults", () => {
  assertEquals(resolveDisk({ root: "/x" }), {
    root: resolve("/x"),
    symlinks: "within-root",
    cache: { maxBytes: 33_554_432, maxFileBytes: 1_048_576, checkMs: 0 },
  });
  const cache = { maxBytes: 1, maxFileBytes: 2, checkMs: 3 };
  assertEquals(resolveDisk({ root: "/x", cache }).cache, cache);
  assertEquals(resolveDisk({ root: "/x", cache: false }).cache, null);
});

Deno.test("staticFiles() refuses options of the wrong shape", () => {
  const cases: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [{ root: "" }, TypeError, '""'],
    [{}, TypeError, "undefined"],
    [{ root: 7 }, TypeError, "7"],
    [{ root: "a\0b" }, TypeError, "a\\u0000b"],
    [{ root: new URL("https://example.com/") }, TypeError, "https:"],
    [{ root: ".", cacheMaxAge: -1 }, RangeError, "-1"],
    [{ root: ".", cacheMaxAge: 1.5 }, RangeError, "1.5"],
    [{ root: ".", cacheMaxAge: NaN }, RangeError, "NaN"],
    [{ root: ".", cacheMaxAge: "1" }, TypeError, '"1"'],
    [{ root: ".", index: "index.html" }, TypeError, '"index.html"'],
    [{ root: ".", index: ["../x"] }, TypeError, '"../x"'],
    [{ root: ".", index: [".."] }, TypeError, '".."'],
    [{ root: ".", index: ["a\\b"] }, TypeError, "a\\\\b"],
    [{ root: ".", index: [""] }, TypeError, '""'],
    [{ root: ".", index: [7] }, TypeError, "7"],
    [{ root: ".", dotfiles: "deny" }, TypeError, '"deny"'],
    [{ root: ".", symlinks: true }, TypeError, "true"],
    [{ root: ".", cach: {} }, TypeError, '"cach"'],
    [null, TypeError, "null"],
    [{ root: ".", cache: { maxByte: 1 } }, TypeError, '"maxByte"'],
    [{ root: ".", cache: true }, TypeError, "true"],
    [{ root: ".", cache: { maxBytes: -1 } }, RangeError, "-1"],
    [{ root: ".", cache: { checkMs: 0.5 } }, RangeError, "0.5"],
    [{ root: ".", prefix: "assets" }, TypeError, '"assets"'],
    [{ root: ".", etag: "md5" }, TypeError, '"md5"'],
    [{ root: ".", etag: true }, TypeError, "true"],
    [{ root: ".", precompressed: "br" }, TypeError, '"br"'],
    [{ root: ".", precompressed: ["deflate"] }, TypeError, '"deflate"'],
    [{ root: ".", cleanUrls: "yes" }, TypeError, '"yes"'],
    [{ root: ".", spa: "" }, TypeError, '""'],
    [{ root: ".", spa: "../index.html" }, TypeError, '"../index.html"'],
    [{ root: ".", notFound: true }, TypeError, "true"],
    [{ root: ".", notFound: "a//b" }, TypeError, '"a//b"'],
    [{ root: ".", notFound: "/" }, TypeError, '"/"'],
    [{ root: ".", headers: { a: "b" } }, TypeError, "headers"],
    [{ root: ".", download: "a.txt" }, TypeError, '"a.txt"'],
    [{ root: ".", listing: "yes" }, TypeError, '"yes"'],
    [{ root: ".", listing: { maxEntrys: 1 } }, TypeError, '"maxEntrys"'],
    [{ root: ".", listing: { maxEntries: 0 } }, RangeError, "0"],
    [{ root: ".", listing: { maxEntries: "9" } }, TypeError, '"9"'],
    [{ root: ".", fallthrough: 1 }, TypeError, "1"],
    [{ root: ".", source: memorySource({}) }, TypeError, '"root"'],
    [{ source: memorySource({}), cache: {} }, TypeError, '"cache"'],
    [{ source: memorySource({}), symlinks: "deny" }, TypeError, '"symlinks"'],
    [{ source: {} }, TypeError, '"open"'],
    [{ source: null }, TypeError, "null"],
  ];
  for (const [options, kind, part] of cases) {
    assertThrows(() => staticFiles(options as StaticFilesOptions), kind, part);
  }
});
