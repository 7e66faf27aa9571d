/** What is answered from memory without a step is what the steps answer. */
import { assertEquals, assertGreater } from "@std/assert";
import { HttpServer } from "../../../../mod.ts";
import {
  type FileSource,
  memorySource,
  staticFiles,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/mod.ts";

const FILES = {
  "index.html": "<p>start",
  "a.txt": "text",
  "page.html": "<p>page",
  "empty.bin": "",
  "sub/index.html": "<p>sub",
  "sub/app.0a1b2c3d.js": "1",
  ".hidden": "no",
};
const PATHS = [
  "/",
  "/a.txt",
  "/a%2etxt",
  "/a.txt/",
  "/page",
  "/page.html",
  "/empty.bin",
  "/sub",
  "/sub/",
  "/sub/index.html",
  "/sub/app.0a1b2c3d.js",
  "/.hidden",
  "/missing",
];
const MODIFIED = new Date(Date.UTC(2024, 0, 2));
const FIELDS: Record<string, string>[] = [
  {},
  { range: "bytes=1-2" },
  { range: "bytes=999-" },
  { range: "bytes=0-0", "if-range": '"other"' },
  { "if-none-match": "*" },
  { "if-match": '"other"' },
  { "if-modified-since": MODIFIED.toUTCString() },
  { "if-unmodified-since": new Date(0).toUTCString() },
  { "accept-encoding": "gzip" },
];
const OPTIONS: StaticFilesOptions[] = [
  {},
  { cleanUrls: true },
  { cleanUrls: "redirect" },
  { download: true, headers: (path) => ({ "x-path": path }) },
  { precompressed: true },
  { index: [], etag: "strong", immutable: true },
  { spa: "index.html" },
];

interface Ways {
  /** With files at hand, and how many were asked for that way. */
  readonly held: FileSource & { count: number };
  readonly stepwise: FileSource;
}

function ways(): Ways {
  const source = memorySource(FILES, { modified: MODIFIED });
  const held = {
    count: 0,
    open: (path: string) => source.open(path),
    held(path: string) {
      const file = source.held?.(path) ?? null;
      if (file !== null) held.count++;
      return file;
    },
  };
  return { held, stepwise: { open: (path) => source.open(path) } };
}

async function answers(
  server: HttpServer,
  path: string,
  headers: Record<string, string>,
): Promise<unknown[]> {
  const seen: unknown[] = [];
  // The first answer describes a file; those behind it know it.
  for (const method of ["GET", "GET", "HEAD", "POST"]) {
    const response = await server.inject({ method, path, headers });
    const fields = [...response.headers].filter(([name]) => name !== "date");
    seen.push([response.status, fields, await response.text()]);
  }
  return seen;
}

Deno.test("A copy of a memory source with an open of its own is asked each time", async () => {
  const inner = memorySource(FILES, { modified: MODIFIED });
  let isAllowed = true;
  const source: FileSource = {
    ...inner,
    open: (path) => isAllowed ? inner.open(path) : null,
  };
  const server = new HttpServer().get("/*path", staticFiles({ source }));
  for (let at = 0; at < 2; at++) {
    assertEquals((await server.inject({ path: "/a.txt" })).status, 200);
  }
  isAllowed = false;
  assertEquals((await server.inject({ path: "/a.txt" })).status, 404);
});

for (const options of OPTIONS) {
  const names = Deno.inspect(options, { breakLength: Infinity });
  for (const isMiddleware of [false, true]) {
    const place = isMiddleware ? "middleware" : "handler";
    Deno.test(`staticFiles() as ${place} answers alike with files at hand: ${names}`, async () => {
      const { held, stepwise } = ways();
      const [one, other] = [held, stepwise].map((source) => {
        const files = staticFiles({ ...options, source });
        const server = new HttpServer();
        return isMiddleware ? server.use(files) : server.get("/*path", files);
      });
      for (const path of PATHS) {
        for (const headers of FIELDS) {
          const expected = await answers(other, path, headers);
          assertEquals(await answers(one, path, headers), expected, path);
        }
      }
      if (!("precompressed" in options)) assertGreater(held.count, 0);
    });
  }
}
