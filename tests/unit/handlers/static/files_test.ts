import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../../../src/http/errors.ts";
import { FileBody } from "../../../../src/http/file_body.ts";
import { orAbsent } from "../../../../src/handlers/static/file_errors.ts";
import { Site, someBytes } from "./site.ts";

Deno.test("staticFiles() serves a file with its fields", async () => {
  using site = new Site({ "a.html": "<p>hi" });
  const time = new Date("2024-05-01T12:00:00.250Z");
  Deno.utimeSync(site.path("root/a.html"), time, time);
  const ask = site.serve({ cacheMaxAge: 86_400 });
  const response = await ask("/a.html?x=1");
  assertEquals(response.status, 200);
  assertEquals(Object.fromEntries(response.headers), {
    "accept-ranges": "bytes",
    "cache-control": "public, max-age=86400",
    "content-length": "5",
    "content-type": "text/html; charset=utf-8",
    "etag": `W/"5-${time.getTime().toString(16)}"`,
    "last-modified": "Wed, 01 May 2024 12:00:00 GMT",
  });
  assertEquals(await response.text(), "<p>hi");
});

Deno.test("staticFiles() sends no Cache-Control unless told", async () => {
  using site = new Site({ "a.txt": "a" });
  const plain = await site.serve()("/a.txt");
  assertEquals(plain.header("cache-control"), null);
  const zero = await site.serve({ cacheMaxAge: 0 })("/a.txt");
  assertEquals(zero.header("cache-control"), "public, max-age=0");
});

Deno.test("staticFiles() sends exactly the bytes of files of any size", async () => {
  using site = new Site();
  const ask = site.serve();
  for (const size of [0, 1, 1024, 65_535, 65_536, 65_537, 600_000]) {
    const bytes = someBytes(size);
    site.write("root/f", bytes);
    const response = await ask("/f");
    assertEquals(response.header("content-length"), `${size}`);
    assertEquals(response.body instanceof FileBody, size > 65_536, `${size}`);
    assertEquals(await response.bytes(), bytes, `${size}`);
  }
});

Deno.test("staticFiles() answers HEAD as GET without content", async () => {
  using site = new Site({ small: someBytes(10), large: someBytes(100_000) });
  const ask = site.serve({ cacheMaxAge: 1 });
  for (const path of ["/small", "/large"]) {
    const get = await ask(path);
    const head = await ask(path, { method: "HEAD" });
    assertEquals(head.status, 200);
    assertEquals([...head.headers], [...get.headers]);
    assertEquals(head.body, null);
    await get.bytes();
  }
});

Deno.test("staticFiles() answers other methods 405 with Allow", async () => {
  using site = new Site({ a: "a" });
  const ask = site.serve();
  for (
    const method of ["POST", "PUT", "DELETE", "OPTIONS", "get", "PROPFIND"]
  ) {
    const response = await ask("/a", { method });
    assertEquals(response.status, 405, method);
    assertEquals(response.header("allow"), "GET, HEAD", method);
  }
});

Deno.test("staticFiles() takes what a trailing wildcard matched", async () => {
  using site = new Site({
    "a.txt": "top",
    "d/b.txt": "deep",
    "index.html": "i",
  });
  const ask = site.serve();
  const cases: [string, string, string | number][] = [
    ["/static/*path", "/static/a.txt", "top"],
    ["/static/*", "/static/a.txt", "top"],
    ["/*all", "/d/b.txt", "deep"],
    ["/:user/x/*path", "/me/x/d/b.txt", "deep"],
    ["/:user/x/*path", "/a%2Fb/x/d/b.txt", "deep"],
    ["/:id(\\d+(?:/x)?)/*path", "/7/a.txt", "top"],
    ["/static/*path", "/static/", "i"],
    ["/*path", "/", "i"],
    ["/static/*path", "/static//", 404],
    ["/static/*path", "/static//a.txt", 404],
    ["/static/*path", "http://host/static/a.txt", "top"],
    ["/a.txt", "/a.txt", "top"],
    ["/d/:name", "/d/b.txt", "deep"],
  ];
  for (const [route, target, expected] of cases) {
    const response = await ask(target, { route });
    const what = response.ok ? await response.text() : response.status;
    assertEquals(what, expected, `${route} ${target}`);
  }
});

Deno.test("staticFiles() serves one handler under several routes", async () => {
  using site = new Site({ "a.txt": "a" });
  const ask = site.serve();
  for (const route of ["/x/*p", "/x/y/*p", "/x/*p"]) {
    const target = route.replace("*p", "a.txt");
    assertEquals((await ask(target, { route })).status, 200, route);
  }
});

Deno.test("staticFiles() serves the first index that is there", async () => {
  using site = new Site({
    "both/a.htm": "a",
    "both/b.htm": "b",
    "one/b.htm": "b",
    "none/c.htm": "c",
  });
  Deno.mkdirSync(site.path("root/one/a.htm"));
  const ask = site.serve({ index: ["a.htm", "b.htm"] });
  const both = await ask("/both/");
  assertEquals(await both.text(), "a");
  assertEquals(both.header("content-type"), "text/html; charset=utf-8");
  assertEquals(await (await ask("/one/")).text(), "b");
  assertEquals((await ask("/none/")).status, 404);
  const unindexed = site.serve({ index: [] });
  assertEquals((await unindexed("/both/")).status, 404);
});

Deno.test("staticFiles() redirects a directory to its slash", async () => {
  using site = new Site({
    "d/index.html": "d",
    "d/ü & #?/index.html": "u",
    "a%2Fb/index.html": "p",
  });
  const ask = site.serve();
  const cases: [string, string | undefined, string][] = [
    ["/d", undefined, "/d/"],
    ["/d?a=1&b=//x", undefined, "/d/?a=1&b=//x"],
    ["/d?", undefined, "/d/"],
    ["/static/d", "/static/*p", "/static/d/"],
    ["/static?x", "/static/*p", "/static/?x"],
    ["//evil.example/d", "//evil.example/*p", "/evil.example/d/"],
    ["///evil.example/d", "///evil.example/*p", "/evil.example/d/"],
    ["/%5Cevil.example/d", "/:x/*p", "/%5Cevil.example/d/"],
    ["/%09/evil.example/d", "/:x/:y/*p", "/%09/evil.example/d/"],
    ["/d/%C3%BC%20&%20%23%3F", undefined, "/d/%C3%BC%20%26%20%23%3F/"],
    ["http://host/d", undefined, "/d/"],
    ["/a%2Fb", undefined, "/a%252Fb/"],
  ];
  for (const [target, route, location] of cases) {
    const response = await ask(target, { route });
    assertEquals(response.status, 301, target);
    assertEquals(response.header("location"), location, target);
  }
  const followed = await ask("/d/%C3%BC%20%26%20%23%3F/");
  assertEquals(await followed.text(), "u");
});

Deno.test("staticFiles() never redirects to another host", async () => {
  using site = new Site();
  Deno.mkdirSync(site.path("root/evil.example/x"), { recursive: true });
  const ask = site.serve();
  const targets = [
    "//evil.example",
    "//evil.example/x",
    "///evil.example/x",
    "/\\evil.example/x",
    "/%5Cevil.example/x",
    "/%2F/evil.example/x",
    "/%2Fevil.example/x",
    "/.//evil.example/x",
    "/x/..//evil.example/x",
  ];
  for (const target of targets) {
    assertEquals((await ask(target)).status, 404, target);
  }
});

Deno.test("staticFiles() answers 404 for a file with a slash behind it", async () => {
  using site = new Site({ "a.txt": "a" });
  const ask = site.serve();
  assertEquals((await ask("/a.txt/")).status, 404);
  assertEquals((await ask("/a.txt/index.html")).status, 404);
});

Deno.test("staticFiles() answers 404 while the root is missing", async () => {
  using site = new Site();
  const ask = site.serve({ root: site.path("later") });
  assertEquals((await ask("/a")).status, 404);
  assertEquals((await ask("/")).status, 404);
  site.write("later/a", "now");
  assertEquals(await (await ask("/a")).text(), "now");
});

Deno.test("staticFiles() serves a file as the root of a route without wildcard", async () => {
  using site = new Site({ "favicon.ico": "icon" });
  const response = await site.serve()("/favicon.ico", {
    route: "/favicon.ico",
  });
  assertEquals(await response.text(), "icon");
});

Deno.test("staticFiles() follows changes of a file", async () => {
  using site = new Site({ a: "one" });
  const ask = site.serve();
  const before = await ask("/a");
  site.write("root/a", "three");
  const after = await ask("/a");
  assertEquals(await after.text(), "three");
  assertEquals(before.header("etag") === after.header("etag"), false);
  Deno.removeSync(site.path("root/a"));
  assertEquals((await ask("/a")).status, 404);
});

Deno.test("staticFiles() finishes a file that is deleted or replaced meanwhile", async () => {
  const bytes = someBytes(900_000);
  using site = new Site({ a: bytes, b: bytes });
  const ask = site.serve();
  const deleted = await ask("/a");
  Deno.removeSync(site.path("root/a"));
  assertEquals(await deleted.bytes(), bytes);
  const replaced = await ask("/b");
  site.write("new", "x");
  Deno.renameSync(site.path("new"), site.path("root/b"));
  assertEquals(await replaced.bytes(), bytes);
});

Deno.test("staticFiles() ends a content with an error when the file is cut", async () => {
  using site = new Site({ a: someBytes(900_000) });
  const response = await site.serve()("/a");
  Deno.truncateSync(site.path("root/a"), 1000);
  await assertRejects(() => response.bytes(), Error, "too early");
});

Deno.test("staticFiles() does not send what a file has grown by", async () => {
  using site = new Site({ a: someBytes(100_000) });
  const response = await site.serve()("/a");
  Deno.writeFileSync(site.path("root/a"), someBytes(9), { append: true });
  assertEquals((await response.bytes()).length, 100_000);
});

Deno.test("orAbsent() tells absent from exhausted and from broken", () => {
  function failing(code: string): () => never {
    return () => {
      throw Object.assign(new Error(code), { code });
    };
  }
  for (const code of ["ENOENT", "ENOTDIR", "EACCES", "ENAMETOOLONG", "ELOOP"]) {
    assertEquals(orAbsent(failing(code)), null, code);
  }
  for (const [code, status] of [["EMFILE", 503], ["ENFILE", 503]] as const) {
    let thrown: unknown;
    try {
      orAbsent(failing(code));
    } catch (error) {
      thrown = error;
    }
    assertEquals(thrown instanceof HttpError && thrown.status, status, code);
  }
  let thrown: unknown;
  try {
    orAbsent(failing("EIO"));
  } catch (error) {
    thrown = error;
  }
  assertEquals(thrown instanceof Error && thrown.message, "EIO");
  assertEquals(orAbsent(() => 7), 7);
});
