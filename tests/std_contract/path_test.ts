/** What this project relies on of `@std/path`, whoever provides it: the
 * registry or the stand-ins of `.ci/offline`. */
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import * as path from "@std/path";
import * as posix from "@std/path/posix";

Deno.test("@std/path/posix joins and normalizes as text", () => {
  assertEquals(posix.join("/a", "../b", "./c"), "/b/c");
  assertEquals(posix.join("a", "", "b/"), "a/b/");
  assertEquals(posix.normalize("/a/./b/../../../c//d/"), "/c/d/");
  assertEquals(posix.normalize(""), ".");
  assertEquals(posix.extname("/a/b.tar.gz"), ".gz");
  assertEquals(posix.basename("/a/b.html", ".html"), "b");
  assertEquals(posix.dirname("/a/b/c"), "/a/b");
  assertEquals([posix.isAbsolute("/a"), posix.isAbsolute("a")], [true, false]);
});

Deno.test("@std/path/posix makes a RegExp of a glob", () => {
  const cases: [string, string, boolean][] = [
    ["*.html", "a.html", true],
    ["*.html", "d/a.html", false],
    ["*.html", "ahtml", false],
    ["**/*.html", "a.html", true],
    ["**/*.html", "d/e/a.html", true],
    ["assets/**", "assets/a.js", true],
    ["assets/**", "assets/d/a.js", true],
    ["assets/**", "other/assets/a.js", false],
    ["assets/**", "assets-old/a.js", false],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/**/z", "a/b/c", false],
    ["*.{js,css}", "a.css", true],
    ["*.{js,css}", "a.jsx", false],
    ["?.txt", "a.txt", true],
    ["?.txt", "ab.txt", false],
    ["[a-c].txt", "b.txt", true],
    ["[!a-c].txt", "b.txt", false],
    ["*.@(png|gif)", "a.png", true],
    ["a+b$.txt", "a+b$.txt", true],
    ["A.txt", "a.txt", false],
    ["\\*.txt", "*.txt", true],
    ["\\*.txt", "a.txt", false],
  ];
  for (const [glob, name, matches] of cases) {
    assertEquals(
      posix.globToRegExp(glob).test(name),
      matches,
      `${glob} ${name}`,
    );
  }
  const options = { extended: true, globstar: true, caseInsensitive: true };
  assert(posix.globToRegExp("A.txt", options).test("a.TXT"));
});

Deno.test("@std/path follows the system", () => {
  const { join, resolve, relative, normalize, SEPARATOR } = path;
  const root = resolve("/");
  assertEquals(join("a", "..", "b", "c"), `b${SEPARATOR}c`);
  assertEquals(normalize("a//b/../c"), `a${SEPARATOR}c`);
  assertEquals(resolve(root, "a", "../b"), join(root, "b"));
  assertEquals(resolve("a"), join(Deno.cwd(), "a"));
  assertEquals(
    relative(join(root, "a", "b"), join(root, "a", "c")),
    [
      "..",
      "c",
    ].join(SEPARATOR),
  );
  assertEquals(relative(root, root), "");
  assertEquals(path.basename(join(root, "a", "b.txt")), "b.txt");
  assertEquals(path.basename("b.txt", ".txt"), "b");
  assertEquals(path.dirname(join(root, "a", "b")), join(root, "a"));
  assert(path.isAbsolute(root));
  assertFalse(path.isAbsolute("a"));
  for (
    const [name, extension] of [
      ["a.html", ".html"],
      ["a.tar.gz", ".gz"],
      [".bashrc", ""],
      ["a.", "."],
      ["a", ""],
      ["a.b/c", ""],
    ]
  ) assertEquals(path.extname(name), extension, name);
});

Deno.test("fromFileUrl() and toFileUrl() undo each other", () => {
  for (const name of ["a", "a b", "ü", "50%", "a#b", "a?b"]) {
    const file = path.resolve("/", "x", name);
    const url = path.toFileUrl(file);
    assertEquals(url.protocol, "file:");
    assertEquals(path.fromFileUrl(url), file, name);
    assertEquals(path.fromFileUrl(url.href), file, name);
  }
  assertThrows(() => path.fromFileUrl("http://localhost/a"), TypeError);
  assertThrows(() => path.toFileUrl("a/b"), TypeError);
});
