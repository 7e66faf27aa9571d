import { assert, assertEquals, assertMatch } from "@std/assert";
import { FileBody } from "../../../../src/http/file_body.ts";
import type { HttpResponse } from "../../../../src/http/response.ts";
import { type Ask, Site, someBytes } from "./site.ts";

const SIZE = 200_000;
const BYTES = someBytes(SIZE);

function askRange(ask: Ask, range: string): Promise<HttpResponse> {
  return ask("/f.bin", { headers: { range } });
}

Deno.test("staticFiles() answers one range with 206", async () => {
  using site = new Site({ "f.bin": BYTES });
  const ask = site.serve({ cacheMaxAge: 5 });
  const cases: [string, number, number][] = [
    ["bytes=0-0", 0, 0],
    ["bytes=0-99", 0, 99],
    ["bytes=100-", 100, SIZE - 1],
    ["bytes=-1", SIZE - 1, SIZE - 1],
    ["bytes=-100000", 100_000, SIZE - 1],
    ["bytes=-9999999", 0, SIZE - 1],
    ["bytes=199999-", SIZE - 1, SIZE - 1],
    ["bytes=199999-99999999999999999999", SIZE - 1, SIZE - 1],
    ["bytes=1000-70000", 1000, 70_000],
    ["bytes=1000-66535", 1000, 66_535],
    ["bytes=1000-66536", 1000, 66_536],
    ["bytes=0-9,5-20,21-30", 0, 30],
    ["bytes=5-9, 999999-", 5, 9],
  ];
  for (const [range, start, end] of cases) {
    const response = await askRange(ask, range);
    assertEquals(response.status, 206, range);
    const fields = Object.fromEntries(response.headers);
    assertEquals(fields["content-range"], `bytes ${start}-${end}/${SIZE}`);
    assertEquals(fields["content-length"], `${end - start + 1}`, range);
    assertEquals(fields["content-type"], "application/octet-stream");
    assertEquals(fields["accept-ranges"], "bytes");
    assertEquals(fields["cache-control"], "public, max-age=5");
    assert(fields.etag && fields["last-modified"]);
    assertEquals(await response.bytes(), BYTES.slice(start, end + 1), range);
  }
});

Deno.test("staticFiles() answers 416 with the size when no range holds a byte", async () => {
  using site = new Site({ "f.bin": BYTES, empty: "" });
  const ask = site.serve();
  for (const range of ["bytes=200000-", "bytes=-0", "bytes=200000-1,999999-"]) {
    const response = await askRange(ask, range);
    const expected = range.includes(",") ? 200 : 416;
    assertEquals(response.status, expected, range);
    if (expected === 416) {
      assertEquals(response.header("content-range"), `bytes */${SIZE}`);
    }
    if (response.body instanceof FileBody) response.body.close();
  }
  const empty = await ask("/empty", { headers: { range: "bytes=0-" } });
  assertEquals(empty.status, 416);
  assertEquals(empty.header("content-range"), "bytes */0");
});

Deno.test("staticFiles() sends everything for a range that it ignores", async () => {
  using site = new Site({ "f.bin": "abc", empty: "" });
  const ask = site.serve();
  const many = `bytes=${
    Array.from({ length: 1000 }, (_, at) => `${at * 2}-${at * 2}`).join(",")
  }`;
  const ignored = [
    "lines=0-1",
    "bytes",
    "bytes=",
    "bytes=a-b",
    "bytes=2-1",
    "bytes=0-1,x",
    many,
  ];
  for (const range of ignored) {
    const response = await askRange(ask, range);
    assertEquals(response.status, 200, range.slice(0, 40));
    assertEquals(response.header("content-range"), null);
    assertEquals(await response.text(), "abc");
  }
  const empty = await ask("/empty", { headers: { range: "bytes=-5" } });
  assertEquals(empty.status, 200);
});

Deno.test("staticFiles() ignores Range for HEAD", async () => {
  using site = new Site({ "f.bin": BYTES });
  const response = await site.serve()("/f.bin", {
    method: "HEAD",
    headers: { range: "bytes=0-1" },
  });
  assertEquals(response.status, 200);
  assertEquals(response.header("content-length"), `${SIZE}`);
});

interface Part {
  fields: string;
  content: Uint8Array<ArrayBuffer>;
}

function splitParts(bytes: Uint8Array<ArrayBuffer>, boundary: string): Part[] {
  // One char a byte, so that offsets stay.
  const text = new TextDecoder("latin1").decode(bytes);
  const parts: Part[] = [];
  let at = 0;
  while (true) {
    const delimiter = `${at === 0 ? "" : "\r\n"}--${boundary}`;
    assertEquals(text.slice(at, at + delimiter.length), delimiter);
    at += delimiter.length;
    if (text.slice(at) === "--\r\n") return parts;
    const headEnd = text.indexOf("\r\n\r\n", at);
    const fields = text.slice(at + 2, headEnd);
    const [, first, last] = /bytes (\d+)-(\d+)\//.exec(fields) ?? [];
    const start = headEnd + 4;
    at = start + Number(last) - Number(first) + 1;
    parts.push({ fields, content: bytes.slice(start, at) });
  }
}

Deno.test("staticFiles() answers several ranges as multipart/byteranges", async () => {
  using site = new Site({ "f.bin": BYTES });
  const ask = site.serve();
  const cases: [string, [number, number][]][] = [
    ["bytes=0-1,5-6", [[0, 1], [5, 6]]],
    ["bytes=-2, 0-0", [[SIZE - 2, SIZE - 1], [0, 0]]],
    ["bytes=0-4,3-9,100-199", [[0, 9], [100, 199]]],
    ["bytes=0-1,9999999-,5-6", [[0, 1], [5, 6]]],
    ["bytes=0-99999,100002-199999", [[0, 99_999], [100_002, SIZE - 1]]],
    [
      "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14",
      [0, 2, 4, 6, 8, 10, 12, 14].map((at) => [at, at]),
    ],
  ];
  for (const [range, expected] of cases) {
    const response = await askRange(ask, range);
    assertEquals(response.status, 206, range);
    assertEquals(response.header("content-range"), null);
    const type = response.header("content-type") ?? "";
    assertMatch(type, /^multipart\/byteranges; boundary=[\w-]{30,70}$/);
    const bytes = await response.bytes();
    assertEquals(response.header("content-length"), `${bytes.length}`, range);
    const parts = splitParts(bytes, type.slice(type.indexOf("=") + 1));
    assertEquals(parts.length, expected.length, range);
    for (const [at, [start, end]] of expected.entries()) {
      assertEquals(
        parts[at].fields,
        "Content-Type: application/octet-stream\r\n" +
          `Content-Range: bytes ${start}-${end}/${SIZE}`,
      );
      assertEquals(parts[at].content, BYTES.slice(start, end + 1), range);
    }
  }
});

Deno.test("staticFiles() takes another boundary each time", async () => {
  using site = new Site({ "f.bin": "0123456789" });
  const ask = site.serve();
  const one = await askRange(ask, "bytes=0-1,5-6");
  const two = await askRange(ask, "bytes=0-1,5-6");
  assert(one.header("content-type") !== two.header("content-type"));
});
