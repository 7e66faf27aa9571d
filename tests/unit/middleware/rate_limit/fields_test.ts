import { assertEquals, assertThrows } from "@std/assert";
import { HeaderList } from "../../../../src/http/headers.ts";
import {
  checkName,
  LimitFields,
  wholeSeconds,
} from "../../../../src/middleware/rate_limit/fields.ts";
import type {
  RateLimitDecision,
  RateLimitPolicy,
} from "../../../../src/middleware/rate_limit/store.ts";

function policy(over: Partial<RateLimitPolicy> = {}): RateLimitPolicy {
  return {
    name: "default",
    algorithm: "token-bucket",
    capacity: 10,
    periodMs: 6000,
    ...over,
  };
}

function left(remaining: number, resetMs: number): RateLimitDecision {
  return { admitted: true, remaining, resetMs, retryAfterMs: 0 };
}

Deno.test("wholeSeconds() rounds up, but for the noise of a division", () => {
  const table: [ms: number, seconds: number][] = [
    [0, 0],
    [-5, 0],
    [0.01, 1],
    [999, 1],
    [1000, 1],
    [1000.0000000001, 1],
    [1000.01, 2],
    [10 / (100 / 60) * 1000, 6],
    [1e30, 999_999_999_999_999],
  ];
  for (const [ms, seconds] of table) assertEquals(wholeSeconds(ms), seconds);
});

Deno.test("LimitFields writes the policy as a structured field", () => {
  const table: [Partial<RateLimitPolicy>, string][] = [
    [{}, '"default";q=10;w=6'],
    [{ periodMs: 6001 }, '"default";q=10;w=7'],
    // A window is never 0 (3.1.3).
    [{ periodMs: 0.5 }, '"default";q=10;w=1'],
    [{ name: 'a "b" \\c' }, String.raw`"a \"b\" \\c";q=10;w=6`],
  ];
  for (const [over, value] of table) {
    assertEquals(new LimitFields(policy(over), true, false).policy, value);
  }
});

Deno.test("LimitFields writes what is left and how long it must do", () => {
  const fields = new LimitFields(policy(), true, false);
  assertEquals(fields.state(left(9, 600)), '"default";r=9;t=1');
  assertEquals(fields.state(left(0, 5400)), '"default";r=0;t=6');
  assertEquals(fields.state(left(9, 1e-9)), '"default";r=9;t=1');
  assertEquals(fields.state(left(10, 0)), '"default";r=10');
});

Deno.test("LimitFields puts an outer limit before the inner ones", () => {
  const headers = new HeaderList();
  new LimitFields(policy({ name: "burst" }), true, false)
    .write(headers, left(9, 600));
  new LimitFields(policy({ name: "a, b" }), true, false)
    .write(headers, left(8, 600));
  new LimitFields(policy({ name: "day" }), true, false)
    .write(headers, left(7, 600));
  assertEquals([...headers], [
    ["ratelimit-policy", '"day";q=10;w=6, "a, b";q=10;w=6, "burst";q=10;w=6'],
    ["ratelimit", '"day";r=7;t=1, "a, b";r=8;t=1, "burst";r=9;t=1'],
  ]);
});

Deno.test("LimitFields replaces what it has written into the same answer before", () => {
  const headers = new HeaderList({ RateLimit: '"other";r=1' });
  const fields = new LimitFields(policy(), true, false);
  for (const remaining of [9, 8, 7]) {
    fields.write(headers, left(remaining, 600));
  }
  assertEquals(headers.get("ratelimit"), '"default";r=7;t=1, "other";r=1');
  assertEquals(headers.get("ratelimit-policy"), '"default";q=10;w=6');
});

Deno.test("LimitFields writes the old fields for the limit that is used up first", () => {
  const table: [first: number, second: number, shown: string][] = [
    [3, 5, "3"],
    [5, 3, "3"],
    [0, 0, "0"],
  ];
  for (const [first, second, shown] of table) {
    const headers = new HeaderList();
    const before = Date.now();
    new LimitFields(policy(), false, true).write(headers, left(first, 60_000));
    new LimitFields(policy(), false, true).write(headers, left(second, 60_000));
    assertEquals(headers.get("x-ratelimit-remaining"), shown);
    assertEquals(headers.get("x-ratelimit-limit"), "10");
    const reset = Number(headers.get("x-ratelimit-reset")) * 1000;
    const isSoon = reset >= before + 60_000 && reset <= Date.now() + 61_000;
    assertEquals(isSoon, true, `${reset}`);
    assertEquals(headers.has("ratelimit"), false);
  }
});

Deno.test("checkName() throws a TypeError when a field cannot carry the name", () => {
  assertEquals(checkName("per minute"), "per minute");
  for (const name of ["", "é", "a\n", "a".repeat(65), 7, null, {}]) {
    assertThrows(() => checkName(name), TypeError, "Cannot call a rate limit");
  }
});
