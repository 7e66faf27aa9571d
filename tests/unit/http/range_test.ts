import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type ByteRange,
  formatContentRange,
  formatUnsatisfiedRange,
  parseRange,
} from "../../../src/http/range.ts";
import { Prng } from "../grammar/prng.ts";

const UNSATISFIABLE = "unsatisfiable";
const IGNORE = "ignore";

function ranges(...pairs: [number, number][]): ByteRange[] {
  return pairs.map(([start, end]) => ({ start, end }));
}

Deno.test("parseRange() reads one range", () => {
  const cases: [string, ReturnType<typeof parseRange>][] = [
    ["bytes=0-0", ranges([0, 0])],
    ["bytes=2-4", ranges([2, 4])],
    ["bytes=0-9", ranges([0, 9])],
    ["bytes=5-", ranges([5, 9])],
    ["bytes=5-100", ranges([5, 9])],
    ["bytes=-3", ranges([7, 9])],
    ["bytes=-10", ranges([0, 9])],
    ["bytes=-11", ranges([0, 9])],
    ["BYTES=0-1", ranges([0, 1])],
    ["bytes=000-0001", ranges([0, 1])],
    ["bytes=9-9", ranges([9, 9])],
    ["bytes=10-10", UNSATISFIABLE],
    ["bytes=10-", UNSATISFIABLE],
    ["bytes=-0", UNSATISFIABLE],
    ["bytes=9007199254740993-", UNSATISFIABLE],
    ["bytes=0-9007199254740993", ranges([0, 9])],
    [`bytes=1-${"9".repeat(400)}`, ranges([1, 9])],
    [`bytes=-${"9".repeat(400)}`, ranges([0, 9])],
    [`bytes=${"9".repeat(400)}-`, UNSATISFIABLE],
  ];
  for (const [header, result] of cases) {
    assertEquals(parseRange(header, 10), result, header);
  }
});

Deno.test("parseRange() ignores another unit and what is malformed", () => {
  const cases = [
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes= ",
    "bytes=-",
    "bytes=a",
    "bytes=0",
    "bytes=abc-xyz",
    "bytes=4-2",
    "bytes=0-1,4-2",
    "bytes=0-1,a",
    "bytes=0-1-2",
    "bytes=--1",
    "bytes=+0-1",
    "bytes=0x0-1",
    "bytes=0.5-1",
    "bytes=0 -1",
    "bytes=0- 1",
    "bytes=\u0660-1",
    "bytes =0-1",
    " bytes=0-1",
    "bytes:0-1",
    "lines=0-1",
    "bytesx=0-1",
    "bytes=0-1;2-3",
    "bytes=0-1\n",
  ];
  for (const header of cases) {
    assertEquals(parseRange(header, 10), IGNORE, JSON.stringify(header));
  }
});

Deno.test("parseRange() keeps several ranges in order and joins those that touch", () => {
  const cases: [string, ReturnType<typeof parseRange>][] = [
    ["bytes=0-1,4-5", ranges([0, 1], [4, 5])],
    ["bytes=4-5,0-1", ranges([4, 5], [0, 1])],
    ["bytes=0-1, ,\t-1,", ranges([0, 1], [9, 9])],
    ["bytes=0-1,2-3", ranges([0, 3])],
    ["bytes=2-3,0-1", ranges([0, 3])],
    ["bytes=0-5,3-4", ranges([0, 5])],
    ["bytes=0-4,2-7", ranges([0, 7])],
    ["bytes=0-,0-,0-", ranges([0, 9])],
    ["bytes=8-9,0-1,4-5,1-4", ranges([8, 9], [0, 5])],
    ["bytes=0-0,9-9,4-4,1-3", ranges([0, 4], [9, 9])],
    ["bytes=0-1,20-30", ranges([0, 1])],
    ["bytes=20-30,0-1,-0", ranges([0, 1])],
    ["bytes=20-30,10-,-0", UNSATISFIABLE],
  ];
  for (const [header, result] of cases) {
    assertEquals(parseRange(header, 10), result, header);
  }
});

Deno.test("parseRange() ignores the field when it names too many ranges", () => {
  const eight = "bytes=" + [0, 2, 4, 6, 8, 10, 12, 14].map((n) => `${n}-${n}`);
  const result = parseRange(eight, 20);
  assert(Array.isArray(result));
  assertEquals(result.length, 8);
  assertEquals(parseRange(`${eight},16-16`, 20), IGNORE);
  assertEquals(parseRange(`${eight},,`, 20).length, 8);
  assertEquals(parseRange("bytes=0-0,2-2", 9, { maxRanges: 1 }), IGNORE);
  assertEquals(parseRange("bytes=0-0", 9, { maxRanges: 1 }), ranges([0, 0]));
});

Deno.test("parseRange() answers for an empty representation", () => {
  assertEquals(parseRange("bytes=0-", 0), UNSATISFIABLE);
  assertEquals(parseRange("bytes=0-0", 0), UNSATISFIABLE);
  assertEquals(parseRange("bytes=-0", 0), UNSATISFIABLE);
  assertEquals(parseRange("bytes=-5", 0), IGNORE);
  assertEquals(parseRange("bytes=0-,-5", 0), IGNORE);
});

Deno.test("parseRange() takes the largest sizes", () => {
  const size = Number.MAX_SAFE_INTEGER;
  assertEquals(parseRange("bytes=0-", size), ranges([0, size - 1]));
  assertEquals(parseRange("bytes=-1", size), ranges([size - 1, size - 1]));
  assertEquals(
    parseRange("bytes=9007199254740990-", size),
    ranges([size - 1, size - 1]),
  );
});

Deno.test("parseRange() throws when a bound is out of bounds", () => {
  for (const size of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => parseRange("bytes=0-", size), RangeError, `"${size}"`);
  }
  for (const maxRanges of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => parseRange("bytes=0-", 10, { maxRanges }),
      RangeError,
      `"${maxRanges}"`,
    );
  }
});

Deno.test("parseRange() covers exactly the bytes that were asked for", () => {
  const random = new Prng(9);
  for (let run = 0; run < 3000; run++) {
    const size = random.integer(1, 30);
    const wanted = new Set<number>();
    const specs = Array.from({ length: random.integer(1, 8) }, () => {
      const first = random.integer(0, 35);
      const last = first + random.integer(0, 10);
      const form = random.integer(0, 2);
      for (let at = 0; at < size; at++) {
        const isAsked = form === 0
          ? at >= first && at <= last
          : form === 1
          ? at >= first
          : at >= size - first;
        if (isAsked) wanted.add(at);
      }
      return [`${first}-${last}`, `${first}-`, `-${first}`][form];
    });
    const result = parseRange(`bytes=${specs}`, size);
    const got: number[] = [];
    assertEquals(result === UNSATISFIABLE, wanted.size === 0, `${specs}`);
    for (const { start, end } of Array.isArray(result) ? result : []) {
      for (let at = start; at <= end; at++) got.push(at);
    }
    const ordered = got.toSorted((a, b) => a - b);
    assertEquals(ordered, [...wanted].toSorted((a, b) => a - b), `${specs}`);
  }
});

Deno.test("parseRange() takes linear time when the header is hostile", () => {
  const start = performance.now();
  const many = "0-,".repeat(300_000);
  assertEquals(parseRange(`bytes=${many}`, 10), IGNORE);
  assertEquals(
    parseRange(`bytes=${many}`, 10, { maxRanges: 1_000_000 }),
    ranges([0, 9]),
  );
  const apart = Array.from({ length: 100_000 }, (_, n) => `${2 * n}-${2 * n}`);
  const result = parseRange(`bytes=${apart.reverse()}`, 1e6, {
    maxRanges: 1_000_000,
  });
  assertEquals(result.length, apart.length);
  parseRange(`bytes=${",".repeat(1_000_000)}`, 10);
  parseRange(`bytes=${"1".repeat(1_000_000)}`, 10);
  parseRange(`bytes=${" ".repeat(1_000_000)}x`, 10);
  assert(performance.now() - start < 5000);
});

Deno.test("formatContentRange() writes the range within the whole", () => {
  assertEquals(formatContentRange({ start: 0, end: 0 }, 1), "bytes 0-0/1");
  assertEquals(formatContentRange({ start: 5, end: 9 }, 10), "bytes 5-9/10");
});

Deno.test("formatContentRange() throws when the range is not within the whole", () => {
  const cases = ranges([-1, 2], [3, 2], [0, 10], [NaN, 1], [0, NaN]);
  for (const range of cases) {
    assertThrows(
      () => formatContentRange(range, 10),
      RangeError,
      `"${range.start}-${range.end}"`,
    );
  }
});

Deno.test("formatUnsatisfiedRange() writes the size alone", () => {
  assertEquals(formatUnsatisfiedRange(0), "bytes */0");
  assertEquals(formatUnsatisfiedRange(10), "bytes */10");
});
