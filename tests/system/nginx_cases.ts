/** Requests for static files, for two servers to answer alike. */

/** When all files last changed. */
export const CHANGED = new Date("2024-01-02T03:04:05Z");
const SAME = "Tue, 02 Jan 2024 03:04:05 GMT";
const BEFORE = "Mon, 01 Jan 2024 03:04:05 GMT";
const AFTER = "Wed, 03 Jan 2024 03:04:05 GMT";
const NEVER = "Tue, 99 Jan 2024 03:04:05 GMT";

/** A request. `{tag}` in a field stands for the tag that a server itself gives. */
export interface Case {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Contents by path; the folder that both servers serve. */
export const FILES: Readonly<Record<string, string>> = {
  "index.html": "<h1>home</h1>",
  "a.txt": "0123456789".repeat(500),
  "empty.txt": "",
  "one.txt": "1",
  "café.txt": "coffee",
  "sp ace.txt": "space",
  "100%.txt": "percent",
  "plus+&=.txt": "plus",
  "data.unknown-type": "bytes",
  "noextension": "bytes",
  "page.css": "body { color: red }".repeat(50),
  "page.css.gz": "not really packed, which neither server looks at",
  "dir/index.html": "<h1>dir</h1>",
  "dir/sub/b.txt": "b",
  "noindex/x.txt": "x",
  ".env": "SECRET=1",
  ".well-known/security.txt": "Contact: mailto:a@b.example",
  "dir/.hidden": "hidden",
};

const TAGS = [
  "{tag}",
  "W/{tag}",
  '"other"',
  "*",
  '"a", {tag}',
  '{tag}, W/"b"',
  "unquoted",
];
const DATES = [SAME, BEFORE, AFTER, NEVER];

const RANGES = [
  "bytes=0-9",
  "bytes=0-0",
  "bytes=10-",
  "bytes=-10",
  "bytes=-5000",
  "bytes=-9999",
  "bytes=0-4999",
  "bytes=0-99999",
  "bytes=4999-",
  "bytes=4999-4999",
  "bytes=5000-",
  "bytes=9999-99999",
  "bytes=-0",
  "bytes=-",
  "bytes=",
  "bytes=9-0",
  "bytes=a-b",
  "bytes=0x1-2",
  "bytes 0-9",
  "BYTES=0-9",
  "items=0-9",
  "bytes= 0-9",
  "bytes=0 - 9",
  "bytes=0-9 ",
  "bytes=00000000000000000000-9",
  "bytes=0-99999999999999999999",
  "bytes=99999999999999999999-",
  "bytes=0-9,20-29",
  "bytes=0-0,-1",
  "bytes=0-9, 20-29 , 40-49",
  "bytes=0-9,5-14",
  "bytes=20-29,0-9",
  "bytes=0-9,9999-",
  "bytes=9999-,0-9",
  "bytes=0-9,a-b",
  "bytes=0-,0-",
];

const TARGETS = [
  "/",
  "/?query",
  "/a.txt",
  "/a.txt?query",
  "/a.txt?",
  "/%61.txt",
  "/%61%2Etxt",
  "/caf%C3%A9.txt",
  "/caf%c3%a9.txt",
  "/cafe%CC%81.txt",
  "/sp%20ace.txt",
  "/sp+ace.txt",
  "/100%25.txt",
  "/plus+&=.txt",
  "/plus%2B%26%3D.txt",
  "/empty.txt",
  "/data.unknown-type",
  "/noextension",
  "/dir",
  "/dir?query=/x",
  "/dir/",
  "/dir/?query",
  "/dir/index.html",
  "/dir/sub",
  "/dir/sub/b.txt",
  "/noindex",
  "/noindex/",
  "/missing",
  "/missing.txt",
  "/missing/",
  "/missing/x",
  "/a.txt/",
  "/a.txt/x",
  "/A.TXT",
  "/a.txt%20",
  "/a.txt%00",
  "/%",
  "/%zz",
  "/%2",
  "/.env",
  "/%2eenv",
  "/dir/.hidden",
  "/.well-known/security.txt",
  "/..",
  "/../a.txt",
  "/dir/../a.txt",
  "/./a.txt",
  "/dir/./index.html",
  "/%2e%2e/a.txt",
  "/dir/%2e%2e/a.txt",
  "//a.txt",
  "/dir//index.html",
  "//dir",
  "/dir%2Findex.html",
  "/dir%5Cindex.html",
  "/inside.txt",
  "/inside-dir/b.txt",
  "/outside.txt",
  "/page.css",
  "/page.css.gz",
];

const METHODS = [
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "FOO",
];

const ENCODINGS = [
  "gzip",
  "gzip;q=0.5",
  "gzip;q=0",
  "identity",
  "br",
  "br, gzip",
  "*",
  "GZIP",
  "x-gzip",
  "gzip;q=0, *",
];

function of(
  target: string,
  ...fields: (readonly [string, string])[]
): Case {
  return { method: "GET", target, fields };
}

function conditions(): Case[] {
  const cases: Case[] = [];
  for (const tag of TAGS) {
    cases.push(of("/a.txt", ["If-None-Match", tag]));
    cases.push(of("/a.txt", ["If-Match", tag]));
  }
  for (const date of DATES) {
    cases.push(of("/a.txt", ["If-Modified-Since", date]));
    cases.push(of("/a.txt", ["If-Unmodified-Since", date]));
  }
  for (const tag of ["{tag}", '"other"']) {
    for (const date of [SAME, BEFORE, AFTER]) {
      cases.push(
        of("/a.txt", ["If-None-Match", tag], ["If-Modified-Since", date]),
        of("/a.txt", ["If-Match", tag], ["If-Unmodified-Since", date]),
      );
    }
    for (const other of ["{tag}", '"other"']) {
      cases.push(of("/a.txt", ["If-Match", tag], ["If-None-Match", other]));
    }
  }
  for (const date of [SAME, BEFORE]) {
    cases.push(
      of("/a.txt", ["If-Unmodified-Since", date], ["If-Modified-Since", date]),
      of("/a.txt", ["If-Unmodified-Since", date], ["If-None-Match", "{tag}"]),
    );
  }
  for (const target of ["/missing", "/dir", "/dir/", "/page.css"]) {
    cases.push(
      of(target, ["If-None-Match", "*"]),
      of(target, ["If-Match", '"other"']),
      of(target, ["If-Modified-Since", AFTER]),
    );
  }
  return cases;
}

function ranges(): Case[] {
  const cases = RANGES.map((range) => of("/a.txt", ["Range", range]));
  for (const range of ["bytes=0-9", "bytes=-1", "bytes=5-"]) {
    cases.push(of("/empty.txt", ["Range", range]));
    cases.push(of("/one.txt", ["Range", range]));
    cases.push(of("/dir/", ["Range", range]));
    cases.push(of("/missing", ["Range", range]));
  }
  const validators = [
    "{tag}",
    "W/{tag}",
    '"other"',
    SAME,
    BEFORE,
    AFTER,
    NEVER,
    "unquoted",
  ];
  for (const validator of validators) {
    for (const range of ["bytes=0-9", "bytes=9999-"]) {
      cases.push(of("/a.txt", ["Range", range], ["If-Range", validator]));
    }
  }
  cases.push(
    of("/a.txt", ["If-Range", SAME]),
    of("/a.txt", ["Range", "bytes=0-9"], ["If-None-Match", "{tag}"]),
    of("/a.txt", ["Range", "bytes=0-9"], ["If-None-Match", '"other"']),
    of("/a.txt", ["Range", "bytes=0-9"], ["If-Match", '"other"']),
    of("/a.txt", ["Range", "bytes=9999-"], ["If-Modified-Since", SAME]),
    of("/a.txt", ["Range", "bytes=9999-"], ["If-Unmodified-Since", BEFORE]),
    of("/page.css", ["Range", "bytes=0-9"], ["Accept-Encoding", "gzip"]),
    of("/page.css", ["Range", "bytes=40-"], ["Accept-Encoding", "gzip"]),
    of("/page.css", ["Range", "bytes=900-"], ["Accept-Encoding", "gzip"]),
  );
  return cases;
}

function encodings(): Case[] {
  const cases: Case[] = [];
  for (const encoding of ENCODINGS) {
    cases.push(of("/page.css", ["Accept-Encoding", encoding]));
  }
  cases.push(
    of("/a.txt", ["Accept-Encoding", "gzip"]),
    of("/page.css.gz", ["Accept-Encoding", "gzip"]),
    of("/page.css", ["Accept-Encoding", "gzip"], ["If-None-Match", "{tag}"]),
    of("/page.css", ["Accept-Encoding", "gzip"], ["If-Modified-Since", SAME]),
  );
  return cases;
}

/** All requests. */
export function cases(): Case[] {
  const plain = TARGETS.map((target) => of(target));
  const methods = METHODS.flatMap((method) =>
    ["/a.txt", "/missing", "/dir", "/dir/"].map((target) => ({
      ...of(target),
      method,
    }))
  );
  const read = [...conditions(), ...ranges(), ...encodings()];
  // Every fourth by HEAD too: all of its fields are those of GET.
  const heads = read.filter((_, at) => at % 4 === 0)
    .map((one) => ({ ...one, method: "HEAD" }));
  return [...plain, ...methods, ...read, ...heads];
}

/** A request as text, with the tag in its place. */
export function requestText(
  { method, target, fields }: Case,
  tag: string,
): string {
  const lines = fields.map(([name, value]) =>
    `${name}: ${
      // The tag may be weak already.
      value.replace("W/{tag}", `W/${tag.replace("W/", "")}`)
        .replace("{tag}", tag)}\r\n`
  );
  const body = /^P/.test(method) ? "Content-Length: 0\r\n" : "";
  return `${method} ${target} HTTP/1.1\r\nHost: a.example\r\n${body}${
    lines.join("")
  }\r\n`;
}
