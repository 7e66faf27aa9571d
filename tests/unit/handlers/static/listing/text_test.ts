import { assertEquals } from "@std/assert";
import {
  countOf,
  escapeHtml,
  formatSize,
  plainName,
  showName,
} from "../../../../../src/handlers/static/listing/text.ts";

Deno.test("formatSize() is short and never says 1024 of a unit", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1, "1 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [10_188, "9.9 KiB"],
    [10_189, "10 KiB"],
    [1_023_487, "999 KiB"],
    [1_023_488, "1.0 MiB"],
    [1_048_576, "1.0 MiB"],
    [5_300_000, "5.1 MiB"],
    [123_400_000, "118 MiB"],
    [2 ** 30, "1.0 GiB"],
    [2 ** 40 * 3, "3.0 TiB"],
    [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
    [2 ** 60 * 5, "5,120 PiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(formatSize(bytes), text);
});

Deno.test("countOf() takes one and more, with commas", () => {
  assertEquals(countOf(0, "file", "files"), "0 files");
  assertEquals(countOf(1, "file", "files"), "1 file");
  assertEquals(countOf(1_234_567, "byte", "bytes"), "1,234,567 bytes");
});

Deno.test("escapeHtml() escapes what means something in HTML", () => {
  assertEquals(
    escapeHtml(`<a b="c" d='e'>&amp;`),
    "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;",
  );
  assertEquals(escapeHtml("naïve 文档 🙂"), "naïve 文档 🙂");
});

Deno.test("showName() tells what is not seen, and isolates what is", () => {
  const unseen = (code: string) => `<span class="unseen">${code}</span>`;
  const cases: [string, string][] = [
    ["a.txt", "a.txt"],
    ["<b>", "&lt;b&gt;"],
    ["\u202Etxt.exe", `${unseen("U+202E")}txt.exe`],
    ["a\u2066b\u2069", `a${unseen("U+2066")}b${unseen("U+2069")}`],
    ["a\nb\x1b[31m", `a${unseen("U+000A")}b${unseen("U+001B")}[31m`],
    ["\x7f\x85", `${unseen("U+007F")}${unseen("U+0085")}`],
    ["a\u200b\ufeff", `a${unseen("U+200B")}${unseen("U+FEFF")}`],
    ["\u{e0041}", unseen("U+E0041")],
    ["שלום", "שלום"],
    ["👩‍👧", "👩‍👧"],
  ];
  for (const [name, shown] of cases) {
    assertEquals(showName(name), `<bdi>${shown}</bdi>`);
  }
});

Deno.test("plainName() tells what is not seen without markup", () => {
  assertEquals(plainName("a\u202Eb<"), "a<U+202E>b<");
});
