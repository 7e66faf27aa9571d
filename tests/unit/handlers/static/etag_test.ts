import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { DiskSource } from "../../../../src/handlers/static/disk_source.ts";
import { resolveDisk } from "../../../../src/handlers/static/settings.ts";
import { ContentHashes } from "../../../../src/handlers/static/content_hash.ts";
import {
  memorySource,
  type SourceFile,
} from "../../../../src/handlers/static/mod.ts";
import { askOf, openDescriptors, Site, someBytes } from "./site.ts";

const STRONG = /^"[\w-]{22}"$/;

/** A file that counts how often it is read from its begin. */
class CountedFile implements SourceFile {
  readonly modified = 0;
  readonly bytes = null;
  readonly size: number;
  readonly version: string | null;
  begins = 0;

  constructor(readonly content: Uint8Array, version: string | null) {
    this.size = content.length;
    this.version = version;
  }

  read(into: Uint8Array, position: number): number {
    if (position === 0) this.begins++;
    const part = this.content.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  close(): void {}
}

Deno.test("ContentHashes hashes a version once, however many ask at once", async () => {
  const hashes = new ContentHashes();
  const file = new CountedFile(someBytes(1_600_000), "v1");
  const asked = await Promise.all([1, 2, 3].map(() => hashes.of(file)));
  assertEquals(new Set(asked).size, 1);
  assertEquals(hashes.of(file), asked[0]);
  assertEquals(file.begins, 1);
  const next = new CountedFile(someBytes(1_600_001), "v2");
  assertNotEquals(await hashes.of(next), asked[0]);
});

Deno.test("ContentHashes agrees on the same bytes from disk and from memory", async () => {
  const hashes = new ContentHashes();
  for (const size of [0, 1, 1_048_576, 1_048_577]) {
    const content = someBytes(size);
    const source = memorySource({ a: content });
    const held = source.open("a") as SourceFile;
    const read = new CountedFile(content, `${size}`);
    assertEquals(await hashes.of(read), await hashes.of(held), `${size}`);
  }
});

Deno.test("ContentHashes keeps no failure, and hashes nothing without a version", async () => {
  const hashes = new ContentHashes();
  const cut = new CountedFile(someBytes(10), "v");
  Object.assign(cut, { size: 20 });
  let message = "";
  await Promise.resolve(hashes.of(cut)).catch((error) => message = `${error}`);
  assertEquals(message, "Error: The file ended 10 bytes too early");
  const whole = new CountedFile(someBytes(20), "v");
  assertEquals(typeof await hashes.of(whole), "string");
  assertEquals(hashes.of(new CountedFile(someBytes(9), null)), null);
});

Deno.test("staticFiles() sends tags by the option etag", async () => {
  const source = memorySource({ "a.txt": "a" }, { modified: new Date(0) });
  const weak = await askOf({ source })("/a.txt");
  assertEquals(weak.header("etag"), 'W/"1-0"');
  const strong = await askOf({ source, etag: "strong" })("/a.txt");
  assertMatch(strong.header("etag") ?? "", STRONG);
  const none = askOf({ source, etag: false });
  assertEquals((await none("/a.txt")).header("etag"), null);
  const headers = { "if-none-match": 'W/"1-0"' };
  assertEquals((await none("/a.txt", { headers })).status, 200);
  const since = { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" };
  assertEquals((await none("/a.txt", { headers: since })).status, 304);
});

Deno.test("staticFiles() tags the same content alike wherever it comes from", async () => {
  const files = { "a.txt": "content" };
  using site = new Site(files);
  const settings = resolveDisk({ root: site.root });
  const ahead = new DiskSource(settings, () => Date.now() + 10_000);
  const disk = askOf({ source: ahead, etag: "strong" });
  const memory = askOf({ source: memorySource(files) });
  const found = await disk("/a.txt");
  assertMatch(found.header("etag") ?? "", STRONG);
  const tag = (await memory("/a.txt")).header("etag");
  assertEquals(found.header("etag"), tag);
});

Deno.test("staticFiles() sends weak tags for a file that has only just changed", async () => {
  using site = new Site({ "a.txt": "content" });
  for (const cache of [false, {}] as const) {
    const fresh = await site.serve({ etag: "strong", cache })("/a.txt");
    assertMatch(fresh.header("etag") ?? "", /^W\//);
  }
});

Deno.test({
  name: "staticFiles() closes a file that it cannot hash",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = new Site({ a: someBytes(100) });
    const before = openDescriptors(site.base);
    const source = {
      open: () => {
        const file = new CountedFile(someBytes(5), "v");
        Object.assign(file, { size: 9, close: () => closed++ });
        return file;
      },
    };
    let closed = 0;
    let failed = 0;
    await askOf({ source, etag: "strong" })("/a").catch(() => failed++);
    assertEquals([closed, failed], [1, 1]);
    assertEquals(openDescriptors(site.base), before);
  },
});
