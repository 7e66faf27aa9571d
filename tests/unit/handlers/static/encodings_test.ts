import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { memorySource } from "../../../../src/handlers/static/mod.ts";
import type {
  FileCoding,
  StaticFilesOptions,
} from "../../../../src/handlers/static/options.ts";
import { askOf, openDescriptors, Site } from "./site.ts";

const OLD = Date.UTC(2024, 0, 1);
const NEW = Date.UTC(2024, 0, 2);

const FILES = {
  "all.js": "plain",
  "all.js.br": "brotli",
  "all.js.zst": "zstandard",
  "all.js.gz": "gzipped",
  "gz.css": "plain",
  "gz.css.gz": "gzipped",
  "none.html": "plain",
  "alone.js.br": "brotli",
  "d/index.html": "plain",
  "d/index.html.br": "brotli",
  "odd.js": "plain",
  "odd.js.br/x": "a directory",
};

function serve(options: Partial<StaticFilesOptions> = {}) {
  const source = memorySource(FILES);
  return askOf({ source, precompressed: true, ...options });
}

type Case = [
  path: string,
  accepted: string | null,
  text: string,
  coding: string | null,
];

const CASES: Case[] = [
  ["/all.js", "br, zstd, gzip", "brotli", "br"],
  ["/all.js", "gzip, deflate, br, zstd", "brotli", "br"],
  ["/all.js", "gzip;q=1, br;q=0.9, zstd;q=0.8", "gzipped", "gzip"],
  ["/all.js", "br;q=0.1, zstd;q=0.2", "zstandard", "zstd"],
  ["/all.js", "x-gzip", "gzipped", "gzip"],
  ["/all.js", "BR", "brotli", "br"],
  ["/all.js", "*", "brotli", "br"],
  ["/all.js", "*;q=0.5, br;q=0", "zstandard", "zstd"],
  ["/all.js", "br;q=0, gzip;q=0, zstd;q=0", "plain", null],
  ["/all.js", "identity, br;q=0.5", "plain", null],
  ["/all.js", "identity;q=0.4, br;q=0.5", "brotli", "br"],
  ["/all.js", "identity;q=0, gzip", "gzipped", "gzip"],
  ["/all.js", "deflate", "plain", null],
  ["/all.js", "", "plain", null],
  ["/all.js", null, "plain", null],
  ["/all.js", "br;q=2", "plain", null],
  ["/all.js", "bro", "plain", null],
  // What the client likes best is not there: the next is looked for.
  ["/gz.css", "br, zstd;q=0.9, gzip;q=0.1", "gzipped", "gzip"],
  ["/gz.css", "br", "plain", null],
  ["/gz.css", "br, identity;q=0.5, gzip;q=0.1", "plain", null],
  ["/none.html", "br, gzip", "plain", null],
  ["/d/", "br", "brotli", "br"],
  ["/odd.js", "br", "plain", null],
];

Deno.test("staticFiles() sends the packed file that a client likes best", async () => {
  const ask = serve();
  for (const [path, accepted, text, coding] of CASES) {
    const headers: Record<string, string> = accepted === null
      ? {}
      : { "accept-encoding": accepted };
    const what = `${path} ${accepted}`;
    for (const method of ["GET", "HEAD"]) {
      const response = await ask(path, { method, headers });
      assertEquals(response.status, 200, what);
      assertEquals(response.header("content-encoding"), coding, what);
      assertEquals(response.header("vary"), "Accept-Encoding", what);
      assertEquals(response.header("content-length"), `${text.length}`, what);
      const plain = await ask(path);
      const type = plain.header("content-type");
      assertEquals(response.header("content-type"), type, what);
      assertEquals(await response.text(), method === "GET" ? text : "", what);
    }
  }
});

Deno.test("staticFiles() packs nothing where the original is missing", async () => {
  const headers = { "accept-encoding": "br" };
  assertEquals((await serve()("/alone.js", { headers })).status, 404);
  const direct = await serve()("/alone.js.br", { headers });
  assertEquals(direct.header("content-encoding"), null);
  assertEquals(direct.header("content-type"), "application/octet-stream");
});

Deno.test("staticFiles() tries codings in the order of the option", async () => {
  const cases: [readonly FileCoding[] | boolean, string, string | null][] = [
    [["gzip", "br"], "br, gzip, zstd", "gzip"],
    [["zstd"], "br, gzip, zstd", "zstd"],
    [["gzip", "br"], "br, gzip;q=0.5", "br"],
    [[], "br", null],
    [false, "br", null],
  ];
  for (const [precompressed, accepted, coding] of cases) {
    const headers = { "accept-encoding": accepted };
    const response = await serve({ precompressed })("/all.js", { headers });
    assertEquals(response.header("content-encoding"), coding, accepted);
    const isOn = Array.isArray(precompressed) && precompressed.length > 0;
    assertEquals(response.header("vary"), isOn ? "Accept-Encoding" : null);
  }
});

Deno.test("staticFiles() gives each coding an entity tag of its own", async () => {
  const same = { "a.js": "same", "a.js.br": "same", "a.js.gz": "same" };
  const modified = new Date(OLD);
  for (const etag of ["weak", "strong"] as const) {
    const source = memorySource(same, { modified });
    const ask = askOf({ source, etag, precompressed: true });
    const tags = new Set<string | null>();
    for (const accepted of ["identity", "br", "gzip"]) {
      const headers = { "accept-encoding": accepted };
      const tag = (await ask("/a.js", { headers })).header("etag");
      tags.add(tag);
      const again = { ...headers, "if-none-match": tag ?? "" };
      const unchanged = await ask("/a.js", { headers: again });
      assertEquals(unchanged.status, 304);
      assertEquals(unchanged.header("vary"), "Accept-Encoding");
      assertEquals(unchanged.header("etag"), tag);
      const other = { ...again, "accept-encoding": "zstd, br;q=0.1" };
      const status = (await ask("/a.js", { headers: other })).status;
      assertEquals(status, accepted === "br" ? 304 : 200, accepted);
    }
    assertEquals(tags.size, 3, etag);
  }
});

Deno.test("staticFiles() takes ranges of the packed bytes", async () => {
  const ask = serve({ etag: "strong" });
  const headers = { "accept-encoding": "br" };
  const whole = await ask("/all.js", { headers });
  const part = await ask("/all.js", {
    headers: {
      ...headers,
      range: "bytes=1-3",
      "if-range": whole.header("etag") ?? "",
    },
  });
  assertEquals(part.status, 206);
  assertEquals(await part.text(), "rot");
  assertEquals(part.header("content-range"), "bytes 1-3/6");
  assertEquals(part.header("content-encoding"), "br");
  assertEquals(part.header("etag"), whole.header("etag"));
  const plainTag = (await ask("/all.js")).header("etag") ?? "";
  const mixed = await ask("/all.js", {
    headers: { ...headers, range: "bytes=1-3", "if-range": plainTag },
  });
  assertEquals(mixed.status, 200);
  // A multipart with Content-Encoding would say that all of it is coded.
  const several = { ...headers, range: "bytes=0-0,3-3" };
  assertEquals((await ask("/all.js", { headers: several })).status, 200);
  const plain = { range: "bytes=0-0,3-3" };
  assertEquals((await ask("/all.js", { headers: plain })).status, 206);
});

Deno.test("staticFiles() ignores a packed file that is older than its original", async () => {
  using site = new Site({ "a.js": "plain", "a.js.br": "b", "a.js.gz": "g" });
  const ask = site.serve({ precompressed: true });
  const headers = { "accept-encoding": "br, gzip;q=0.5" };
  const cases: [number, number, number, string | null][] = [
    [OLD, OLD, OLD, "br"],
    [OLD, NEW, NEW, "br"],
    [NEW, OLD, NEW, "gzip"],
    [NEW, OLD, OLD, null],
    [NEW, NEW - 1, NEW - 1, null],
  ];
  for (const [plain, br, gz, coding] of cases) {
    site.touch("root/a.js", plain);
    site.touch("root/a.js.br", br);
    site.touch("root/a.js.gz", gz);
    const response = await ask("/a.js", { headers });
    assertEquals(response.header("content-encoding"), coding);
  }
});

Deno.test("staticFiles() holds packed files to the rules of all files", async () => {
  using site = new Site({ "a.js": "plain" });
  site.write("outside.br", "secret");
  site.link("../outside.br", "root/a.js.br");
  const headers = { "accept-encoding": "br" };
  const refused = await site.serve({ precompressed: true })("/a.js", {
    headers,
  });
  assertEquals(await refused.text(), "plain");
  const ask = site.serve({ precompressed: true, symlinks: "follow" });
  assertEquals(await (await ask("/a.js", { headers })).text(), "secret");
});

Deno.test({
  name: "staticFiles() leaves no file open when it chooses among packed ones",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = new Site({ "a.js": "plain", "a.js.br": "b", "a.js.gz": "g" });
    site.touch("root/a.js.br", OLD);
    const ask = site.serve({ precompressed: true, cache: false });
    const before = openDescriptors(site.base);
    for (let round = 0; round < 10; round++) {
      for (const accepted of ["br", "br, gzip", "zstd", "identity"]) {
        const headers = { "accept-encoding": accepted };
        await (await ask("/a.js", { headers })).bytes();
        await ask("/a.js", { headers, method: "HEAD" });
      }
    }
    assertEquals(openDescriptors(site.base), before);
    assert(before >= 0);
  },
});

Deno.test("staticFiles() dates a packed file by itself", async () => {
  using site = new Site({ "a.js": "plain", "a.js.br": "b" });
  site.touch("root/a.js", OLD);
  site.touch("root/a.js.br", NEW);
  const ask = site.serve({ precompressed: true });
  const plain = await ask("/a.js");
  const packed = await ask("/a.js", { headers: { "accept-encoding": "br" } });
  assertEquals(
    packed.header("last-modified"),
    "Tue, 02 Jan 2024 00:00:00 GMT",
  );
  assertNotEquals(
    plain.header("last-modified"),
    packed.header("last-modified"),
  );
});
