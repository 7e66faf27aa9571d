import { assertThrows } from "@std/assert";
import { checkOptionNames } from "../../../src/http/option_names.ts";

const KNOWN = ["size", "ttlMs"];

Deno.test("checkOptionNames() lets known names through, in any number", () => {
  for (const options of [{}, { size: 1 }, { ttlMs: undefined, size: 1 }]) {
    checkOptionNames("cache", options, KNOWN);
  }
});

Deno.test("checkOptionNames() throws a TypeError with what there is when a name is unknown", () => {
  assertThrows(
    () => checkOptionNames("cache", { size: 1, ttl: 5 }, KNOWN),
    TypeError,
    'Cannot find "ttl" among the options of cache: there are size, ttlMs',
  );
});

Deno.test("checkOptionNames() throws a TypeError when the options are no object", () => {
  const table: [unknown, string][] = [
    [null, "null"],
    [[], "an array"],
    ["text", '"text"'],
    [7, "7"],
    [() => 1, "a function"],
  ];
  for (const [value, shown] of table) {
    assertThrows(
      () => checkOptionNames("cache", value as object, KNOWN),
      TypeError,
      `Cannot use ${shown} as options of cache: take an object`,
    );
  }
});
