import { assertEquals, assertThrows } from "@std/assert";
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
    'Cannot find "ttl" among the options of cache: do you mean "ttlMs"? ' +
      "there are size, ttlMs",
  );
});

Deno.test("checkOptionNames() names what was meant when a name is a slip", () => {
  const known = ["hostname", "port", "cacheMaxAge", "on"];
  const table: [wrong: string, meant: string | null][] = [
    ["host", "hostname"],
    ["Port", "port"],
    ["prot", "port"],
    ["hostnme", "hostname"],
    ["cachemaxage", "cacheMaxAge"],
    ["maxAge", "cacheMaxAge"],
    ["no", null],
    ["x", null],
    ["timeouts", null],
  ];
  for (const [wrong, meant] of table) {
    const error = assertThrows(
      () => checkOptionNames("cache", { [wrong]: 1 }, known),
      TypeError,
    );
    const found = /do you mean "(\w+)"/.exec(error.message)?.[1] ?? null;
    assertEquals(found, meant, wrong);
  }
});

Deno.test("checkOptionNames() throws a TypeError when the options are no object", () => {
  const table: [unknown, string][] = [
    [null, "null"],
    [[], "an empty array"],
    [[7], "an array"],
    [new Request("http://a/"), "a Request"],
    [new Map(), "a Map"],
    ["text", '"text"'],
    [7, "7"],
    [() => 1, "a function"],
  ];
  for (const [value, shown] of table) {
    assertThrows(
      () => checkOptionNames("cache", value as object, KNOWN),
      TypeError,
      `Cannot use ${shown} as options of cache: take an object with any of size, ttlMs`,
    );
  }
});
