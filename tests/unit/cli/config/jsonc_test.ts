import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JsoncError, parseJsonc } from "../../../../src/cli/config/jsonc.ts";

/** Maps as objects, without the lines. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries(
    [...value].map(([name, member]) => [name, plain(member.value)]),
  );
}

Deno.test("parseJsonc() reads what JSON.parse() reads", () => {
  const texts = [
    "1",
    "-1.5e3",
    "true",
    "null",
    '""',
    '"a\\"b\\\\ // no comment /* none */ \\u00e9"',
    "[]",
    "{}",
    '[1, "a", [true, {"b": null}]]',
    '{"a": {"b": [1, 2]}, "": 0, "c d": "e"}',
    ' \t\r\n{\n"a"\n:\n1\n}\n',
  ];
  for (const text of texts) {
    assertEquals(plain(parseJsonc(text)), JSON.parse(text), text);
  }
});

Deno.test("parseJsonc() reads any JSON, with comments between its tokens", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const value = JSON.parse(text);
      assertEquals(plain(parseJsonc(text)), value);
      const spaced = JSON.stringify(value, null, "/* , } */ ");
      assertEquals(plain(parseJsonc(`// [\n${spaced}`)), value);
    }),
    { seed: 7, numRuns: 300 },
  );
});

Deno.test("parseJsonc() passes over comments and commas at the end", () => {
  const cases: [string, unknown][] = [
    ["// a\n1 // b", 1],
    ["/* a\n */ [1, /* b */ 2, ] // c", [1, 2]],
    ['{"a": 1, /**/ } // "', { a: 1 }],
    ['{"a": "//", // "b": 1\n"c": "/*"}', { a: "//", c: "/*" }],
    ["\uFEFF{}", {}],
  ];
  for (const [text, value] of cases) {
    assertEquals(plain(parseJsonc(text)), value, text);
  }
});

Deno.test("parseJsonc() tells the line of each name", () => {
  const text = `{ // 1
    "a": 1, /* 2
    3 */ "b": {
      "c": [

      ],
      "d": true,
    },
  }`;
  const root = parseJsonc(text) as Map<
    string,
    { value: unknown; line: number }
  >;
  const inner = root.get("b")?.value as Map<string, { line: number }>;
  assertEquals(
    [root.get("a"), root.get("b"), inner.get("c"), inner.get("d")]
      .map((member) => member?.line),
    [2, 3, 4, 7],
  );
});

Deno.test("parseJsonc() has no name that means the prototype", () => {
  const root = parseJsonc('{"__proto__": {"a": 1}}') as Map<string, unknown>;
  assertEquals([...root.keys()], ["__proto__"]);
});

Deno.test("parseJsonc() tells what is wrong and where", () => {
  const cases: [string, string, number][] = [
    ["", "expected a value, not the end", 1],
    ["\n\n{", "expected a quoted name, not the end", 3],
    ['{"a"\n1}', 'expected ":", not "1"', 2],
    ['{"a": 1\n"b": 2}', 'expected "," or "}", not "\\"b\\""', 2],
    ["{a: 1}", 'expected a quoted name, not "a"', 1],
    ["{'a': 1}", "expected a quoted name, not \"'a'\"", 1],
    ["[1\n2]", 'expected "," or "]", not "2"', 2],
    ["[,]", 'expected a value, not ","', 1],
    ["{} {}", 'expected the end, not "{"', 1],
    ["\nyes", 'expected a value, not "yes"', 2],
    ["01", 'expected a value, not "01"', 1],
    ['"a\nb"', 'expected a value, not "\\""', 1],
    ["/* a", 'expected a value, not "/"', 1],
    ['{"a": 1,\n"a": 2}', '"a" is there twice', 2],
    ["[".repeat(1000), "it is too deep", 1],
  ];
  for (const [text, message, line] of cases) {
    const error = assertThrows(() => parseJsonc(text), JsoncError);
    assertEquals([error.message, error.line], [message, line], text);
  }
});
