/** What this project relies on of `@std/fs`, whoever provides it: the
 * registry or the stand-ins of `.ci/offline`. */
import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import * as fs from "@std/fs";
import { ensureDir } from "@std/fs/ensure-dir";
import { exists } from "@std/fs/exists";
import { walk, type WalkOptions } from "@std/fs/walk";
import * as path from "@std/path";

/** Runs `fn` with a directory of its own. */
async function inDirectory(
  fn: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "contract-" });
  try {
    await fn(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("ensureDir() makes what is missing and no more", async () => {
  assertStrictEquals(fs.ensureDir, ensureDir);
  await inDirectory(async (directory) => {
    const deep = path.join(directory, "a", "b");
    await ensureDir(deep);
    await ensureDir(path.toFileUrl(deep));
    assert((await Deno.stat(deep)).isDirectory);
    const file = path.join(directory, "file");
    await Deno.writeTextFile(file, "");
    await assertRejects(() => ensureDir(file), Error);
  });
});

Deno.test("exists() tells files, directories and nothing apart", async () => {
  assertStrictEquals(fs.exists, exists);
  await inDirectory(async (directory) => {
    const file = path.join(directory, "file");
    await Deno.writeTextFile(file, "");
    assert(await exists(directory));
    assert(await exists(path.toFileUrl(file)));
    assert(await exists(directory, { isDirectory: true }));
    assert(await exists(file, { isFile: true }));
    assertFalse(await exists(directory, { isFile: true }));
    assertFalse(await exists(file, { isDirectory: true }));
    assertFalse(await exists(path.join(directory, "none")));
  });
});

Deno.test("walk() yields what the options ask for", async () => {
  assertStrictEquals(fs.walk, walk);
  await inDirectory(async (directory) => {
    await ensureDir(path.join(directory, "a", "b"));
    for (const file of ["x.ts", "a/y.ts", "a/b/z.md"]) {
      await Deno.writeTextFile(path.join(directory, file), "");
    }
    const found = async (options?: WalkOptions): Promise<string[]> => {
      const entries = await Array.fromAsync(walk(directory, options));
      return entries
        .map((entry) => path.relative(directory, entry.path))
        .map((name) => name.replaceAll(path.SEPARATOR, "/"))
        .sort();
    };
    const files = ["a/b/z.md", "a/y.ts", "x.ts"];
    assertEquals(await found(), ["", "a", "a/b", ...files].sort());
    assertEquals(await found({ includeDirs: false }), files);
    assertEquals(await found({ includeFiles: false }), ["", "a", "a/b"]);
    assertEquals(await found({ maxDepth: 1 }), ["", "a", "x.ts"]);
    assertEquals(await found({ exts: ["ts"] }), ["a/y.ts", "x.ts"]);
    assertEquals(await found({ exts: [".md"] }), ["a/b/z.md"]);
    assertEquals(await found({ match: [/y\.ts$/] }), ["a/y.ts"]);
    assertEquals(await found({ skip: [/[\\/]a$/] }), ["", "x.ts"]);
    const [entry] = await Array.fromAsync(
      walk(directory, { match: [/[\\/]x\.ts$/] }),
    );
    assertEquals(entry.name, "x.ts");
    assertEquals(
      [entry.isFile, entry.isDirectory, entry.isSymlink],
      [true, false, false],
    );
  });
});

Deno.test("walk() yields links and does not follow them", async () => {
  await inDirectory(async (directory) => {
    await ensureDir(path.join(directory, "a"));
    await Deno.writeTextFile(path.join(directory, "a", "file"), "");
    await Deno.symlink(
      path.join(directory, "a"),
      path.join(directory, "link"),
      { type: "dir" },
    );
    const names = async (options: WalkOptions): Promise<string[]> =>
      (await Array.fromAsync(walk(directory, options)))
        .map((entry) => entry.name).sort();
    assertEquals(await names({ includeDirs: false }), ["file", "link"]);
    assertEquals(
      await names({ includeDirs: false, includeSymlinks: false }),
      ["file"],
    );
  });
});

Deno.test("walk() rejects when the root is missing", async () => {
  await inDirectory(async (directory) => {
    const root = path.join(directory, "none");
    await assertRejects(
      () => Array.fromAsync(walk(root)),
      Deno.errors.NotFound,
    );
  });
});
