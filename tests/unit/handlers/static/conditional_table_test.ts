/** All combinations of the conditional fields and Range, against what RFC 9110
 * says, written down once more as plainly as possible. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { formatHttpDate } from "../../../../src/grammar/dates.ts";
import { memorySource } from "../../../../src/handlers/static/mod.ts";
import type { HttpResponse } from "../../../../src/http/response.ts";
import { type Ask, askOf } from "./site.ts";

const CONTENT = "0123456789";
const CHANGED = Date.UTC(2024, 4, 1, 12);
const DATES: Record<string, string> = {
  before: formatHttpDate(CHANGED - 1000),
  same: formatHttpDate(CHANGED),
  after: formatHttpDate(CHANGED + 1000),
  invalid: "yesterday",
};
const RANGES: Record<string, string> = {
  good: "bytes=2-5",
  beyond: "bytes=10-",
  malformed: "bytes=5-2",
};

/** What a request says; each name stands for a value, `none` for no field. */
interface Case {
  method: "GET" | "HEAD";
  ifMatch: string;
  ifNoneMatch: string;
  ifModifiedSince: string;
  ifUnmodifiedSince: string;
  ifRange: string;
  range: string;
}

const DIMENSIONS: { [Key in keyof Case]: readonly Case[Key][] } = {
  method: ["GET", "HEAD"],
  ifMatch: ["none", "any", "tag", "weak", "other", "list"],
  ifNoneMatch: ["none", "any", "tag", "weak", "other", "list"],
  ifModifiedSince: ["none", "before", "same", "after", "invalid"],
  ifUnmodifiedSince: ["none", "before", "same", "after", "invalid"],
  ifRange: ["none", "tag", "weak", "other", "before", "same", "invalid"],
  range: ["none", "good", "beyond", "malformed"],
};

function* cases(): Generator<Case> {
  const names = Object.keys(DIMENSIONS) as (keyof Case)[];
  const counts = names.map((name) => DIMENSIONS[name].length);
  const total = counts.reduce((product, count) => product * count, 1);
  for (let number = 0; number < total; number++) {
    let rest = number;
    const made: Record<string, string> = {};
    for (const [at, name] of names.entries()) {
      made[name] = DIMENSIONS[name][rest % counts[at]];
      rest = Math.floor(rest / counts[at]);
    }
    yield made as unknown as Case;
  }
}

/** The values that the names of tags stand for. */
function tagValues(etag: string): Record<string, string> {
  const opaque = etag.replace(/^W\//, "");
  return {
    any: "*",
    tag: opaque,
    weak: `W/${opaque}`,
    other: '"other"',
    list: `"other", ${etag}`,
  };
}

function fieldsOf(one: Case, etag: string): Record<string, string> {
  const tags = tagValues(etag);
  const fields: [string, string | undefined][] = [
    ["if-match", tags[one.ifMatch]],
    ["if-none-match", tags[one.ifNoneMatch]],
    ["if-modified-since", DATES[one.ifModifiedSince]],
    ["if-unmodified-since", DATES[one.ifUnmodifiedSince]],
    ["if-range", tags[one.ifRange] ?? DATES[one.ifRange]],
    ["range", RANGES[one.range]],
  ];
  return Object.fromEntries(
    fields.filter((field): field is [string, string] => field[1] !== undefined),
  );
}

/** Whether If-Match is true: 13.1.1, by the strong comparison of 8.8.3.2. */
function matches(name: string, isStrong: boolean): boolean {
  if (name === "any") return true;
  return isStrong && (name === "tag" || name === "list");
}

/** Whether If-Range is true: 13.1.5; a tag by strong comparison, or the date. */
function rangeCounts(name: string, isStrong: boolean): boolean {
  return name === "none" || name === "same" || (name === "tag" && isStrong);
}

/** RFC 9110 13.2.2, step by step, for a file that exists. */
function expectedStatus(one: Case, isStrong: boolean): number {
  // 1 and 2
  if (one.ifMatch !== "none") {
    if (!matches(one.ifMatch, isStrong)) return 412;
  } else if (one.ifUnmodifiedSince === "before") return 412;
  // 3 and 4; If-None-Match by the weak comparison
  if (one.ifNoneMatch !== "none") {
    if (one.ifNoneMatch !== "other") return 304;
  } else if (["same", "after"].includes(one.ifModifiedSince)) return 304;
  // 5; Range has a meaning for GET alone (14.2)
  if (one.method === "GET" && rangeCounts(one.ifRange, isStrong)) {
    if (one.range === "good") return 206;
    if (one.range === "beyond") return 416;
  }
  return 200;
}

async function checkAnswer(one: Case, response: HttpResponse): Promise<void> {
  const what = JSON.stringify(one);
  const body = response.status === 412 || response.status === 416
    ? null
    : await response.text();
  const { status, headers } = response;
  if (status === 200 || status === 206) {
    const part = status === 206 ? CONTENT.slice(2, 6) : CONTENT;
    assertEquals(body, one.method === "HEAD" ? "" : part, what);
    assertEquals(headers.get("content-length"), `${part.length}`, what);
  }
  if (status === 304) {
    assertEquals(body, "", what);
    assertEquals(headers.get("content-type"), null, what);
  }
  const range = { 206: "bytes 2-5/10", 416: "bytes */10" }[status] ?? null;
  assertEquals(headers.get("content-range"), range, what);
  if (status < 400) {
    assert(headers.has("etag") && headers.has("last-modified"), what);
  }
}

async function checkAll(ask: Ask, etag: string): Promise<Map<number, number>> {
  const isStrong = !etag.startsWith("W/");
  const seen = new Map<number, number>();
  for (const one of cases()) {
    const headers = fieldsOf(one, etag);
    const response = await ask("/a.txt", { method: one.method, headers });
    const expected = expectedStatus(one, isStrong);
    assertEquals(response.status, expected, JSON.stringify(one));
    await checkAnswer(one, response);
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
  }
  return seen;
}

for (const etag of ["weak", "strong"] as const) {
  Deno.test(`staticFiles() answers all combinations of conditions and Range as RFC 9110 says, with ${etag} tags`, async () => {
    const source = memorySource({ "a.txt": CONTENT }, {
      modified: new Date(CHANGED),
    });
    const ask = askOf({ source, etag });
    const tag = (await ask("/a.txt")).header("etag") ?? "";
    assertEquals(tag.startsWith("W/"), etag === "weak");
    const seen = await checkAll(ask, tag);
    assertEquals([...seen.keys()].sort(), [200, 206, 304, 412, 416]);
    for (const count of seen.values()) assertGreater(count, 100);
  });
}
