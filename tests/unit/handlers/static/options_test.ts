import { assertEquals, assertThrows } from "@std/assert";
import { resolve, toFileUrl } from "@std/path";
import {
  resolveOptions,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/options.ts";
import { staticFiles } from "../../../../src/handlers/static/mod.ts";

Deno.test("resolveOptions() makes the root absolute", () => {
  const absolute = resolve("some dir");
  const roots = [
    "some dir",
    "./x/../some dir/",
    absolute,
    toFileUrl(absolute),
    toFileUrl(absolute).href,
  ];
  for (const root of roots) {
    assertEquals(resolveOptions({ root }).root, absolute, String(root));
  }
});

Deno.test("resolveOptions() fills in the defaults", () => {
  assertEquals(resolveOptions({ root: "/x" }), {
    root: resolve("/x"),
    cacheControl: null,
    index: ["index.html"],
    dotfiles: "ignore",
    symlinks: "within-root",
  });
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
  ];
  for (const [options, kind, part] of cases) {
    assertThrows(() => staticFiles(options as StaticFilesOptions), kind, part);
  }
});
