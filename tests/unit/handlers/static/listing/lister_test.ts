// Listings of a map in memory and of sources of one's own: what is answered.
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type DirectoryListing,
  type EntryFacts,
  type FileSource,
  memorySource,
  staticFiles,
  type StaticFilesOptions,
} from "../../../../../src/handlers/static/mod.ts";
import { type Ask, askOf, type AskOptions } from "../site.ts";

const FILES = {
  "b 10.txt": "1234567890",
  "b 9.txt": "123456789",
  "A.txt": "",
  "sub/deep/x.txt": "x",
  "sub/y.txt": "yy",
  "with-index/index.html": "index",
  ".env": "secret",
  ".well-known/security.txt": "s",
  ".git/config": "secret",
};
const MODIFIED = new Date("2024-02-29T12:34:56.789Z");

function serve(
  options: Partial<StaticFilesOptions> = {},
  files: Record<string, string> = FILES,
): Ask {
  const source = memorySource(files, { modified: MODIFIED });
  return askOf({ source, listing: true, ...options });
}

/** A source of one directory whose entries are told by a function. */
function sourceOf(
  names: readonly string[],
  describe: (name: string) => EntryFacts | null | Promise<EntryFacts | null>,
  close: () => void = () => {},
): FileSource {
  return {
    open: (path) => path === "" ? "directory" : null,
    openDirectory: (path) => path === "" ? { names, describe, close } : null,
  };
}

async function list(ask: Ask, target = "/"): Promise<DirectoryListing> {
  const headers = { accept: "application/json" };
  const response = await ask(target, { headers });
  assertEquals(response.status, 200, target);
  assertEquals(response.header("content-type"), "application/json");
  return await response.json() as DirectoryListing;
}

async function namesOf(ask: Ask, target = "/"): Promise<string[]> {
  return (await list(ask, target)).entries.map(({ name }) => name);
}

Deno.test("staticFiles() lists no directory unless told to", async () => {
  const ask = serve({ listing: undefined });
  assertEquals((await ask("/")).status, 404);
  assertEquals((await serve({ listing: false })("/sub/")).status, 404);
});

Deno.test("staticFiles() lists a directory as JSON", async () => {
  const modified = "2024-02-29T12:34:56Z";
  assertEquals(await list(serve()), {
    path: "/",
    sort: "name",
    order: "asc",
    search: "",
    truncated: false,
    entries: [
      {
        name: ".well-known",
        type: "directory",
        url: ".well-known/",
        size: null,
        modified: null,
      },
      {
        name: "sub",
        type: "directory",
        url: "sub/",
        size: null,
        modified: null,
      },
      {
        name: "with-index",
        type: "directory",
        url: "with-index/",
        size: null,
        modified: null,
      },
      { name: "A.txt", type: "file", url: "A.txt", size: 0, modified },
      { name: "b 9.txt", type: "file", url: "b%209.txt", size: 9, modified },
      { name: "b 10.txt", type: "file", url: "b%2010.txt", size: 10, modified },
    ],
  });
});

Deno.test("staticFiles() lists only directories, with their slash and without an index", async () => {
  const ask = serve();
  assertEquals(await (await ask("/with-index/")).text(), "index");
  const redirected = await ask("/sub?sort=size");
  assertEquals(redirected.status, 301);
  assertEquals(redirected.header("location"), "/sub/?sort=size");
  for (const target of ["/none/", "/A.txt/", "/.git/", "/sub//", "/../"]) {
    assertEquals((await ask(target)).status, 404, target);
  }
  const all = serve({ index: [] });
  assertEquals(await namesOf(all, "/with-index/"), ["index.html"]);
});

Deno.test("staticFiles() lists below its route and its prefix", async () => {
  const routed = await serve()("/files/sub/?format=json", {
    route: "/files/*path",
  });
  const { path, entries } = await routed.json() as DirectoryListing;
  assertEquals(path, "/files/sub/");
  assertEquals(entries.map(({ url }) => url), ["deep/", "y.txt"]);
  const prefixed = serve({ prefix: "/files" });
  assertEquals(await namesOf(prefixed, "/files/sub/"), ["deep", "y.txt"]);
});

Deno.test("staticFiles() lists dotfiles by the policy", async () => {
  const plain = ["sub", "with-index", "A.txt", "b 9.txt", "b 10.txt"];
  assertEquals(await namesOf(serve()), [".well-known", ...plain]);
  const all = await namesOf(serve({ dotfiles: "allow" }));
  assertEquals(
    all.toSorted(),
    [".env", ".git", ".well-known", ...plain].toSorted(),
  );
});

Deno.test("staticFiles() sorts a listing, directories first", async () => {
  const facts: Record<string, EntryFacts> = {
    "a": { isDirectory: false, size: 5, modified: 3000 },
    "B": { isDirectory: false, size: 5, modified: 1000 },
    "c10": { isDirectory: false, size: 1, modified: null },
    "c9": { isDirectory: false, size: null, modified: 2000 },
    "y": { isDirectory: true, size: null, modified: 9000 },
    "z": { isDirectory: true, size: null, modified: 8000 },
  };
  const names = Object.keys(facts).toReversed();
  const ask = askOf({
    source: sourceOf(names, (name) => facts[name]),
    listing: true,
  });
  const cases: [string, string][] = [
    ["", "y z a B c9 c10"],
    ["?order=desc", "z y c10 c9 B a"],
    ["?sort=size", "y z c9 c10 a B"],
    ["?sort=size&order=desc", "y z a B c10 c9"],
    ["?sort=date", "z y c10 B c9 a"],
    ["?sort=date&order=desc", "y z a c9 B c10"],
  ];
  for (const [query, expected] of cases) {
    const found = await namesOf(ask, `/${query}`);
    assertEquals(found.join(" "), expected, query);
  }
});

Deno.test("staticFiles() finds names by a part of them, in either case", async () => {
  const cases: [string, string[]][] = [
    ["B", ["sub", "b 9.txt", "b 10.txt"]],
    ["a.TXT", ["A.txt"]],
    ["env", []],
    ["none", []],
  ];
  for (const [search, expected] of cases) {
    const { entries, search: told } = await list(serve(), `/?q=${search}`);
    assertEquals(told, search);
    assertEquals(entries.map(({ name }) => name), expected, search);
  }
  const page = await (await serve()("/?q=none")).text();
  assertStringIncludes(page, "No name here has that in it.");
});

Deno.test("staticFiles() cuts a listing by name, says so, and searches all of it", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`f${at + 10}.txt`, ""]).toReversed(),
  );
  const ask = serve({ listing: { maxEntries: 5 } }, files);
  const { entries, truncated } = await list(ask);
  assertEquals(truncated, true);
  assertEquals(
    entries.map(({ name }) => name),
    ["f10.txt", "f11.txt", "f12.txt", "f13.txt", "f14.txt"],
  );
  assertStringIncludes(await (await ask("/")).text(), "the first 5 by name");
  const found = await list(ask, "/?q=39");
  assertEquals(found.entries.length, 1);
  assertEquals(found.truncated, false);
  const whole = await list(serve({ listing: { maxEntries: 30 } }, files));
  assertEquals([whole.entries.length, whole.truncated], [30, false]);
});

Deno.test("staticFiles() cuts a listing at 1,000 entries by default", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 1001 }, (_, at) => [`${at}`, ""]),
  );
  const { entries, truncated } = await list(serve({}, files));
  assertEquals([entries.length, truncated], [1000, true]);
});

Deno.test("staticFiles() answers HEAD and conditions on a listing", async () => {
  const ask = serve();
  for (const accept of ["text/html", "application/json"]) {
    const ask_ = (more: AskOptions = {}) =>
      ask("/", { ...more, headers: { accept, ...more.headers } });
    const got = await ask_();
    const etag = got.header("etag") ?? "";
    assertMatch(etag, /^W\/"[\w-]{22}"$/);
    assertEquals(got.header("cache-control"), "no-cache");
    assertEquals(got.header("vary"), "Accept");
    assertEquals(got.header("accept-ranges"), null);
    const content = await got.bytes();
    assertEquals(got.header("content-length"), `${content.length}`);

    const head = await ask_({ method: "HEAD" });
    assertEquals([...head.headers], [...got.headers]);
    assertEquals((await head.bytes()).length, 0);

    const same = await ask_({ headers: { "if-none-match": `"x", ${etag}` } });
    assertEquals(same.status, 304);
    assertEquals(same.header("etag"), etag);
    assertEquals(same.header("vary"), "Accept");
    assertEquals(same.header("content-type"), null);

    const other = await ask_({ headers: { "if-match": '"x"' } });
    assertEquals(other.status, 412);
    const part = await ask_({ headers: { range: "bytes=0-1" } });
    assertEquals(part.status, 200);
  }
  assertEquals((await serve({ etag: false })("/")).header("etag"), null);
});

Deno.test("staticFiles() gives another tag to another listing", async () => {
  const tag = async (ask: Ask, target = "/") =>
    (await ask(target)).header("etag");
  const first = await tag(serve());
  assertEquals(await tag(serve()), first);
  const others = [
    await tag(serve(), "/?sort=size"),
    await tag(serve(), "/?format=json"),
    await tag(serve({}, { ...FILES, "A.txt": "longer" })),
    await tag(serve({}, { ...FILES, "new.txt": "" })),
  ];
  for (const other of others) assertNotEquals(other, first);
});

Deno.test("staticFiles() lists nothing that a URL cannot name", async () => {
  const odd = ["ok", "", ".", "..", "a/b", "/", "a\\b", "a\0b", "\ud800", ".x"];
  const asked: string[] = [];
  const source = sourceOf(odd, (name) => {
    asked.push(name);
    return { isDirectory: false, size: 1, modified: 0 };
  });
  const ask = askOf({ source, listing: true });
  assertEquals(await namesOf(ask), ["ok"]);
  assertEquals(asked, ["ok"]);
});

Deno.test("staticFiles() leaves out of a listing what the source has no longer, and odd times", async () => {
  const times = [NaN, Infinity, -1e15, 1e15, 253_402_300_799_000, 0];
  const source = sourceOf(
    ["gone", "0", "1", "2", "3", "4", "5"],
    (name) =>
      name === "gone"
        ? null
        : { isDirectory: false, size: 1, modified: times[Number(name)] },
  );
  const ask = askOf({ source, listing: true });
  const { entries } = await list(ask);
  assertEquals(entries.map(({ name, modified }) => [name, modified]), [
    ["0", null],
    ["1", null],
    ["2", null],
    ["3", null],
    ["4", "9999-12-31T23:59:59Z"],
    ["5", "1970-01-01T00:00:00Z"],
  ]);
  assertEquals((await ask("/")).status, 200);
});

Deno.test("staticFiles() looks at up to 16 entries at a time, and closes the directory after the last", async () => {
  let [busy, most, closed] = [0, 0, 0];
  const names = Array.from({ length: 100 }, (_, at) => `${at}`);
  const source = sourceOf(names, async (name) => {
    most = Math.max(most, ++busy);
    await new Promise((resolve) => setTimeout(resolve, 0));
    busy--;
    if (name === "50") throw new Error("The disk is gone");
    return { isDirectory: false, size: 1, modified: 0 };
  }, () => {
    assertEquals(busy, 0);
    closed++;
  });
  const ask = askOf({ source, listing: true });
  await assertRejects(() => ask("/"), Error, "The disk is gone");
  assertEquals(most, 16);
  assertEquals(closed, 1);
});

Deno.test("staticFiles() refuses to list a source that cannot be", () => {
  const source: FileSource = { open: () => null };
  assertThrows(
    () => staticFiles({ source, listing: true }),
    TypeError,
    "openDirectory",
  );
  staticFiles({ source, listing: false });
});

Deno.test("staticFiles() lists as a middleware, and hands on what is no directory", async () => {
  const source = memorySource(FILES);
  const handler = staticFiles({ source, listing: true, prefix: "/files" });
  const { HttpServer } = await import("../../../../../mod.ts");
  const server = new HttpServer();
  server.use(handler);
  server.get("/files/none/", () => new Response("a route"));
  const listed = await server.inject({ path: "/files/?format=json" });
  assert((await listed.json() as DirectoryListing).entries.length === 6);
  const next = await server.inject({ path: "/files/none/" });
  assertEquals(await next.text(), "a route");
});
