import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { DiskSource } from "../../../../src/handlers/static/disk_source.ts";
import { loadFileSystem } from "../../../../src/handlers/static/open_file.ts";
import type {
  FileCacheOptions,
  SymlinkPolicy,
} from "../../../../src/handlers/static/options.ts";
import { resolveDisk } from "../../../../src/handlers/static/settings.ts";
import type { SourceFile } from "../../../../src/handlers/static/source.ts";
import { askOf, openDescriptors, Site, someBytes } from "./site.ts";

/** A source whose clock is far enough ahead to hold files that were just written. */
class Disk {
  now = Date.now() + 10_000;
  readonly source: DiskSource;

  constructor(
    site: Site,
    cache: FileCacheOptions = {},
    symlinks: SymlinkPolicy = "within-root",
  ) {
    const settings = resolveDisk({ root: site.root, cache, symlinks });
    this.source = new DiskSource(settings, () => this.now);
  }

  /** The file at a path, which must not need any waiting. */
  open(path: string): SourceFile | null {
    const entry = this.source.open(path);
    assert(!(entry instanceof Promise) && entry !== "directory", path);
    return entry;
  }

  /** The content of a file that is held in memory; `null` for any other. */
  held(path: string): string | null {
    const bytes = this.open(path)?.bytes ?? null;
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }
}

async function makeSite(files: Record<string, string>): Promise<Site> {
  await loadFileSystem();
  return new Site(files);
}

Deno.test("DiskSource holds small files and gives the same one again", async () => {
  using site = await makeSite({ "a.txt": "one", "d/b.txt": "two", empty: "" });
  const disk = new Disk(site);
  for (const [path, text] of [["a.txt", "one"], ["d/b.txt", "two"]]) {
    assertEquals(disk.held(path), text);
    assertStrictEquals(disk.open(path), disk.open(path));
  }
  assertEquals(disk.held("empty"), "");
});

Deno.test("DiskSource holds no file over its bounds", async () => {
  using site = await makeSite({ a: "x".repeat(101), b: "x".repeat(100) });
  const disk = new Disk(site, { maxFileBytes: 100 });
  const large = disk.open("a");
  assertEquals(large?.bytes, null);
  large?.close();
  assertEquals(disk.open("b")?.bytes?.length, 100);
  const tiny = new Disk(site, { maxBytes: 500 });
  assert(tiny.open("b") !== tiny.open("b"));
});

Deno.test("DiskSource holds no file that has only just changed", async () => {
  using site = await makeSite({ a: "one" });
  const disk = new Disk(site);
  const changed = Deno.statSync(site.path("root/a")).ctime?.getTime() ?? 0;
  disk.now = changed + 1999;
  const fresh = disk.open("a");
  assertEquals(fresh?.bytes, null);
  fresh?.close();
  disk.now = changed + 2000;
  assertEquals(disk.held("a"), "one");
});

function changedAt(path: string): number | undefined {
  return Deno.statSync(path).ctime?.getTime();
}

Deno.test("DiskSource sees each change of a file that it holds", async () => {
  using site = await makeSite({ a: "one" });
  const disk = new Disk(site);
  const path = site.path("root/a");
  const time = new Date("2024-01-01T00:00:00Z");
  Deno.utimeSync(path, time, time);
  const changes: [string, () => void, string | null][] = [
    ["written", () => site.write("root/a", "three"), "three"],
    ["of the same size", () => {
      // Two writes within a tick of the kernel's clock have the same time.
      const before = changedAt(path);
      do site.write("root/a", "other"); while (changedAt(path) === before);
    }, "other"],
    ["deleted", () => Deno.removeSync(path), null],
    ["back", () => site.write("root/a", "back"), "back"],
    ["replaced", () => {
      site.write("new", "new!");
      Deno.renameSync(site.path("new"), path);
    }, "new!"],
    ["a directory", () => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    }, null],
  ];
  assertEquals(disk.held("a"), "one");
  for (const [what, change, text] of changes) {
    change();
    const entry = disk.source.open("a");
    const isFile = entry !== null && entry !== "directory";
    assertEquals(isFile, text !== null, what);
    if (isFile) assertEquals(disk.held("a"), text, what);
  }
});

Deno.test({
  name: "DiskSource tells a file of the same size and time by its number",
  ignore: Deno.build.os === "windows",
  async fn() {
    using site = await makeSite({ a: "one" });
    site.write("new", "two");
    for (const name of ["root/a", "new"]) site.touch(name, 1_000_000);
    const disk = new Disk(site);
    assertEquals(disk.held("a"), "one");
    Deno.renameSync(site.path("new"), site.path("root/a"));
    assertEquals(disk.held("a"), "two");
  },
});

Deno.test("DiskSource looks at a file as often as checkMs says", async () => {
  using site = await makeSite({ a: "one" });
  const disk = new Disk(site, { checkMs: 500 });
  assertEquals(disk.held("a"), "one");
  site.write("root/a", "second");
  disk.now += 499;
  assertEquals(disk.held("a"), "one");
  disk.now += 1;
  assertEquals(disk.held("a"), "second");
  // A clock that was set back does not keep an answer for hours.
  site.write("root/a", "three");
  disk.now -= 3_600_000;
  const entry = disk.open("a");
  assertEquals(entry?.size, 5);
  entry?.close();
});

Deno.test({
  name: "DiskSource holds files to the policy on links within a second",
  ignore: Deno.build.os === "windows",
  async fn() {
    using site = await makeSite({ "d/a": "in" });
    const disk = new Disk(site);
    assertEquals(disk.held("d/a"), "in");
    // The file stays what it is, and is now outside.
    Deno.renameSync(site.path("root/d"), site.path("moved"));
    site.link("../moved", "root/d");
    disk.now += 1000;
    assertEquals(disk.source.open("d/a"), null);
  },
});

Deno.test({
  name: "DiskSource refuses at once what a link now leads to",
  ignore: Deno.build.os === "windows",
  async fn() {
    using site = await makeSite({ a: "in" });
    site.write("secret", "out");
    for (const symlinks of ["within-root", "deny"] as const) {
      const disk = new Disk(site, {}, symlinks);
      assertEquals(disk.held("a"), "in");
      Deno.renameSync(site.path("root/a"), site.path("root/b"));
      site.link("../secret", "root/a");
      assertEquals(disk.source.open("a"), null, symlinks);
      Deno.removeSync(site.path("root/a"));
      Deno.renameSync(site.path("root/b"), site.path("root/a"));
    }
  },
});

Deno.test("staticFiles() answers alike with a cache and without", async () => {
  using site = await makeSite({ "a.txt": "hello", "d/index.html": "<p>" });
  site.write("root/large", someBytes(100_000));
  const cached = askOf({ source: new Disk(site).source });
  const plain = site.serve({ cache: false });
  const cases: [string, string, Record<string, string>][] = [
    ["GET", "/a.txt", {}],
    ["HEAD", "/a.txt", {}],
    ["GET", "/a.txt", { range: "bytes=1-3" }],
    ["GET", "/a.txt", { range: "bytes=9-" }],
    ["GET", "/a.txt", { "if-none-match": "*" }],
    ["GET", "/a.txt", { "if-match": '"x"' }],
    ["GET", "/d/", {}],
    ["GET", "/d", {}],
    ["GET", "/large", {}],
    ["GET", "/large", { range: "bytes=-7" }],
    ["GET", "/none", {}],
  ];
  for (let round = 0; round < 2; round++) {
    for (const [method, target, headers] of cases) {
      const one = await cached(target, { method, headers });
      const two = await plain(target, { method, headers });
      assertEquals(one.status, two.status, target);
      assertEquals([...one.headers], [...two.headers], target);
      assertEquals(await one.bytes(), await two.bytes(), target);
    }
  }
});

Deno.test({
  name: "DiskSource holds no descriptor for what it holds in memory",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = await makeSite({});
    for (let at = 0; at < 50; at++) site.write(`root/${at}`, "x");
    const disk = new Disk(site);
    const before = openDescriptors(site.base);
    for (let at = 0; at < 50; at++) assertEquals(disk.held(`${at}`), "x");
    assertEquals(openDescriptors(site.base), before);
  },
});
