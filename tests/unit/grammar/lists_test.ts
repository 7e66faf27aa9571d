import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  formatParameters,
  parseParameters,
  quote,
  splitList,
  trimOws,
  unquote,
} from "../../../src/grammar/lists.ts";
import { Prng } from "./prng.ts";

const ANY_FIELD_TEXT = 'aB0-;,="\\ \t/*\u00a0\u00ff';

Deno.test("trimOws() takes off spaces and tabs only", () => {
  assertEquals(trimOws(" \t a b\t "), "a b");
  assertEquals(trimOws("\u00a0a\n"), "\u00a0a\n");
  assertEquals(trimOws(" \t "), "");
  assertEquals(trimOws(""), "");
});

Deno.test("splitList() splits at commas outside quoted strings", () => {
  const cases: [string, string[]][] = [
    ["", []],
    [" ", []],
    [",", []],
    [", ,\t,", []],
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    [" a , b\t", ["a", "b"]],
    [",a,,b,", ["a", "b"]],
    ["a b", ["a b"]],
    ['"a,b",c', ['"a,b"', "c"]],
    ['a;b="c,d" , e', ['a;b="c,d"', "e"]],
    [String.raw`"a\",b",c`, [String.raw`"a\",b"`, "c"]],
    [String.raw`"a\\",b`, [String.raw`"a\\"`, "b"]],
    [String.raw`a\,b`, ["a\\", "b"]],
    ['""', ['""']],
    ['"a,b', ['"a,b']],
    ['"a\\', ['"a\\']],
    ["\u00a0,a", ["\u00a0", "a"]],
  ];
  for (const [value, members] of cases) {
    assertEquals(splitList(value), members, value);
  }
});

Deno.test("splitList() gives back the members that were joined", () => {
  const random = new Prng(4);
  for (let run = 0; run < 1000; run++) {
    const members = Array.from(
      { length: random.integer(1, 6) },
      () => quote(random.text(ANY_FIELD_TEXT, 8)),
    );
    const separator = random.pick([",", ", ", " ,\t,"]);
    assertEquals(splitList(members.join(separator)), members);
  }
});

Deno.test("quote() escapes quotes and backslashes", () => {
  assertEquals(quote(""), '""');
  assertEquals(quote('a"b\\c'), String.raw`"a\"b\\c"`);
  assertEquals(quote("\t\u00ff"), '"\t\u00ff"');
});

Deno.test("quote() throws when the text cannot be sent", () => {
  for (const text of ["a\r\nb", "\0", "\x7f", "\u0100"]) {
    assertThrows(() => quote(text), TypeError, JSON.stringify(text));
  }
});

Deno.test("unquote() reads one quoted string and nothing else", () => {
  const cases: [string, string | null][] = [
    ['""', ""],
    ['"a b"', "a b"],
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`"\\"`, "\\"],
    [String.raw`"\a"`, "a"],
    [String.raw`"a\\\""`, 'a\\"'],
    ["", null],
    ['"', null],
    ["a", null],
    ['a"b"', null],
    ['"a"b', null],
    ['"a"b"', null],
    [String.raw`"a\"`, null],
    [String.raw`"\"`, null],
    [' "a"', null],
    ['"a\nb"', null],
    ['"a\\\nb"', null],
    ['"\u0100"', null],
  ];
  for (const [text, value] of cases) assertEquals(unquote(text), value, text);
});

Deno.test("unquote() reads back what quote() wrote", () => {
  const random = new Prng(5);
  for (let run = 0; run < 1000; run++) {
    const text = random.text(ANY_FIELD_TEXT, 12);
    assertEquals(unquote(quote(text)), text);
  }
});

Deno.test("parseParameters() reads names and values", () => {
  const cases: [string, Record<string, string>][] = [
    ["", {}],
    [";", {}],
    [" ; ;", {}],
    ["a=b", { a: "b" }],
    [";a=b", { a: "b" }],
    ["; A=B ;c=D;", { a: "B", c: "D" }],
    [';a="b;c=d"', { a: "b;c=d" }],
    [';a=""', { a: "" }],
    [String.raw`;a="\""`, { a: '"' }],
    [";a=1;A=2", { a: "1" }],
    [";__proto__=x", { ["__proto__"]: "x" }],
  ];
  for (const [text, parameters] of cases) {
    const expected = new Map(Object.entries(parameters));
    assertEquals(parseParameters(text), expected, text);
  }
});

Deno.test("parseParameters() gives null when a parameter is malformed", () => {
  const cases = [
    "a",
    ";a",
    ";a=",
    ";=b",
    ";a =b",
    ";a= b",
    ";a=b c",
    ";a=b=c",
    ';a="b',
    ';a="b"c',
    ";a=b/c",
    ';"a"=b',
    ";a=b;c",
  ];
  for (const text of cases) assertEquals(parseParameters(text), null, text);
});

Deno.test("formatParameters() is read back by parseParameters()", () => {
  const random = new Prng(6);
  for (let run = 0; run < 500; run++) {
    const parameters = new Map<string, string>();
    for (const name of ["a", "b-c", "__proto__"]) {
      parameters.set(name, random.text(ANY_FIELD_TEXT, 6));
    }
    const text = formatParameters(parameters);
    assertEquals(parseParameters(text), parameters, text);
  }
});

Deno.test("formatParameters() throws when a name or value cannot be sent", () => {
  const cases: [string, string][] = [
    ["", "x"],
    ["a b", "x"],
    ["a", "x\r\n"],
    ["a=b", "x"],
  ];
  for (const parameter of cases) {
    assertThrows(() => formatParameters([parameter]), TypeError, "Cannot");
  }
});

Deno.test("lists take linear time when the input is hostile", () => {
  const size = 1_000_000;
  const inputs = [
    ",".repeat(size),
    '"'.repeat(size),
    '"' + "\\".repeat(size),
    "a;".repeat(size / 2),
    '"' + '\\"'.repeat(size / 2) + '"',
    " ".repeat(size),
  ];
  for (const input of inputs) {
    const start = performance.now();
    splitList(input);
    parseParameters(input);
    unquote(input);
    // Quadratic time would be minutes.
    assert(performance.now() - start < 5000);
  }
});
