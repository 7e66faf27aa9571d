import { assert, assertEquals } from "@std/assert";
import {
  splitPath,
  TargetReader,
} from "../../../../src/handlers/static/target.ts";
import { Prng } from "../../grammar/prng.ts";
import { makeRequest, Site } from "./site.ts";

const SECRET = "top secret";

function makeSite(): Site {
  const site = new Site({
    "index.html": "public",
    "a.txt": "public",
    "sub/b.txt": "public",
    "...": "public",
    "..a": SECRET,
    ".env": SECRET,
    ".git/config": SECRET,
    "sub/.htpasswd": SECRET,
    ".well-known/security.txt": "public",
    ".well-known/.hidden": SECRET,
    "sub/.well-known/x": SECRET,
  });
  site.write("secret.txt", SECRET);
  site.write("root-twin/secret.txt", SECRET);
  return site;
}

const REFUSED = [
  // dot segments, plain and encoded
  "/../secret.txt",
  "/..",
  "/../",
  "/./a.txt",
  "/.",
  "/./",
  "/sub/../a.txt",
  "/sub/../../secret.txt",
  "/sub/..",
  "/%2e%2e/secret.txt",
  "/%2E%2E/secret.txt",
  "/.%2e/secret.txt",
  "/%2e./secret.txt",
  "/%2e/a.txt",
  "/sub/%2e%2e/%2e%2e/secret.txt",
  "/../../../../../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/../root-twin/secret.txt",
  "/..-twin/secret.txt",
  // encoded separators
  "/..%2fsecret.txt",
  "/..%2Fsecret.txt",
  "/%2e%2e%2fsecret.txt",
  "/sub%2f..%2f..%2fsecret.txt",
  "/sub%2Fb.txt",
  "/%2fetc%2fpasswd",
  "/%2Fetc/passwd",
  // decoded twice
  "/%252e%252e/secret.txt",
  "/%252e%252e%252fsecret.txt",
  "/..%252fsecret.txt",
  "/%25252e%25252e/secret.txt",
  "/sub%252fb.txt",
  // backslashes
  "/..\\secret.txt",
  "/..%5csecret.txt",
  "/..%5Csecret.txt",
  "/%2e%2e%5csecret.txt",
  "/sub\\b.txt",
  "/sub%5cb.txt",
  "/sub%5c..%5c..%5csecret.txt",
  "/\\..\\secret.txt",
  "/%5c%5cserver%5cshare",
  "/..\\/secret.txt",
  "/../\\secret.txt",
  "/..%255csecret.txt",
  // repeated and absolute
  "//a.txt",
  "//etc/passwd",
  "///etc/passwd",
  "/sub//b.txt",
  "/sub//../a.txt",
  "/....//secret.txt",
  "/....//....//etc/passwd",
  "/..;/secret.txt",
  "/..;x=1/secret.txt",
  "/..//secret.txt",
  "/a.txt//",
  // drives, streams, shares
  "/C:/secret.txt",
  "/C:%5csecret.txt",
  "/c|/secret.txt",
  "/a.txt::$DATA",
  "/a.txt:x",
  "/%5c%5c%3f%5cC:%5csecret.txt",
  "//server/share/secret.txt",
  "/file:///etc/passwd",
  // NUL and controls
  "/a.txt%01",
  "/a.txt%0a",
  "/%0d%0aset-cookie:x",
  "/a.txt%7f",
  "/a.txt\0",
  "/../secret.txt\0.html",
  // dots of other alphabets, over-long names
  "/%E2%80%A5/secret.txt",
  "/%E2%80%A4%E2%80%A4/secret.txt",
  "/%EF%BC%8E%EF%BC%8E/secret.txt",
  "/%EF%BC%8E%EF%BC%8E%EF%BC%8Fsecret.txt",
  "/..%E2%88%95secret.txt",
  "/..%EF%BC%BCsecret.txt",
  `/${"a".repeat(256)}`,
  `/${"a".repeat(5000)}`,
  `/${"a/".repeat(3000)}b`,
  `/${"../".repeat(2000)}etc/passwd`,
  // trailing dots and spaces
  "/a.txt.",
  "/a.txt..",
  "/a.txt%20",
  "/a.txt%20.",
  "/a.txt/.",
  "/a.txt/..",
  "/sub.",
  // dotfiles
  "/.env",
  "/%2eenv",
  "/%2Eenv",
  "/.env/",
  "/.git",
  "/.git/",
  "/.git/config",
  "/%2egit/config",
  "/.git%2fconfig",
  "/sub/.htpasswd",
  "/..a",
  "/...",
  "/.well-known/.hidden",
  "/sub/.well-known/x",
  "/.well-known/../.env",
  "/.well-known-x/y",
  // home, globs and such
  "/~",
  "/~root/.bashrc",
  "/*",
  "/proc/self/environ",
  "/dev/null",
];

// 400 says nothing of the files: the path could not be decoded.
const MALFORMED = [
  "/%00",
  "/a.txt%00",
  "/a.txt%00.html",
  "/..%00/secret.txt",
  "/%2e%2e%00%2fsecret.txt",
  "/%",
  "/%2",
  "/%zz",
  "/%u002e%u002e/secret.txt",
  "/%c0%ae%c0%ae/secret.txt",
  "/%c0%af..%c0%afsecret.txt",
  "/%e0%80%ae%e0%80%ae/secret.txt",
  "/%f8%80%80%80%ae/secret.txt",
  "/..%c1%9csecret.txt",
  "/%ff",
];

Deno.test("staticFiles() leaks nothing to traversal", async () => {
  using site = makeSite();
  for (const symlinks of ["within-root", "follow", "deny"] as const) {
    const ask = site.serve({ symlinks });
    for (const target of REFUSED) {
      const plain = await ask(target);
      assertEquals(plain.status, 404, target);
      const routed = await ask(`/static${target}`, { route: "/static/*path" });
      assertEquals(routed.status, 404, `/static${target}`);
    }
    for (const target of MALFORMED) {
      assertEquals((await ask(target)).status, 400, target);
    }
  }
});

Deno.test("staticFiles() tells nothing of what it refuses", async () => {
  using site = makeSite();
  const ask = site.serve();
  const absent = await ask("/no-such-file");
  for (const target of ["/.env", "/.git", "/../secret.txt", "/a.txt/"]) {
    const refused = await ask(target, {
      headers: { "range": "bytes=999999-", "if-match": '"x"' },
    });
    assertEquals(refused.status, absent.status, target);
    assertEquals([...refused.headers], [...absent.headers], target);
    assertEquals(refused.body, absent.body, target);
  }
});

Deno.test("staticFiles() serves what only looks like traversal", async () => {
  using site = makeSite();
  site.write("root/a..b", "public");
  site.write("root/%2e%2e", "public");
  site.write("root/ü .txt", "public");
  site.write("root/C:", "public");
  const ask = site.serve();
  const targets = [
    "/",
    "/a.txt",
    "/%61.txt",
    "/sub/b.txt",
    "/.well-known/security.txt",
    "/a..b",
    "/%252e%252e",
    "/%C3%BC%20.txt",
    "/C:",
  ];
  for (const target of targets) {
    const response = await ask(target);
    assertEquals(response.status, 200, target);
    assertEquals(await response.text(), "public", target);
  }
});

Deno.test("staticFiles() serves dotfiles when they are allowed, and no more", async () => {
  using site = makeSite();
  const ask = site.serve({ dotfiles: "allow" });
  for (const target of ["/.env", "/.git/config", "/..a", "/...", "/%2eenv"]) {
    assertEquals((await ask(target)).status, 200, target);
  }
  for (const target of ["/../secret.txt", "/.", "/..", "/.git/../.env"]) {
    assertEquals((await ask(target)).status, 404, target);
  }
});

Deno.test("splitPath() refuses what Windows takes for another name", () => {
  const aliases = [
    "C:",
    "C:/x",
    "a.txt::$DATA",
    "a.txt:stream",
    "ENV~1",
    "a.txt.",
    "a.txt ",
    "sub./x",
    "a*",
    "a?",
    "a|b",
    "a<b",
    'a"b',
  ];
  for (const path of aliases) {
    assertEquals(splitPath(path, "allow", "windows"), null, path);
    assert(splitPath(path, "allow", "linux") !== null, path);
  }
  assertEquals(splitPath("a b/c~d.txt", "ignore", "windows"), [
    "a b",
    "c~d.txt",
  ]);
});

Deno.test("TargetReader agrees with splitPath() on any path", () => {
  const random = new Prng(2024);
  const counts = { refused: 0, read: 0 };
  for (let round = 0; round < 50_000; round++) {
    const path = `/${random.text("ab.-_/\\~:é ", 12)}`;
    for (const dotfiles of ["ignore", "allow"] as const) {
      const request = makeRequest(path.replaceAll(" ", "%20"));
      const target = new TargetReader(dotfiles, null).read(request, true);
      const expected = splitPath(path.slice(1), dotfiles)?.join("/") ?? null;
      assertEquals(target?.path ?? null, expected, path);
      if (target === null) counts.refused++;
      else {
        counts.read++;
        assertEquals(target.isDirectory, path.endsWith("/"), path);
      }
    }
  }
  assert(Math.min(counts.refused, counts.read) > 1000, Deno.inspect(counts));
});

Deno.test({
  name: "staticFiles() neither serves nor opens FIFOs, devices and sockets",
  ignore: Deno.build.os === "windows",
  async fn() {
    using site = makeSite();
    const fifo = site.path("root/fifo.txt");
    const made = await new Deno.Command("mkfifo", { args: [fifo] }).output();
    assert(made.success);
    Deno.mkdirSync(site.path("root/d"));
    site.link(fifo, "root/d/index.html");
    site.link("/dev/zero", "root/zero");
    using listener = Deno.listen({
      transport: "unix",
      path: site.path("root/socket"),
    });
    assert(listener.addr);
    for (const symlinks of ["within-root", "follow", "deny"] as const) {
      const ask = site.serve({ symlinks });
      for (const target of ["/fifo.txt", "/d/", "/zero", "/socket"]) {
        assertEquals((await ask(target)).status, 404, target);
      }
    }
  },
});

Deno.test({
  name: "staticFiles() answers 404 for what it may not read",
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    using site = makeSite();
    Deno.chmodSync(site.path("root/a.txt"), 0);
    assertEquals((await site.serve()("/a.txt")).status, 404);
  },
});
