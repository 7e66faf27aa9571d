import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type FileSource,
  type MemoryFiles,
  memorySource,
  type SourceFile,
} from "../../../../src/handlers/static/mod.ts";
import { askOf, someBytes } from "./site.ts";

Deno.test("memorySource() has files and the directories that lead to them", () => {
  const source = memorySource(
    new Map<string, string | Uint8Array>([
      ["a.txt", "text"],
      ["/d/e/b.bin", someBytes(3)],
      ["__proto__", "p"],
    ]),
  );
  function kindOf(path: string): string {
    const entry = source.open(path);
    if (entry === null || entry === "directory") return `${entry}`;
    return entry instanceof Promise ? "promise" : `${entry.size} bytes`;
  }
  const cases: [string, string][] = [
    ["", "directory"],
    ["a.txt", "4 bytes"],
    ["d", "directory"],
    ["d/e", "directory"],
    ["d/e/b.bin", "3 bytes"],
    ["d/e/c", "null"],
    ["a.txt/b", "null"],
    ["__proto__", "1 bytes"],
    ["constructor", "null"],
    ["toString", "null"],
  ];
  for (const [path, kind] of cases) assertEquals(kindOf(path), kind, path);
});

Deno.test("memorySource() refuses paths and contents that it cannot serve", () => {
  const cases: [unknown, string][] = [
    [{ "../a": "" }, '"../a"'],
    [{ "a/./b": "" }, '"a/./b"'],
    [{ "a//b": "" }, '"a//b"'],
    [{ "": "" }, '""'],
    [{ "a/": "" }, '"a/"'],
    [{ "a\\b": "" }, "a\\\\b"],
    [{ a: 7 }, "7"],
    [{ a: "", "a/b": "" }, '"a"'],
    [[["a/b", ""], ["a", ""]], '"a"'],
  ];
  for (const [files, part] of cases) {
    assertThrows(() => memorySource(files as MemoryFiles), TypeError, part);
  }
  const modified = new Date(NaN);
  assertThrows(() => memorySource({}, { modified }), TypeError, "modified");
});

Deno.test("staticFiles() serves a map with all that it does for a disk", async () => {
  const files = { "index.html": "<p>", "d/f.bin": someBytes(300_000) };
  const ask = askOf({ source: memorySource(files) });
  const page = await ask("/");
  assertEquals(await page.text(), "<p>");
  assertEquals(page.header("last-modified"), null);
  assertMatch(page.header("etag") ?? "", /^"[\w-]{22}"$/);
  assertEquals((await ask("/d")).header("location"), "/d/");
  assertEquals((await ask("/d/")).status, 404);
  assertEquals((await ask("/../x")).status, 404);
  const part = await ask("/d/f.bin", { headers: { range: "bytes=-1000" } });
  assertEquals(await part.bytes(), someBytes(300_000).slice(-1000));
  const headers = { "if-none-match": page.header("etag") ?? "" };
  assertEquals((await ask("/", { headers })).status, 304);
});

Deno.test("staticFiles() dates a map's files by its option", async () => {
  const modified = new Date("2024-05-01T12:00:00.250Z");
  const ask = askOf({ source: memorySource({ a: "a" }, { modified }) });
  const response = await ask("/a");
  const date = "Wed, 01 May 2024 12:00:00 GMT";
  assertEquals(response.header("last-modified"), date);
  assertEquals(
    response.header("etag"),
    `W/"1-${modified.getTime().toString(16)}"`,
  );
});

Deno.test("staticFiles() never dates a file later than the answer", async () => {
  const modified = new Date(Date.now() + 3_600_000);
  const ask = askOf({ source: memorySource({ a: "a" }, { modified }) });
  const date = Date.parse((await ask("/a")).header("last-modified") ?? "");
  assertEquals(date <= Date.now(), true);
});

/** A source that answers later, and counts what is open. */
class LateSource implements FileSource {
  open_ = 0;
  readonly #content = someBytes(100_000);

  async open(path: string): Promise<SourceFile | "directory" | null> {
    await Promise.resolve();
    if (path === "") return "directory";
    if (path === "broken") throw new Error("no connection");
    if (path !== "a.txt") return null;
    this.open_++;
    let isOpen = true;
    const content = this.#content;
    return {
      size: content.length,
      modified: 0,
      version: "1",
      bytes: null,
      async read(into, position) {
        await Promise.resolve();
        const part = content.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close: () => {
        if (isOpen) this.open_--;
        isOpen = false;
      },
    };
  }
}

Deno.test("staticFiles() serves a source that answers later, and closes its files", async () => {
  for (const etag of ["weak", "strong"] as const) {
    const source = new LateSource();
    const ask = askOf({ source, etag, precompressed: true, cleanUrls: true });
    const whole = await ask("/a.txt", { headers: { "accept-encoding": "br" } });
    assertEquals(await whole.bytes(), someBytes(100_000));
    const tag = whole.header("etag") ?? "";
    assertEquals(tag.startsWith("W/"), etag === "weak");
    const part = await ask("/a.txt", { headers: { range: "bytes=5-9" } });
    assertEquals(await part.bytes(), someBytes(10).slice(5));
    const unchanged = await ask("/a.txt", {
      headers: { "if-none-match": tag },
    });
    assertEquals(unchanged.status, 304);
    const failed = await ask("/a.txt", { headers: { "if-match": '"x"' } });
    assertEquals(failed.status, 412);
    assertEquals((await ask("/a.txt", { method: "HEAD" })).status, 200);
    assertEquals((await ask("/none")).status, 404);
    assertEquals((await ask("/")).status, 404);
    assertEquals(source.open_, 0);
  }
});

Deno.test("staticFiles() passes on what a source fails with", async () => {
  const ask = askOf({ source: new LateSource() });
  let message = "";
  await ask("/broken").catch((error) => message = error.message);
  assertEquals(message, "no connection");
});
