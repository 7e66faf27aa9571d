import { assertEquals, assertThrows } from "@std/assert";
import {
  rateLimit,
  type RateLimitOptions,
} from "../../../../src/middleware/rate_limit/mod.ts";
import { resolveOptions } from "../../../../src/middleware/rate_limit/options.ts";

const WINDOW = { limit: 5, windowMs: 1000 } as const;

Deno.test("rateLimit() resolves each algorithm to a capacity and a period", () => {
  const table: [RateLimitOptions, string, number, number][] = [
    [{ requestsPerSecond: 100 / 60, burstSize: 10 }, "token-bucket", 10, 6000],
    [{ requestsPerSecond: 5 }, "token-bucket", 5, 1000],
    [{ requestsPerSecond: 0.1 }, "token-bucket", 1, 10_000],
    [{ requestsPerSecond: 2.5 }, "token-bucket", 3, 1200],
    [{ algorithm: "fixed-window", ...WINDOW }, "fixed-window", 5, 1000],
    [{ algorithm: "sliding-window", ...WINDOW }, "sliding-window", 5, 1000],
    [{ algorithm: "gcra", ...WINDOW }, "gcra", 5, 1000],
    [{ algorithm: "gcra", ...WINDOW, burstSize: 1 }, "gcra", 1, 200],
  ];
  for (const [options, algorithm, capacity, periodMs] of table) {
    const { policy } = resolveOptions(options);
    assertEquals(policy.algorithm, algorithm);
    assertEquals(policy.capacity, capacity);
    assertEquals(Number(policy.periodMs.toFixed(6)), periodMs);
  }
});

Deno.test("rateLimit() refuses combinations that do not compile", () => {
  // @ts-expect-error no rate
  assertThrows(() => rateLimit({}), TypeError);
  // @ts-expect-error no options
  assertThrows(() => rateLimit(), TypeError);
  // @ts-expect-error a window without its algorithm
  assertThrows(() => rateLimit({ limit: 5, windowMs: 1000 }), TypeError);
  assertThrows(
    // @ts-expect-error a bucket has no window
    () => rateLimit({ requestsPerSecond: 5, windowMs: 1000 }),
    TypeError,
    'Cannot find "windowMs" among the options of rateLimit with algorithm "token-bucket"',
  );
  assertThrows(
    // @ts-expect-error a window has no burst
    () => rateLimit({ algorithm: "fixed-window", ...WINDOW, burstSize: 2 }),
    TypeError,
    '"burstSize"',
  );
  assertThrows(
    // @ts-expect-error GCRA has a limit and a window
    () => rateLimit({ algorithm: "gcra", requestsPerSecond: 5 }),
    TypeError,
  );
  assertThrows(
    // @ts-expect-error no window
    () => rateLimit({ algorithm: "sliding-window", limit: 5 }),
    TypeError,
    '"windowMs"',
  );
  assertThrows(
    // @ts-expect-error no such algorithm
    () => rateLimit({ algorithm: "leaky", ...WINDOW }),
    TypeError,
    'take "token-bucket", ',
  );
});

Deno.test("rateLimit() throws a RangeError when a number is out of bounds", () => {
  for (const wrong of [0, -1, NaN, Infinity]) {
    const tables: RateLimitOptions[] = [
      { requestsPerSecond: wrong },
      { requestsPerSecond: 5, burstSize: wrong },
      { algorithm: "fixed-window", limit: wrong, windowMs: 1000 },
      { algorithm: "fixed-window", limit: 5, windowMs: wrong },
      { algorithm: "gcra", ...WINDOW, burstSize: wrong },
      { requestsPerSecond: 5, ipv6Prefix: wrong },
      { requestsPerSecond: 5, storeTimeoutMs: wrong },
      { requestsPerSecond: 5, storeRetryMs: wrong },
    ];
    for (const options of tables) {
      assertThrows(() => rateLimit(options), RangeError, `${wrong}`);
    }
  }
  for (const limit of [1.5, 2 ** 60]) {
    assertThrows(
      () => rateLimit({ algorithm: "gcra", limit, windowMs: 1000 }),
      RangeError,
    );
  }
});

Deno.test("rateLimit() throws a TypeError when an option is of the wrong kind", () => {
  const wrong: Record<string, unknown>[] = [
    { requestsPerSecond: "5" },
    { unknown: 1 },
    { key: "x-api-key" },
    { key: {} },
    { key: { header: "a b" } },
    { skip: true },
    { cost: 5 },
    { onLimit: "no" },
    { now: 5 },
    { name: "é" },
    { standardHeaders: "yes" },
    { legacyHeaders: 1 },
    { store: {} },
    { store: null },
    { onStoreError: "ajar" },
    { storeTimeoutMs: "1s" },
    { message: 5 },
  ];
  for (const options of wrong) {
    assertThrows(
      () => rateLimit({ requestsPerSecond: 5, ...options } as RateLimitOptions),
      TypeError,
      undefined,
      JSON.stringify(options),
    );
  }
  const others: unknown[] = [null, [], "5", 5];
  for (const options of others) {
    assertThrows(() => rateLimit(options as RateLimitOptions), TypeError);
  }
});
