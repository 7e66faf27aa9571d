/** What this project relies on of `@std/assert`, whoever provides it: the
 * registry or the stand-ins of `.ci/offline`. */
import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unreachable,
} from "@std/assert";

class Point {
  readonly #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  get x(): number {
    return this.#x;
  }
}

/** Pairs that are equal, and pairs that are not. */
function pairs(): { same: [unknown, unknown][]; other: [unknown, unknown][] } {
  const loop: Record<string, unknown> = { a: 1 };
  loop.self = loop;
  const twin: Record<string, unknown> = { a: 1 };
  twin.self = twin;
  const bare: unknown = Object.assign(Object.create(null), { a: 1 });
  return {
    same: [
      [1, 1],
      [0, -0],
      [NaN, NaN],
      [null, null],
      ["a", "a"],
      [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
      [{ a: 1, b: 2 }, { b: 2, a: 1 }],
      [{ a: 1 }, bare],
      [loop, twin],
      [new Date(5), new Date(5)],
      [/a/g, /a/g],
      [new URL("http://a/b"), new URL("http://a/b")],
      [new URLSearchParams("a=1"), new URLSearchParams("a=1")],
      [new Uint8Array([1, 2]), new Uint8Array([0, 1, 2]).subarray(1)],
      [new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
      [new Map([["a", [1]]]), new Map([["a", [1]]])],
      [new Map([[1, 2], [3, 4]]), new Map([[3, 4], [1, 2]])],
      [new Map([[{ k: 1 }, 2]]), new Map([[{ k: 1 }, 2]])],
      [new Set([1, 2]), new Set([2, 1])],
      [new Set([{ a: 1 }]), new Set([{ a: 1 }])],
      [new Point(1), new Point(1)],
    ],
    other: [
      [1, 2],
      [1, "1"],
      [null, undefined],
      [null, {}],
      [{}, []],
      [{ a: undefined }, {}],
      [{ a: undefined }, { b: undefined }],
      [{ a: 1 }, { a: 1, b: 2 }],
      [[1, 2], [2, 1]],
      [[1], [1, undefined]],
      [new Date(5), new Date(6)],
      [/a/g, /a/i],
      [new URL("http://a/b"), new URL("http://a/c")],
      [new URLSearchParams("a=1"), new URLSearchParams("a=2")],
      [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
      [new Uint8Array([1, 2]), new Uint8Array([1, 2, 3])],
      [new Uint8Array([1]), [1]],
      [new Uint8Array([1]), new Uint16Array([1])],
      [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
      [new Map([["a", 1]]), new Map([["a", 2]])],
      [new Map([["a", 1]]), new Map([["b", 1]])],
      [new Set([1]), new Set([1, 2])],
      [new Set([1]), new Set([2])],
      [new Point(1), new Point(2)],
      [new Point(1), { x: 1 }],
      [new TypeError("a"), new RangeError("a")],
      [() => 1, () => 1],
    ],
  };
}

/** The message of the assertion that fails; it must be one. */
function failure(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("the assertion passed");
}

function failed(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => Promise.reject(new Error("the assertion passed")),
    (error: unknown) => {
      if (error instanceof AssertionError) return error.message;
      throw error;
    },
  );
}

Deno.test("equal() and assertEquals() compare deeply", () => {
  const { same, other } = pairs();
  for (const [a, b] of same) {
    const name = Deno.inspect([a, b]);
    assert(equal(a, b), name);
    assertEquals(a, b, name);
    assertEquals(b, a, name);
    assertMatch(failure(() => assertNotEquals(a, b)), /./, name);
  }
  for (const [a, b] of other) {
    const name = Deno.inspect([a, b]);
    assertFalse(equal(a, b), name);
    assertNotEquals(a, b, name);
    assertMatch(failure(() => assertEquals(a, b)), /not equal/, name);
    assertMatch(failure(() => assertEquals(b, a)), /not equal/, name);
  }
});

Deno.test("assertEquals() shows both values and the message", () => {
  // deno-lint-ignore no-control-regex
  const colours = /\x1b\[\d+m/g;
  const message = failure(() => assertEquals({ a: 1 }, { a: 2 }, "why"));
  assertStringIncludes(message, "why");
  assertMatch(message.replace(colours, ""), /-\s+a: 1,/);
  assertMatch(message.replace(colours, ""), /\+\s+a: 2,/);
});

Deno.test("assertStrictEquals() compares with Object.is", () => {
  const one = { a: 1 };
  assertStrictEquals(one, one);
  assertStrictEquals(NaN, NaN);
  assertNotStrictEquals(one, { a: 1 });
  failure(() => assertStrictEquals(one, { a: 1 }));
  failure(() => assertStrictEquals(0, -0));
  failure(() => assertNotStrictEquals(one, one));
});

Deno.test("simple assertions pass and fail as named", () => {
  assert(1);
  assertFalse(0);
  assertExists("");
  assertInstanceOf(new TypeError(), Error);
  assertStringIncludes("abc", "b");
  assertMatch("abc", /b/);
  assertNotMatch("abc", /d/);
  assertArrayIncludes([1, { a: 2 }, 3], [{ a: 2 }, 1]);
  assertObjectMatch({ a: { b: 1, c: [1, 2] }, d: 3 }, { a: { c: [1, 2] } });
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(10, 11, 1);
  const failing: [string, () => unknown][] = [
    ["assert", () => assert(0, "why")],
    ["assertFalse", () => assertFalse("x", "why")],
    ["assertExists null", () => assertExists(null, "why")],
    ["assertExists undefined", () => assertExists(undefined, "why")],
    ["assertInstanceOf", () => assertInstanceOf({}, Error, "why")],
    ["assertStringIncludes", () => assertStringIncludes("abc", "d", "why")],
    ["assertMatch", () => assertMatch("abc", /d/, "why")],
    ["assertNotMatch", () => assertNotMatch("abc", /b/, "why")],
    ["assertArrayIncludes", () => assertArrayIncludes([1], [2], "why")],
    [
      "assertObjectMatch",
      () => assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }, "why"),
    ],
    ["assertObjectMatch key", () => assertObjectMatch({}, { a: 1 }, "why")],
    ["assertAlmostEquals", () => assertAlmostEquals(1, 1.1, 1e-3, "why")],
    ["fail", () => fail("why")],
    ["unreachable", () => unreachable("why")],
  ];
  for (const [name, fn] of failing) {
    assertStringIncludes(failure(fn), "why", name);
  }
});

Deno.test("assertGreater() and its kin compare by order", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(1, 1);
  assertLess(1, 2);
  assertLessOrEqual(1, 1);
  failure(() => assertGreater(1, 1));
  failure(() => assertGreaterOrEqual(0, 1));
  failure(() => assertLess(1, 1));
  failure(() => assertLessOrEqual(2, 1));
  assertStrictEquals(failure(() => assertGreater(1, 2, "why")), "why");
});

Deno.test("assertThrows() returns what was thrown", () => {
  const error: RangeError = assertThrows(
    () => {
      throw new RangeError("out of it");
    },
    RangeError,
    "of it",
  );
  assertStrictEquals(error.message, "out of it");
  const thrown: unknown = assertThrows(() => {
    throw "text";
  });
  assertStrictEquals(thrown, "text");
});

Deno.test("assertThrows() fails on another class, text or no error", () => {
  const throws = () => {
    throw new RangeError("out of it");
  };
  failure(() => assertThrows(throws, TypeError));
  failure(() => assertThrows(throws, RangeError, "into it"));
  failure(() => assertThrows(() => {}));
  assertStringIncludes(failure(() => assertThrows(() => {}, "why")), "why");
  failure(() =>
    assertThrows(() => {
      throw "text";
    }, Error)
  );
});

Deno.test("assertRejects() resolves to the reason", async () => {
  const error: SyntaxError = await assertRejects(
    () => Promise.reject(new SyntaxError("bad text")),
    SyntaxError,
    "bad",
  );
  assertStrictEquals(error.message, "bad text");
  const reason: unknown = await assertRejects(() => Promise.reject(1));
  assertStrictEquals(reason, 1);
});

Deno.test("assertRejects() fails on another class, text or no error", async () => {
  const rejects = () => Promise.reject(new RangeError("out of it"));
  await failed(assertRejects(rejects, TypeError));
  await failed(assertRejects(rejects, RangeError, "into it"));
  await failed(assertRejects(() => Promise.resolve()));
  const throws = (): Promise<void> => {
    throw new RangeError("too early");
  };
  await failed(assertRejects(throws, RangeError));
});

Deno.test("AssertionError is an Error with a name", () => {
  const error = new AssertionError("why", { cause: 1 });
  assertInstanceOf(error, Error);
  assertEquals([error.name, error.message, error.cause], [
    "AssertionError",
    "why",
    1,
  ]);
});
