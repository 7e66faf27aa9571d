/** Every middleware says what it reads, what it sets, and where it stands. */
import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { fromFileUrl } from "@std/path";
import * as middleware from "../../../src/middleware/mod.ts";

const FOLDER = fromFileUrl(new URL("../../../src/middleware", import.meta.url));

const DOC = /\/\*\*\n((?: \*[^\n]*\n)+?) \*\/\nexport function (\w+)/g;
// Made by these, or part of one.
const NO_MIDDLEWARE = /^(?:\w+Store|\w+Sink|isCompressible|NONCE)$/;

Deno.test("every middleware says what it reads, what it sets, and its place", async () => {
  const docs = new Map<string, string>();
  for await (const { path } of walk(FOLDER, { exts: [".ts"] })) {
    for (const [, doc, name] of (await Deno.readTextFile(path)).matchAll(DOC)) {
      docs.set(name, doc.split(/^ \* @/m)[0]);
    }
  }
  const names = Object.entries(middleware)
    .filter(([name, value]) =>
      typeof value === "function" && /^[a-z]/.test(name) &&
      !NO_MIDDLEWARE.test(name)
    ).map(([name]) => name);
  assert(names.length >= 20, `${names}`);
  for (const name of [...names, "tracing"]) {
    const doc = docs.get(name) ?? "";
    const lacks = [/\breads?\b/i, /\bsets?\b/i, /\bplace\b/i]
      .filter((word) => !word.test(doc)).map(String);
    assertEquals(lacks, [], name);
  }
});
