import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type EntityTag,
  fileEntityTag,
  formatEntityTag,
  matchesStrongly,
  matchesWeakly,
  parseEntityTag,
  parseEntityTagList,
} from "../../../src/http/etag.ts";
import { Prng } from "../grammar/prng.ts";

function strong(value: string): EntityTag {
  return { value, weak: false };
}

function weak(value: string): EntityTag {
  return { value, weak: true };
}

Deno.test("parseEntityTag() reads strong and weak tags", () => {
  const cases: [string, EntityTag | null][] = [
    ['"v1"', strong("v1")],
    ['""', strong("")],
    ['W/"v1"', weak("v1")],
    ['W/""', weak("")],
    ['"a,b"', strong("a,b")],
    ['"a\\"', strong("a\\")],
    ['"\u00e9"', strong("\u00e9")],
    ['"*"', strong("*")],
    ['"!#~"', strong("!#~")],
    ["", null],
    ["v1", null],
    ["*", null],
    ['"', null],
    ['"v1', null],
    ['v1"', null],
    ['w/"v1"', null],
    ['W"v1"', null],
    ['W/ "v1"', null],
    ["W/v1", null],
    ["W/", null],
    ['"a b"', null],
    ['"a"b"', null],
    ['"a" ', null],
    [' "a"', null],
    ['"a\tb"', null],
    ['"\x7f"', null],
    ['"\u0100"', null],
  ];
  for (const [text, tag] of cases) {
    assertEquals(parseEntityTag(text), tag, text);
  }
});

Deno.test("formatEntityTag() is read back by parseEntityTag()", () => {
  for (const tag of [strong("v1"), weak("v1"), strong(""), strong("\\,")]) {
    assertEquals(parseEntityTag(formatEntityTag(tag)), tag);
  }
});

Deno.test("formatEntityTag() throws when the value cannot be sent", () => {
  for (const value of ['a"b', "a b", "a\r\nb", "\x7f", "\u0100"]) {
    const shown = JSON.stringify(value);
    assertThrows(() => formatEntityTag(strong(value)), TypeError, shown);
  }
});

Deno.test("matchesStrongly() and matchesWeakly() compare as in RFC 9110 8.8.3.2", () => {
  const cases: [EntityTag, EntityTag, boolean, boolean][] = [
    [weak("1"), weak("1"), false, true],
    [weak("1"), weak("2"), false, false],
    [weak("1"), strong("1"), false, true],
    [strong("1"), weak("1"), false, true],
    [strong("1"), strong("1"), true, true],
    [strong("1"), strong("2"), false, false],
  ];
  for (const [a, b, strongly, weakly] of cases) {
    assertEquals(matchesStrongly(a, b), strongly);
    assertEquals(matchesWeakly(a, b), weakly);
  }
});

Deno.test("parseEntityTagList() reads tags and skips what is none", () => {
  const cases: [string, EntityTag[] | "*"][] = [
    ["*", "*"],
    [" *\t", "*"],
    ["", []],
    [",", []],
    ['"a"', [strong("a")]],
    ['"a","b" ,\tW/"c"', [strong("a"), strong("b"), weak("c")]],
    [', ,"a", ,', [strong("a")]],
    ['"a,b", "c"', [strong("a,b"), strong("c")]],
    ['"a\\", "b"', [strong("a\\"), strong("b")]],
    ['*, "a"', [strong("a")]],
    ['"*"', [strong("*")]],
    ["a", []],
    ['a, "b"', [strong("b")]],
    ['"a" "b", "c"', [strong("c")]],
    ['"a"b, "c"', [strong("c")]],
    ['w/"a", W/"b"', [weak("b")]],
    ['"a', []],
    ['"a b", "c"', [strong("c")]],
    ['W/, "c"', [strong("c")]],
  ];
  for (const [value, list] of cases) {
    assertEquals(parseEntityTagList(value), list, value);
  }
});

Deno.test("parseEntityTagList() gives back the tags that were joined", () => {
  const random = new Prng(8);
  for (let run = 0; run < 1000; run++) {
    const tags = Array.from({ length: random.integer(1, 5) }, () => ({
      value: random.text("ab,\\/W*\u00ff", 5),
      weak: random.next() < 0.5,
    }));
    const text = tags.map(formatEntityTag).join(random.pick([",", ", ", " ,"]));
    assertEquals(parseEntityTagList(text), tags, text);
  }
});

Deno.test("parseEntityTagList() takes linear time when the value is hostile", () => {
  const start = performance.now();
  for (const unit of ['"', ",", "W/", '"a",', '"a', "a", " ", '" ']) {
    parseEntityTagList(unit.repeat(500_000));
  }
  assert(performance.now() - start < 5000);
});

Deno.test("fileEntityTag() changes with the size and the time, and is weak", () => {
  const mtime = 1_700_000_000_123;
  assertEquals(fileEntityTag(1234, mtime), 'W/"4d2-18bcfe5687b"');
  assertEquals(fileEntityTag(1234, mtime + 0.5), fileEntityTag(1234, mtime));
  const tags = [
    fileEntityTag(0, 0),
    fileEntityTag(1, 0),
    fileEntityTag(0, 1),
    fileEntityTag(0, -1),
  ];
  assertEquals(new Set(tags).size, tags.length);
  for (const tag of tags) assert(parseEntityTag(tag)?.weak, tag);
});

Deno.test("fileEntityTag() throws when a number is missing", () => {
  assertThrows(() => fileEntityTag(NaN, 0), RangeError, '"NaN"');
  assertThrows(() => fileEntityTag(0, Infinity), RangeError, '"Infinity"');
});
