/** Keeps the contract complete: a name of `@std` may be imported once a test
 * beside this file says what it does. */
import { assertEquals, assertGreater } from "@std/assert";
import { exists } from "@std/fs/exists";
import { walk } from "@std/fs/walk";
import * as path from "@std/path";

/** Every name that may be imported, by module. */
const CONTRACT: Record<string, readonly string[]> = {
  "@std/assert": [
    "assert",
    "assertAlmostEquals",
    "assertArrayIncludes",
    "assertEquals",
    "assertExists",
    "assertFalse",
    "assertGreater",
    "assertGreaterOrEqual",
    "assertInstanceOf",
    "assertLess",
    "assertLessOrEqual",
    "assertMatch",
    "assertNotEquals",
    "assertNotMatch",
    "assertNotStrictEquals",
    "assertObjectMatch",
    "assertRejects",
    "assertStrictEquals",
    "assertStringIncludes",
    "assertThrows",
    "AssertionError",
    "equal",
    "fail",
    "unreachable",
  ],
  "@std/cli": ["parseArgs"],
  "@std/cli/parse-args": ["parseArgs"],
  "@std/fs": ["ensureDir", "exists", "walk", "WalkEntry", "WalkOptions"],
  "@std/fs/ensure-dir": ["ensureDir"],
  "@std/fs/exists": ["exists"],
  "@std/fs/walk": ["walk", "WalkEntry", "WalkOptions"],
  "@std/path": [
    "basename",
    "dirname",
    "extname",
    "fromFileUrl",
    "isAbsolute",
    "join",
    "normalize",
    "relative",
    "resolve",
    "SEPARATOR",
    "toFileUrl",
  ],
  "@std/path/posix": [
    "basename",
    "dirname",
    "extname",
    "globToRegExp",
    "isAbsolute",
    "join",
    "normalize",
  ],
};

/** The `import ... from "@std/..."` of a source, its examples included. */
function standardImports(source: string): [string, string][] {
  const statement =
    /import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"(@std\/[^"]+)"/g;
  const found: [string, string][] = [];
  for (const [, names, module] of source.matchAll(statement)) {
    for (const name of names.replaceAll("*", "").split(",")) {
      const [imported] = name.trim().replace(/^type\s+/, "").split(/\s+/);
      if (imported) found.push([module, imported]);
    }
  }
  return found;
}

Deno.test("standardImports() finds names, types and examples", () => {
  const std = "@std"; // in parts, or this would count as an import
  const source = `import { a, type B as C } from "${std}/path";
 * import {
 *   d,
 * } from "${std}/fs/walk";
import type { E } from "${std}/cli"; import { f } from "node:path";`;
  assertEquals(standardImports(source), [
    ["@std/path", "a"],
    ["@std/path", "B"],
    ["@std/fs/walk", "d"],
    ["@std/cli", "E"],
  ]);
});

/** Paths of all that may import: sources, tests, examples and their like. */
async function* files(): AsyncGenerator<string> {
  for (const name of ["mod.ts", "README.md", "src", "tests", "examples"]) {
    const root = path.resolve(import.meta.dirname ?? ".", "../..", name);
    if (!await exists(root)) continue;
    const options = { exts: ["ts", "md"], includeDirs: false };
    for await (const entry of walk(root, options)) yield entry.path;
  }
}

Deno.test("every @std name in use is part of this contract", async () => {
  const missing = new Set<string>();
  let count = 0;
  for await (const file of files()) {
    const source = await Deno.readTextFile(file);
    for (const [module, imported] of standardImports(source)) {
      count++;
      if (CONTRACT[module]?.includes(imported)) continue;
      missing.add(`${module} ${imported} in ${file}`);
    }
  }
  assertGreater(count, 0);
  assertEquals([...missing], []);
});
