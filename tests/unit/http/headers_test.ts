import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import {
  addMissing,
  fieldLines,
  fieldValue,
  HeaderList,
  HeaderSection,
  type HeadersLike,
  readFieldLines,
} from "../../../src/http/headers.ts";

Deno.test("HeaderList takes a record, pairs, Headers and another list", () => {
  const pairs: [string, string][] = [["Content-Type", "text/plain"], [
    "X-A",
    "1",
  ]];
  const inits: HeadersLike[] = [
    { "Content-Type": "text/plain", "X-A": 1 },
    pairs,
    new Map(pairs),
    new Headers(pairs),
    new HeaderList(pairs),
  ];
  for (const init of inits) {
    assertEquals([...new HeaderList(init)], [
      ["content-type", "text/plain"],
      ["x-a", "1"],
    ]);
  }
});

Deno.test("HeaderList makes a line of each member of a record's array", () => {
  const headers = new HeaderList({ "Set-Cookie": ["a=1", "b=2"], "Vary": [] });
  assertEquals(headers.getAll("set-cookie"), ["a=1", "b=2"]);
  assertFalse(headers.has("vary"));
});

Deno.test("HeaderList leaves out what is undefined in a record", () => {
  const record = { "x-a": undefined } as unknown as Record<string, string>;
  assertEquals(new HeaderList(record).size, 0);
});

Deno.test("HeaderList keeps each Set-Cookie of Headers apart", () => {
  const web = new Headers();
  web.append("set-cookie", "a=1, still a");
  web.append("set-cookie", "b=2");
  assertEquals(new HeaderList(web).getSetCookie(), ["a=1, still a", "b=2"]);
});

Deno.test("HeaderList compares names without case", () => {
  const headers = new HeaderList({ "CoNtEnT-tYpE": "a/b" });
  assertEquals(headers.get("content-TYPE"), "a/b");
  assert(headers.has("CONTENT-TYPE"));
  assertEquals(headers.getAll("Content-Type"), ["a/b"]);
  assertFalse(headers.delete("CONTENT-type").has("content-type"));
});

Deno.test("HeaderList keeps the case of names for the wire", () => {
  const headers = new HeaderList({ "x-ONE": "1" }).append("X-Two", "2");
  assertEquals(headers.lines.names, ["x-ONE", "X-Two"]);
  headers.set("X-One", "3");
  assertEquals(headers.lines.names, ["X-One", "X-Two"]);
});

Deno.test("HeaderList.get() joins repeats", () => {
  const cases: [name: string, expected: string][] = [
    ["accept", "a, b, a"],
    ["cookie", "a; b; a"],
    ["set-cookie", "a, b, a"],
  ];
  for (const [name, expected] of cases) {
    const headers = new HeaderList({ [name]: ["a", "b", "a"], "x": "y" });
    assertEquals(headers.get(name), expected);
  }
});

Deno.test("HeaderList.get() tells an empty field from a missing one", () => {
  const headers = new HeaderList({ "x-empty": "" });
  assertEquals(headers.get("x-empty"), "");
  assertEquals(headers.get("x-missing"), null);
});

Deno.test("HeaderList.entries() joins repeats in the place of the first", () => {
  const headers = new HeaderList([
    ["Vary", "A"],
    ["Set-Cookie", "a=1"],
    ["X", "1"],
    ["vary", "B"],
    ["set-cookie", "b=2"],
  ]);
  const expected: [string, string][] = [
    ["vary", "A, B"],
    ["set-cookie", "a=1"],
    ["x", "1"],
    ["set-cookie", "b=2"],
  ];
  assertEquals([...headers], expected);
  assertEquals([...headers.keys()], expected.map(([name]) => name));
  assertEquals([...headers.values()], expected.map(([, value]) => value));
  const visited: [string, string][] = [];
  headers.forEach((value, name) => visited.push([name, value]));
  assertEquals(visited, expected);
});

Deno.test("HeaderList.set() replaces all lines in the place of the first", () => {
  const headers = new HeaderList([
    ["A", "1"],
    ["B", "2"],
    ["a", "3"],
    ["C", "4"],
    ["a", "5"],
  ]);
  headers.set("a", "6");
  assertEquals(headers.lines.names, ["a", "B", "C"]);
  assertEquals(headers.lines.keys, ["a", "b", "c"]);
  assertEquals(headers.lines.values, ["6", "2", "4"]);
});

Deno.test("HeaderList.delete() removes all lines and minds no missing name", () => {
  const headers = new HeaderList([["A", "1"], ["B", "2"], ["a", "3"]]);
  headers.delete("a").delete("x");
  assertEquals([...headers], [["b", "2"]]);
});

const BAD_VALUES = [
  "a\r\nSet-Cookie: b=c",
  "a\nb",
  "a\rb",
  "\r\n",
  "a\0b",
  "a\x7fb",
  "a\x1bb",
  "a\x0bb",
  "ā",
  "a\u560d\u560ab", // Their low bytes are CR and LF.
  "\ud83d\ude00",
];

Deno.test("HeaderList refuses a value that could split the message", () => {
  const headers = new HeaderList({ "x-a": "1" });
  for (const value of BAD_VALUES) {
    assertThrows(() => headers.set("x-a", value), TypeError, '"x-a"');
    assertThrows(() => headers.append("x-a", value), TypeError, "control");
    assertThrows(() => new HeaderList({ "x-a": value }), TypeError);
    assertThrows(() => new HeaderList([["x-a", value]]), TypeError);
    assertThrows(() => new HeaderList({ "x-a": ["1", value] }), TypeError);
  }
  assertEquals([...headers], [["x-a", "1"]]);
});

Deno.test("HeaderList refuses a name that is not a token", () => {
  const names = ["", " ", "a b", "a:", "a\r\nb", "a\n", "ä", "a\0", "(a)"];
  const headers = new HeaderList();
  for (const name of names) {
    assertThrows(() => headers.set(name, "1"), TypeError, JSON.stringify(name));
    assertThrows(() => headers.append(name, "1"), TypeError, "token");
    assertThrows(() => new HeaderList({ [name]: "1" }), TypeError);
  }
  assertEquals(headers.size, 0);
});

Deno.test("HeaderList takes inner white space and latin1 and trims the ends", () => {
  const cases: [given: string, kept: string][] = [
    ["a b\tc", "a b\tc"],
    [" \ta\t ", "a"],
    ["   ", ""],
    ["caf\xe9", "caf\xe9"],
    ["\xa0a\xa0", "\xa0a\xa0"],
  ];
  for (const [given, kept] of cases) {
    assertEquals(new HeaderList({ x: given }).get("x"), kept);
    assertEquals(new HeaderList().set("x", given).get("x"), kept);
  }
});

Deno.test("HeaderList copies shared lines before it changes them", () => {
  const lines = fieldLines(["Content-Type", "text/plain"]);
  const changes: ((headers: HeaderList) => void)[] = [
    (headers) => headers.set("content-type", "a/b"),
    (headers) => headers.append("x", "1"),
    (headers) => headers.delete("content-type"),
  ];
  for (const change of changes) {
    const headers = HeaderList.from(lines);
    assert(headers.lines === lines, "the encoder knows them by identity");
    change(headers);
    assert(headers.lines !== lines);
    assertFalse(headers.lines.constant);
    assertEquals(lines, {
      names: ["Content-Type"],
      keys: ["content-type"],
      values: ["text/plain"],
      constant: true,
    });
  }
});

Deno.test("HeaderList keeps shared lines when nothing is deleted", () => {
  const lines = fieldLines(["A", "1"]);
  assert(HeaderList.from(lines).delete("b").lines === lines);
});

Deno.test("HeaderList made from another is not changed with it, nor it with that", () => {
  const first = new HeaderList({ a: "1" });
  const second = new HeaderList(first);
  first.set("a", "2");
  second.append("b", "3");
  const third = new HeaderList(second).delete("a");
  assertEquals([...first], [["a", "2"]]);
  assertEquals([...second], [["a", "1"], ["b", "3"]]);
  assertEquals([...third], [["b", "3"]]);
});

Deno.test("HeaderList never hands out lines of its own as constant", () => {
  const first = new HeaderList({ a: "1" });
  assertFalse(new HeaderList(first).lines.constant);
});

Deno.test("HeaderList.toWeb() gives Headers with the same fields", () => {
  const headers = new HeaderList([
    ["Vary", "A"],
    ["Set-Cookie", "a=1"],
    ["Vary", "B"],
    ["Set-Cookie", "b=2"],
  ]).toWeb();
  assertEquals(headers.get("vary"), "A, B");
  assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
});

Deno.test("readFieldLines() reads names, keys and trimmed values from an offset", () => {
  const start = "GET / HTTP/1.1\r\n";
  const text = `${start}Host: a\r\nX-Empty:\r\nX-Space: \t b c \t\r\n` +
    "X-Colon:a:b\r\nhost:c\r\n\r\nbody: no\r\n";
  assertEquals(readFieldLines(text, start.length), {
    names: ["Host", "X-Empty", "X-Space", "X-Colon", "host"],
    keys: ["host", "x-empty", "x-space", "x-colon", "host"],
    values: ["a", "", "b c", "a:b", "c"],
    constant: false,
  });
});

Deno.test("readFieldLines() reads an empty section", () => {
  for (const text of ["", "\r\n"]) {
    assertEquals(readFieldLines(text).names, [], JSON.stringify(text));
  }
});

Deno.test("fieldValue() joins like HeaderList.get()", () => {
  const lines = fieldLines(["Cookie", "a=1"], ["X", "1"], ["cookie", "b=2"]);
  assertEquals(fieldValue(lines, "cookie"), "a=1; b=2");
  assertEquals(fieldValue(lines, "x"), "1");
  assertEquals(fieldValue(lines, "y"), null);
});

Deno.test("HeaderSection reads its lines once", () => {
  const section = new HeaderSection("A: 1\r\n");
  assert(section.lines === section.lines);
  assertEquals(section.lines.values, ["1"]);
  const lines = fieldLines(["B", "2"]);
  assert(HeaderSection.of(lines).lines === lines);
});

Deno.test("addMissing() adds the fields that are not there, to this list alone", () => {
  const { lines } = new HeaderList([["X-A", "1"], ["X-B", "2"]]);
  const list = new HeaderList({ "x-a": "own" });
  const copy = new HeaderList(list);
  addMissing(list, lines);
  assertEquals([...list], [["x-a", "own"], ["x-b", "2"]]);
  assertEquals([...copy], [["x-a", "own"]]);
  list.set("X-B", "3");
  assertEquals([...HeaderList.from(lines)], [["x-a", "1"], ["x-b", "2"]]);
});
