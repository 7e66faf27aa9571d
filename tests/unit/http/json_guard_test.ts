import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { type JsonOptions, parseJson } from "../../../src/http/json_guard.ts";

const POISONS = [
  '{"__proto__":{"admin":true}}',
  '{"__proto__":null}',
  '{"a":[1,{"b":{"__proto__":1}}]}',
  '{"\\u005f_proto__":1}',
  '{"__pr\\u006fto__":1}',
  '{"\\u005F\\u005F\\u0070\\u0072\\u006F\\u0074\\u006f\\u005f\\u005f":1}',
  '{ "__proto__" : 1 }',
  '{"a":1,"__proto__":2,"__proto__":3}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"a":{"constructor":{"b":1,"prototype":null}}}',
  '{"con\\u0073tructor":{"prototyp\\u0065":1}}',
  '[{"constructor":{"prototype":1},"__proto__":2}]',
];

const HARMLESS = [
  '"__proto__"',
  '["__proto__","constructor","prototype"]',
  '{"a":"__proto__"}',
  '{"__proto":1,"_proto__":2,"__PROTO__":3,"proto__":4}',
  '{"constructor":"Acme"}',
  '{"constructor":{"name":"Acme"},"prototype":{"version":1}}',
  '{"constructor":null,"prototype":1}',
  '{"prototype":{"constructor":1}}',
  '{"a":"\\u0000\\u005f"}',
  "null",
  "7",
  "[]",
];

Deno.test("parseJson() refuses keys by which prototypes are poisoned", () => {
  for (const text of POISONS) {
    const error = assertThrows(() => parseJson(text), HttpError, "the key");
    assertEquals(error.status, 400);
    assertThrows(() => parseJson(text, { proto: "refuse" }), HttpError);
  }
});

Deno.test("parseJson() lets all else through as JSON.parse() does", () => {
  for (const text of HARMLESS) {
    for (const proto of [undefined, "refuse", "remove", "allow"] as const) {
      assertEquals(parseJson(text, { proto }), JSON.parse(text), text);
    }
  }
});

function merge(into: Record<string, unknown>, from: unknown): void {
  for (const [key, value] of Object.entries(from ?? {})) {
    const inner = into[key];
    const isBoth = typeof value === "object" && typeof inner === "object";
    if (isBoth) merge(inner as Record<string, unknown>, value);
    else into[key] = value;
  }
}

Deno.test("parseJson() removes such keys when told to", () => {
  for (const text of POISONS) {
    const value = parseJson(text, { proto: "remove" });
    merge({}, value);
    assertFalse("admin" in {});
    const again = JSON.stringify(value);
    assertFalse(again.includes("__proto__"), again);
    assertFalse(again.includes("prototype"), again);
  }
  assertEquals(
    parseJson('{"a":1,"__proto__":2,"b":{"__proto__":3,"c":4}}', {
      proto: "remove",
    }),
    { a: 1, b: { c: 4 } },
  );
});

Deno.test("parseJson() lets such keys through when told to", () => {
  const value = parseJson(POISONS[0], { proto: "allow" });
  assertEquals(Object.keys(value as object), ["__proto__"]);
});

Deno.test("parseJson() walks any depth", () => {
  const depth = 100_000;
  const nested = '[{"a":'.repeat(depth);
  const end = "}]".repeat(depth);
  parseJson(`${nested}"__proto__"${end}`);
  assertThrows(
    () => parseJson(`${nested}{"__proto__":1}${end}`),
    HttpError,
    "__proto__",
  );
});

Deno.test("parseJson() answers 400 to malformed JSON", () => {
  for (const text of ["", "{", "{'a':1}", '{"a":1}}', "\ufeff{}", "NaN"]) {
    const error = assertThrows(() => parseJson(text), HttpError, "JSON");
    assertEquals(error.status, 400);
  }
});

Deno.test("parseJson() throws when the option is none that there is", () => {
  for (const proto of ["ignore", "", null, 7, {}]) {
    assertThrows(
      () => parseJson("{}", { proto } as JsonOptions),
      TypeError,
      'take "refuse", "remove" or "allow"',
    );
  }
});
