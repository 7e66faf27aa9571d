import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type RedisLike,
  redisStore,
} from "../../../../src/middleware/rate_limit/redis_store.ts";
import { SCRIPT } from "../../../../src/middleware/rate_limit/redis_script.ts";
import type { RateLimitPolicy } from "../../../../src/middleware/rate_limit/store.ts";

const POLICY: RateLimitPolicy = {
  name: "api",
  algorithm: "token-bucket",
  capacity: 10,
  periodMs: 6000.5,
};

type Reply = () => Promise<unknown>;
const ADMITTED: Reply = () => Promise.resolve([1, 9, 600, 0]);
const NO_SCRIPT: Reply = () =>
  Promise.reject(new Error("NOSCRIPT No matching script. Please use EVAL."));

/** A client of either shape, and what it was called with. */
function fakeClient(
  shape: "ioredis" | "redis",
  bySha: Reply,
  byText: Reply = ADMITTED,
): { client: RedisLike; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const note = (name: string, reply: Reply) => (...args: unknown[]) => {
    calls.push([name, ...args]);
    return reply();
  };
  const client = shape === "ioredis"
    ? { evalsha: note("evalsha", bySha), eval: note("eval", byText) }
    : { evalSha: note("evalSha", bySha), eval: note("eval", byText) };
  return { client: client as RedisLike, calls };
}

const ARGS = ["token-bucket", "10", "6000.5", "2", "100"];

Deno.test("redisStore() calls ioredis with a count of keys", async () => {
  const { client, calls } = fakeClient("ioredis", ADMITTED);
  const store = redisStore(client, { prefix: "p:" });
  assertEquals(await store.consume("k", 2, POLICY), {
    admitted: true,
    remaining: 9,
    resetMs: 600,
    retryAfterMs: 0,
  });
  const [name, sha1, ...rest] = calls[0];
  assertEquals(name, "evalsha");
  assertMatch(`${sha1}`, /^[0-9a-f]{40}$/);
  assertEquals(rest, [1, "p:k", ...ARGS]);
});

Deno.test("redisStore() calls node-redis with keys and arguments", async () => {
  const { client, calls } = fakeClient("redis", ADMITTED);
  await redisStore(client).consume("k", 2, POLICY);
  const [name, , options] = calls[0];
  assertEquals(name, "evalSha");
  assertEquals(options, { keys: ["ratelimit:k"], arguments: ARGS });
});

for (const shape of ["ioredis", "redis"] as const) {
  Deno.test(`redisStore() sends the script to a Redis that lacks it, by ${shape}`, async () => {
    const { client, calls } = fakeClient(shape, NO_SCRIPT);
    const { remaining } = await redisStore(client).consume("k", 2, POLICY);
    assertEquals(remaining, 9);
    assertEquals(calls.length, 2);
    const [name, script, ...rest] = calls[1];
    assertEquals([name, script], ["eval", SCRIPT]);
    assertEquals(rest, calls[0].slice(2));
  });

  Deno.test(`redisStore() asks once when Redis fails otherwise, by ${shape}`, async () => {
    const { client, calls } = fakeClient(
      shape,
      () => Promise.reject(new Error("READONLY You can't write")),
    );
    const store = redisStore(client);
    await assertRejects(
      async () => await store.consume("k", 1, POLICY),
      Error,
      "READONLY",
    );
    assertEquals(calls.length, 1);
  });
}

Deno.test("redisStore() reads numbers in any form, and nothing else", async () => {
  const decide = (reply: unknown) => {
    const { client } = fakeClient("redis", () => Promise.resolve(reply));
    return redisStore(client).consume("k", 1, POLICY);
  };
  const never = {
    admitted: false,
    remaining: 3,
    resetMs: 20,
    retryAfterMs: Infinity,
  };
  assertEquals(await decide([0, 3, 20, -1]), never);
  assertEquals(await decide(["0", "3", "20", "-1"]), never);
  assertEquals(await decide([0n, 3n, 20n, -1n]), never);
  for (
    const reply of [null, "OK", [], [1, 2, 3], [1, 2, 3, "x"], [1, 2, 3, 4, 5]]
  ) {
    await assertRejects(
      async () => await decide(reply),
      TypeError,
      "Cannot read the reply of Redis",
    );
  }
});

Deno.test("redisStore() says how long to wait for it", () => {
  const { client } = fakeClient("redis", ADMITTED);
  assertEquals(redisStore(client).timeoutMs, 250);
  assertEquals(redisStore(client, { timeoutMs: 40 }).timeoutMs, 40);
});

Deno.test("redisStore() throws when a client or an option is wrong", () => {
  const others: unknown[] = [null, undefined, {}, { eval: () => {} }, "redis:"];
  for (const client of others) {
    assertThrows(
      () => redisStore(client as RedisLike),
      TypeError,
      "as a client for Redis",
    );
  }
  const { client } = fakeClient("redis", ADMITTED);
  const wrong: object[] = [{ prefix: 5 }, { timeout: 5 }, { timeoutMs: "5" }];
  for (const options of wrong) {
    assertThrows(() => redisStore(client, options), TypeError);
  }
  assertThrows(() => redisStore(client, { timeoutMs: 0 }), RangeError);
});
