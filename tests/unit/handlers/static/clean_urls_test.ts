import { assertEquals } from "@std/assert";
import {
  memorySource,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/mod.ts";
import { type Ask, askOf, openDescriptors, Site } from "./site.ts";

const FILES = {
  "index.html": "home",
  "about.html": "about",
  "both": "file",
  "both.html": "page",
  "docs.html": "docs page",
  "docs/index.html": "docs index",
  "docs/a.b.html": "dotted",
  "dir/x.txt": "x",
  "second/default.htm": "second",
  "second/index.html": "first",
  "..html": "dots",
  ".html": "dot",
  "evil.example/a.html": "evil",
};

function serve(options: Partial<StaticFilesOptions>): Ask {
  return askOf({ source: memorySource(FILES), ...options });
}

/** What came: the text, where to, or the status. */
async function outcome(
  ask: Ask,
  target: string,
  route?: string,
): Promise<string> {
  const response = await ask(target, { route });
  if (response.status === 200) return await response.text();
  return response.header("location") ?? `${response.status}`;
}

type Case = [target: string, off: string, on: string, redirect: string];

const CASES: Case[] = [
  ["/about", "404", "about", "about"],
  ["/about.html", "about", "about", "/about"],
  ["/about.html?a=1&b=//x", "about", "about", "/about?a=1&b=//x"],
  ["/about/", "404", "404", "404"],
  ["/both", "file", "file", "file"],
  ["/both.html", "page", "page", "page"],
  ["/docs", "/docs/", "docs page", "docs page"],
  ["/docs/", "docs index", "docs index", "docs index"],
  ["/docs.html", "docs page", "docs page", "/docs"],
  ["/docs/index.html", "docs index", "docs index", "/docs/"],
  ["/docs/index.html?q", "docs index", "docs index", "/docs/?q"],
  ["/docs/index", "404", "docs index", "docs index"],
  ["/docs/a.b", "404", "dotted", "dotted"],
  ["/docs/a.b.html", "dotted", "dotted", "/docs/a.b"],
  ["/index.html", "home", "home", "/"],
  ["/", "home", "home", "home"],
  ["/dir", "/dir/", "/dir/", "/dir/"],
  ["/none", "404", "404", "404"],
  ["/none.html", "404", "404", "404"],
  ["/..html", "404", "404", "404"],
  ["/.html", "404", "404", "404"],
  ["/about.html/", "404", "404", "404"],
  ["/about%2Ehtml", "about", "about", "/about"],
  // A file has one name: nothing is put behind an encoded slash.
  ["/docs%2Findex", "404", "404", "404"],
];

Deno.test("staticFiles() serves and redirects pages by the option cleanUrls", async () => {
  const asks = [false, true, "redirect" as const].map((cleanUrls) =>
    serve({ cleanUrls })
  );
  for (const [target, ...expected] of CASES) {
    const found = await Promise.all(asks.map((ask) => outcome(ask, target)));
    assertEquals(found, expected, target);
  }
});

Deno.test("staticFiles() redirects a page below its route and keeps the prefix", async () => {
  const ask = serve({ cleanUrls: "redirect" });
  const route = "/site/*path";
  const cases: [string, string][] = [
    ["/site/about.html", "/site/about"],
    ["/site/index.html", "/site/"],
    ["/site/docs/index.html", "/site/docs/"],
    ["/site/docs", "docs page"],
    ["/site", "/site/"],
  ];
  for (const [target, expected] of cases) {
    assertEquals(await outcome(ask, target, route), expected, target);
  }
});

Deno.test("staticFiles() redirects only an index that the directory shows", async () => {
  const ask = serve({
    cleanUrls: "redirect",
    index: ["default.htm", "index.html"],
  });
  assertEquals(await outcome(ask, "/second/index.html"), "first");
  assertEquals(await outcome(ask, "/docs/index.html"), "/docs/");
  const none = serve({ cleanUrls: "redirect", index: [] });
  assertEquals(await outcome(none, "/docs/index.html"), "/docs/index");
});

Deno.test("staticFiles() never redirects a page to another host or to a dot segment", async () => {
  const ask = serve({ cleanUrls: "redirect", dotfiles: "allow" });
  const cases: [string, string | undefined, string][] = [
    ["//evil.example/a.html", undefined, "404"],
    ["//evil.example/a.html", "//evil.example/*p", "404"],
    ["/\\evil.example/a.html", undefined, "404"],
    ["/%5Cevil.example/a.html", undefined, "404"],
    ["/%2Fevil.example/a.html", undefined, "404"],
    ["//evil.example/about.html", "//evil.example/*p", "/evil.example/about"],
    ["/%5Cevil.example/about.html", "/:x/*p", "/%5Cevil.example/about"],
    ["/%0d%0ax/about.html", "/:x/*p", "/%0D%0Ax/about"],
    ["/..html", undefined, "dots"],
    ["/.html", undefined, "dot"],
  ];
  for (const [target, route, expected] of cases) {
    assertEquals(await outcome(ask, target, route), expected, target);
  }
});

Deno.test({
  name: "staticFiles() leaves no file open when it redirects",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = new Site({ "a.html": "a", "b": "b", "b.html": "b" });
    site.write("root/index.html", "i");
    const ask = site.serve({ cleanUrls: "redirect", cache: false });
    const before = openDescriptors(site.base);
    for (const target of ["/a.html", "/b.html", "/index.html", "/a"]) {
      const response = await ask(target);
      await response.bytes();
    }
    assertEquals(openDescriptors(site.base), before);
  },
});
