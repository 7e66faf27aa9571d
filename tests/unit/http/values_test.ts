import { assertEquals } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { describeValue, isThenable } from "../../../src/http/values.ts";

class Page {}
class Answer {}

Deno.test("describeValue() names a value", () => {
  const cases: [value: unknown, name: string][] = [
    ["a\n", '"a\\n"'],
    ["x".repeat(50), `"${"x".repeat(40)}"`],
    [undefined, "undefined"],
    [null, "null"],
    [7, "7"],
    [true, "true"],
    [1n, "1"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [[7], "an array"],
    [[], "an empty array"],
    [new URL("http://a/"), "a URL"],
    [new HttpError(404), "an HttpError"],
    [{}, "a plain object"],
    [Object.create(null), "a plain object"],
    [{ constructor: 7 }, "a plain object"],
    [new Page(), "a Page"],
    [new Answer(), "an Answer"],
  ];
  for (const [value, name] of cases) assertEquals(describeValue(value), name);
});

Deno.test("isThenable() tells what is to be awaited", () => {
  for (const value of [Promise.resolve(), { then: () => {} }]) {
    assertEquals(isThenable(value), true);
  }
  for (const value of [null, undefined, 7, "then", {}, { then: 7 }]) {
    assertEquals(isThenable(value), false);
  }
});
