import { assertEquals, assertThrows } from "@std/assert";
import {
  joinPattern,
  joinPrefix,
  parsePattern,
  parsePrefix,
  ROOT,
  shapeOf,
} from "../../../src/routing/pattern.ts";

function shapes(source: string): string[] {
  return parsePattern(source).variants.map(shapeOf);
}

function names(source: string): string[] {
  const { variants } = parsePattern(source);
  return variants[variants.length - 1].flatMap((segment) =>
    segment.kind === "static" ? [] : [segment.name]
  );
}

Deno.test("parsePattern() reads the segments of every kind", () => {
  const cases: [source: string, shapes: string[], names: string[]][] = [
    ["/", ["/"], []],
    ["/a", ["/a"], []],
    ["/a/", ["/a/"], []],
    ["/a//b", ["/a//b"], []],
    ["/v1:batch", ["/v1:batch"], []],
    ["/Foo_(bar)", ["/Foo_(bar)"], []],
    ["/100%", ["/100%"], []],
    ["/é b", ["/é b"], []],
    ["/:id", ["/:"], ["id"]],
    ["/:größe/:$x", ["/:/:"], ["größe", "$x"]],
    ["/:__proto__", ["/:"], ["__proto__"]],
    ["/:id(\\d+)", ["/:^(?:\\d+)$"], ["id"]],
    ["/:id(a|(b(c)))/x", ["/:^(?:a|(b(c)))$/x"], ["id"]],
    ["/:id([^/)(]+)/:x", ["/:^(?:[^/)(]+)$/:"], ["id", "x"]],
    ["/:id(\\(\\[)", ["/:^(?:\\(\\[)$"], ["id"]],
    ["/a/:b?", ["/a", "/a/:"], ["b"]],
    ["/a/:b?/:c?", ["/a", "/a/:", "/a/:/:"], ["b", "c"]],
    ["/a/:b(x)?", ["/a", "/a/:^(?:x)$"], ["b"]],
    ["/:a?", ["/", "/:"], ["a"]],
    ["/*", ["/*"], [""]],
    ["/a/*rest", ["/a/*"], ["rest"]],
    ["/:a/*rest", ["/:/*"], ["a", "rest"]],
  ];
  for (const [source, expected, expectedNames] of cases) {
    assertEquals(shapes(source), expected, source);
    assertEquals(names(source), expectedNames, source);
  }
});

Deno.test("parsePattern() tells what is wrong, where, and how to mend it", () => {
  const cases: [source: string, message: string][] = [
    ["", 'the pattern "": no slash at index 0: write "/"'],
    ["users", 'the pattern "users": no slash at index 0: write "/users"'],
    ["*", 'no slash at index 0: write "/*"'],
    ["/a/:", 'a parameter without a name at index 3: write ":name"'],
    ["/:/b", "a parameter without a name at index 1"],
    ["/:1", "a parameter without a name at index 1"],
    ["/:(x)", "a parameter without a name at index 1"],
    ["/:a/:b/:a", 'the name "a" used twice at index 7: give each'],
    ["/:a/*a", 'the name "a" used twice at index 4'],
    ["/:a.json", '"." at index 3: a parameter is a whole segment'],
    ["/:user-id", '"-" at index 6: a parameter is a whole segment'],
    ["/:a*", '"*" at index 3: a parameter is a whole segment'],
    ["/:a(x)(y)", '"(" at index 6: a parameter is a whole segment'],
    ["/:a(x", 'a "(" without its ")" at index 3: close it'],
    ["/:a([)]", 'a "(" without its ")" at index 3'],
    ["/:a()", "an empty regex at index 3"],
    ["/:a([z-a])", "a bad regex at index 4: Invalid regular expression"],
    ["/:a(+)", "a bad regex at index 4: Invalid regular expression"],
    [
      "/*rest/a",
      'text behind a wildcard at index 6: let the pattern end with "*rest"',
    ],
    [
      "/*/a",
      'text behind a wildcard at index 2: let the pattern end with "*rest"',
    ],
    ["/*rest?", "text behind a wildcard at index 6"],
    ["/*.js", "text behind a wildcard at index 2"],
    ["/a*", '"*" at index 2: a wildcard is a whole segment'],
    ["/:a?/b", "a segment behind an optional parameter at index 5"],
    ["/:a?/*b", "a segment behind an optional parameter at index 5"],
    [
      "/:a?/:b",
      'the required parameter "b" behind an optional one at index 7: write ":b?"',
    ],
    ["/a?b=:c", '"?" at index 2: a pattern matches the path alone'],
    ["/a#b", '"#" at index 2: a pattern matches the path alone'],
    ["/users/{id}", '"{" at index 7: write a parameter as ":name"'],
    ["/a%20b", '"%20" at index 2: write it decoded: "a b"'],
  ];
  for (const [source, message] of cases) {
    assertThrows(() => parsePattern(source), SyntaxError, message);
  }
  assertThrows(
    () => parsePattern(/a/ as unknown as string),
    TypeError,
    "Cannot read a RegExp as a pattern: pass a string",
  );
});

Deno.test("parsePrefix() drops the slash at the end", () => {
  const cases: [source: string, normal: string, count: number][] = [
    ["/", "", 0],
    ["/a", "/a", 1],
    ["/a/", "/a", 1],
    ["/:a/b", "/:a/b", 2],
  ];
  for (const [source, normal, count] of cases) {
    const prefix = parsePrefix(source);
    assertEquals(prefix.source, normal);
    assertEquals(prefix.segments.length, count);
  }
});

Deno.test("parsePrefix() refuses what does not cover all below it", () => {
  for (const source of ["/a/*", "/a/*rest", "/a/:b?", "/:a?"]) {
    assertThrows(
      () => parsePrefix(source),
      SyntaxError,
      `Cannot use the prefix "${source}": a prefix covers all paths below it`,
    );
  }
  assertThrows(() => parsePrefix("api"), SyntaxError, 'write "/api"');
});

Deno.test("joinPattern() puts a pattern under a prefix", () => {
  const cases: [
    prefix: string,
    pattern: string,
    source: string,
    shapes: string[],
  ][] = [
    ["/", "/a", "/a", ["/a"]],
    ["/", "/", "/", ["/"]],
    ["/a", "/", "/a", ["/a"]],
    ["/a/", "/b/", "/a/b/", ["/a/b/"]],
    ["/a", "/*r", "/a/*r", ["/a/*"]],
    ["/:a", "/:b?", "/:a/:b?", ["/:", "/:/:"]],
  ];
  for (const [prefix, pattern, source, expected] of cases) {
    const joined = joinPattern(parsePrefix(prefix), parsePattern(pattern));
    assertEquals(joined.source, source);
    assertEquals(joined.variants.map(shapeOf), expected);
  }
});

Deno.test("joinPattern() refuses a name used twice", () => {
  assertThrows(
    () => joinPattern(parsePrefix("/:id"), parsePattern("/x/:id")),
    SyntaxError,
    'Cannot mount to "/:id/x/:id": the name "id" is used twice',
  );
});

Deno.test("joinPrefix() puts a prefix under another", () => {
  const joined = joinPrefix(parsePrefix("/:id"), parsePrefix("/x/:id"));
  assertEquals(joined.source, "/:id/x/:id");
  assertEquals(joined.segments.length, 3);
  assertEquals(joinPrefix(ROOT, parsePrefix("/:id")).source, "/:id");
});
