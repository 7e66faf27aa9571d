import { assertEquals, assertThrows } from "@std/assert";
import { typeRule } from "../../../../src/handlers/static/media_types.ts";

Deno.test("typeRule() tells the type by the extension", () => {
  const cases: [string, string][] = [
    ["a.html", "text/html; charset=utf-8"],
    ["a.HTM", "text/html; charset=utf-8"],
    ["a.css", "text/css; charset=utf-8"],
    ["a.txt", "text/plain; charset=utf-8"],
    ["a.js", "text/javascript; charset=utf-8"],
    ["a.mjs", "text/javascript; charset=utf-8"],
    ["a.json", "application/json; charset=utf-8"],
    ["a.webmanifest", "application/manifest+json; charset=utf-8"],
    ["a.svg", "image/svg+xml"],
    ["a.png", "image/png"],
    ["a.jpeg", "image/jpeg"],
    ["a.woff2", "font/woff2"],
    ["a.wasm", "application/wasm"],
    ["a.mp4", "video/mp4"],
    ["a.pdf", "application/pdf"],
    ["a.tar.gz", "application/gzip"],
    ["a.min.js", "text/javascript; charset=utf-8"],
    ["a.unheard-of", "application/octet-stream"],
    ["a.", "application/octet-stream"],
    ["html", "application/octet-stream"],
    [".html", "application/octet-stream"],
    ["", "application/octet-stream"],
    ["a.constructor", "application/octet-stream"],
    ["a.__proto__", "application/octet-stream"],
    ["a.toString", "application/octet-stream"],
  ];
  const rule = typeRule();
  for (const [name, type] of cases) {
    assertEquals(rule(name), type, name);
  }
});

Deno.test("typeRule() takes types of one's own by extension and by name", () => {
  const rule = typeRule({
    mimeTypes: {
      md: "text/markdown",
      ".HTML": "application/xhtml+xml; charset=utf-8",
      "apple-app-site-association": "application/json",
      "LICENSE": "text/plain",
      "__proto__": "text/x-proto",
    },
  });
  const cases: [string, string][] = [
    ["a.md", "text/markdown; charset=utf-8"],
    ["a.MD", "text/markdown; charset=utf-8"],
    ["md", "text/markdown; charset=utf-8"],
    ["a.html", "application/xhtml+xml; charset=utf-8"],
    ["apple-app-site-association", "application/json; charset=utf-8"],
    ["license", "text/plain; charset=utf-8"],
    ["a.css", "text/css; charset=utf-8"],
    ["a.toString", "application/octet-stream"],
  ];
  for (const [name, type] of cases) assertEquals(rule(name), type, name);
});

Deno.test("typeRule() adds the charset that is wanted, to texts without one", () => {
  const mimeTypes = { a: "text/a; charset=latin1", b: "text/b" };
  const cases: [string | false | undefined, string, string][] = [
    [undefined, "x.txt", "text/plain; charset=utf-8"],
    ["iso-8859-1", "x.txt", "text/plain; charset=iso-8859-1"],
    [false, "x.txt", "text/plain"],
    ["utf-8", "x.png", "image/png"],
    ["utf-8", "x.a", "text/a; charset=latin1"],
    [false, "x.b", "text/b"],
  ];
  for (const [charset, name, type] of cases) {
    assertEquals(typeRule({ charset, mimeTypes })(name), type, name);
  }
});

Deno.test("typeRule() refuses what is no type and no charset", () => {
  const cases: [unknown, string][] = [
    [{ mimeTypes: { a: "text" } }, '"text"'],
    [{ mimeTypes: { a: 7 } }, "7"],
    [{ mimeTypes: { a: "text/plain\r\nx: y" } }, "text/plain"],
    [{ mimeTypes: "text/plain" }, '"text/plain"'],
    [{ charset: "a b" }, '"a b"'],
    [{ charset: true }, "true"],
  ];
  for (const [options, part] of cases) {
    assertThrows(
      () => typeRule(options as { charset: string }),
      TypeError,
      part,
    );
  }
});
