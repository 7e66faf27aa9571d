import { assertEquals } from "@std/assert";
import { formatHttpDate } from "../../../../src/grammar/dates.ts";
import { Site, someBytes } from "./site.ts";

const CHANGED = Date.UTC(2024, 4, 1, 12);
const SAME = formatHttpDate(CHANGED);
const BEFORE = formatHttpDate(CHANGED - 1000);
const AFTER = formatHttpDate(CHANGED + 1000);
const TAG = `W/"9-${CHANGED.toString(16)}"`;
const OTHER = '"other"';

function makeSite(): Site {
  const site = new Site({ "a.txt": "123456789" });
  const time = new Date(CHANGED);
  Deno.utimeSync(site.path("root/a.txt"), time, time);
  return site;
}

type Case = [Record<string, string>, number];

const CASES: Case[] = [
  [{ "if-none-match": TAG }, 304],
  [{ "if-none-match": TAG.slice(2) }, 304],
  [{ "if-none-match": `${OTHER}, ${TAG}` }, 304],
  [{ "if-none-match": "*" }, 304],
  [{ "if-none-match": OTHER }, 200],
  [{ "if-none-match": OTHER, "if-modified-since": SAME }, 200],
  [{ "if-none-match": TAG, "if-modified-since": BEFORE }, 304],
  [{ "if-modified-since": SAME }, 304],
  [{ "if-modified-since": AFTER }, 304],
  [{ "if-modified-since": BEFORE }, 200],
  [{ "if-modified-since": "yesterday" }, 200],
  [{ "if-match": "*" }, 200],
  [{ "if-match": OTHER }, 412],
  [{ "if-match": TAG }, 412],
  [{ "if-match": OTHER, "if-none-match": TAG }, 412],
  [{ "if-match": "*", "if-none-match": TAG }, 304],
  [{ "if-match": "*", "if-unmodified-since": BEFORE }, 200],
  [{ "if-unmodified-since": BEFORE }, 412],
  [{ "if-unmodified-since": SAME }, 200],
  [{ "if-unmodified-since": SAME, "if-modified-since": SAME }, 304],
];

Deno.test("staticFiles() evaluates conditions in the order of RFC 9110 13.2.2", async () => {
  using site = makeSite();
  const ask = site.serve();
  for (const [headers, status] of CASES) {
    for (const method of ["GET", "HEAD"]) {
      const response = await ask("/a.txt", { method, headers });
      assertEquals(response.status, status, `${method} ${inspect(headers)}`);
    }
    const ranged = { ...headers, range: "bytes=0-1" };
    const response = await ask("/a.txt", { headers: ranged });
    const expected = status === 200 ? 206 : status;
    assertEquals(response.status, expected, inspect(ranged));
    const headed = await ask("/a.txt", { method: "HEAD", headers: ranged });
    assertEquals(headed.status, status, `HEAD ${inspect(ranged)}`);
    // A range that cannot be had must not hide what the conditions say.
    const unsatisfiable = { ...headers, range: "bytes=9-" };
    const refused = await ask("/a.txt", { headers: unsatisfiable });
    assertEquals(
      refused.status,
      status === 200 ? 416 : status,
      inspect(unsatisfiable),
    );
  }
});

Deno.test("staticFiles() answers 304 with the fields of caching only", async () => {
  using site = makeSite();
  const ask = site.serve({ cacheMaxAge: 60 });
  for (const method of ["GET", "HEAD"]) {
    const headers = { "if-none-match": TAG };
    const response = await ask("/a.txt", { method, headers });
    assertEquals(response.body, null);
    assertEquals(Object.fromEntries(response.headers), {
      "cache-control": "public, max-age=60",
      "etag": TAG,
      "last-modified": SAME,
    });
  }
});

Deno.test("staticFiles() lets If-Range decide over a range", async () => {
  using site = makeSite();
  const ask = site.serve();
  const cases: [string, number][] = [
    [SAME, 206],
    [BEFORE, 200],
    [AFTER, 200],
    [TAG, 200],
    [TAG.slice(2), 200],
    [OTHER, 200],
    ["nonsense", 200],
  ];
  for (const [value, status] of cases) {
    const headers = { range: "bytes=0-1", "if-range": value };
    const response = await ask("/a.txt", { headers });
    assertEquals(response.status, status, value);
    assertEquals((await response.bytes()).length, status === 206 ? 2 : 9);
  }
  const headers = { range: "bytes=99-", "if-range": OTHER };
  assertEquals((await ask("/a.txt", { headers })).status, 200);
});

Deno.test("staticFiles() takes a date of If-Range for weak within its second", async () => {
  using site = new Site({ a: someBytes(5) });
  const response = await site.serve()("/a");
  const time = new Date(Date.now() + 3_600_000);
  Deno.utimeSync(site.path("root/a"), time, time);
  const headers = {
    range: "bytes=0-1",
    "if-range": response.header("last-modified") ?? "",
  };
  // The file is of the future: its date is now, and may soon be another.
  const again = await site.serve()("/a", { headers });
  assertEquals(again.status, 200);
});

function inspect(headers: Record<string, string>): string {
  return JSON.stringify(headers);
}
