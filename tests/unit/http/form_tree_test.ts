import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { checkDepth, formTree } from "../../../src/http/form_tree.ts";

function tree(query: string, depth = 5): unknown {
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(query)) {
    form.append(name, value);
  }
  return plain(formTree(form, depth));
}

/** With prototypes, to be compared. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  assertEquals(Object.getPrototypeOf(value), null);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plain(inner)]),
  );
}

Deno.test("formTree() nests fields by the brackets in their names", () => {
  const cases: [query: string, expected: unknown][] = [
    ["", {}],
    ["a=1&b=", { a: "1", b: "" }],
    ["a=1&a=2&a=3", { a: ["1", "2", "3"] }],
    ["a[]=1", { a: ["1"] }],
    ["a[]=1&a[]=2", { a: ["1", "2"] }],
    ["a=1&a[]=2", { a: ["1", "2"] }],
    ["a[b]=1&a[c]=2", { a: { b: "1", c: "2" } }],
    ["a[b][c][]=1&a[b][c][]=2", { a: { b: { c: ["1", "2"] } } }],
    ["a[0]=1&a[1000000]=2", { a: { 0: "1", 1000000: "2" } }],
    ["a.b=1&a-b=2&a b=3", { "a.b": "1", "a-b": "2", "a b": "3" }],
    ["a[b=1&a]b=2&[a]=3&a[b]c=4&=5", {
      "a[b": "1",
      "a]b": "2",
      "[a]": "3",
      "a[b]c": "4",
      "": "5",
    }],
    ["toString=1&a[hasOwnProperty]=2", {
      toString: "1",
      a: { hasOwnProperty: "2" },
    }],
    ["constructor=1&a[prototype]=2", {
      constructor: "1",
      a: { prototype: "2" },
    }],
  ];
  for (const [query, expected] of cases) {
    assertEquals(tree(query), expected, query);
  }
});

Deno.test("formTree() answers 400 to what contradicts itself", () => {
  for (
    const query of [
      "a=1&a[b]=2",
      "a[b]=1&a=2",
      "a[]=1&a[b]=2",
      "a[b]=1&a[]=2",
      "a[][b]=1",
      "a[b][][c]=1",
      "a[][]=1",
    ]
  ) {
    const error = assertThrows(() => tree(query), HttpError, "contradicts");
    assertEquals(error.status, 400, query);
  }
});

Deno.test("formTree() answers 400 to names that poison prototypes", () => {
  for (
    const query of [
      "__proto__=1",
      "__proto__[admin]=1",
      "a[__proto__][admin]=1",
      "a[__proto__]=1",
      "constructor[prototype][admin]=1",
      "a[constructor][prototype][admin]=1",
    ]
  ) {
    const error = assertThrows(() => tree(query), HttpError, "has the field");
    assertEquals(error.status, 400, query);
  }
  assertFalse("admin" in {});
});

Deno.test("formTree() bounds the depth", () => {
  assertEquals(tree("a[b][c]=1", 2), { a: { b: { c: "1" } } });
  assertEquals(tree("a=1", 0), { a: "1" });
  for (const [query, depth] of [["a[b][c]=1", 1], ["a[b]=1", 0]] as const) {
    const error = assertThrows(() => tree(query, depth), HttpError, "deeper");
    assertEquals(error.status, 400);
  }
  const deep = `a${"[a]".repeat(50_000)}=1`;
  assertThrows(() => tree(deep), HttpError, "deeper than 5");
});

Deno.test("formTree() keeps files", () => {
  const form = new FormData();
  form.append("a[f]", new File(["x"], "f.txt"));
  form.append("a[g]", "1");
  const { a } = formTree(form, 1);
  const { f } = a as { f?: unknown };
  assertEquals(f instanceof File && f.name, "f.txt");
  form.append("a[f][x]", "1");
  assertThrows(() => formTree(form, 5), HttpError, "contradicts");
});

Deno.test("checkDepth() gives the default and checks what is given", () => {
  assertEquals([checkDepth(), checkDepth(0), checkDepth(9)], [5, 0, 9]);
  for (const depth of ["5", null, {}]) {
    assertThrows(() => checkDepth(depth), TypeError, 'as "depth" of form()');
  }
  for (const depth of [-1, NaN]) {
    assertThrows(() => checkDepth(depth), RangeError, `${depth}`);
  }
});
