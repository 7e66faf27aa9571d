import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  denoKvStore,
  type KvAtomicLike,
  type KvLike,
} from "../../../../src/middleware/rate_limit/kv_store.ts";
import type {
  RateLimitAlgorithm,
  RateLimitPolicy,
} from "../../../../src/middleware/rate_limit/store.ts";
import { turn } from "../../../support/site.ts";

/** What Deno KV does, with rivals that may be quicker. */
class FakeKv implements KvLike {
  readonly entries = new Map<string, { value: unknown; version: number }>();
  readonly expireIn: (number | undefined)[] = [];
  reads = 0;
  commits = 0;
  /** How many transactions from now on come too late. */
  conflicts = 0;
  #version = 0;

  async get(
    key: readonly string[],
  ): Promise<{ value: unknown; versionstamp: string | null }> {
    this.reads++;
    await turn();
    const entry = this.entries.get(key.join("/"));
    return entry === undefined ? { value: null, versionstamp: null } : {
      value: structuredClone(entry.value),
      versionstamp: `${entry.version}`,
    };
  }

  atomic(): KvAtomicLike {
    let holds = () => true;
    let write = () => {};
    const atomic: KvAtomicLike = {
      check: ({ key, versionstamp }) => {
        holds = () => {
          const version = this.entries.get(key.join("/"))?.version;
          return `${version ?? null}` === `${versionstamp}`;
        };
        return atomic;
      },
      set: (key, value, options) => {
        write = () => {
          this.expireIn.push(options?.expireIn);
          const version = ++this.#version;
          this.entries.set(key.join("/"), {
            value: structuredClone(value),
            version,
          });
        };
        return atomic;
      },
      commit: async () => {
        this.commits++;
        await turn();
        if (this.conflicts > 0) {
          this.conflicts--;
          return { ok: false };
        }
        const ok = holds();
        if (ok) write();
        return { ok };
      },
    };
    return atomic;
  }
}

function policy(algorithm: RateLimitAlgorithm): RateLimitPolicy {
  return { name: "api", algorithm, capacity: 10, periodMs: 1000 };
}

for (
  const algorithm of [
    "token-bucket",
    "sliding-window",
    "fixed-window",
    "gcra",
  ] as const
) {
  Deno.test(`denoKvStore() keeps the state of ${algorithm}`, async () => {
    const kv = new FakeKv();
    let now = 1_000_000;
    const store = denoKvStore(kv, { now: () => now });
    const ask = (cost: number) => store.consume("k", cost, policy(algorithm));
    assertEquals((await ask(4)).remaining, 6);
    assertEquals((await ask(6)).remaining, 0);
    assertEquals((await ask(1)).admitted, false);
    assertEquals([...kv.entries.keys()], ["ratelimit/k"]);
    assert(kv.expireIn.every((ms) => ms !== undefined && ms <= 1000));
    now += 1000;
    assertEquals((await ask(10)).admitted, true);
  });
}

Deno.test("denoKvStore() tries again when another process was quicker", async () => {
  const kv = new FakeKv();
  const store = denoKvStore(kv, { now: () => 5000 });
  kv.conflicts = 7;
  const { remaining } = await store.consume("k", 1, policy("gcra"));
  assertEquals(remaining, 9);
  assertEquals(kv.commits, 8);
  kv.conflicts = 1000;
  await assertRejects(
    async () => await store.consume("k", 1, policy("gcra")),
    Error,
    "Deno KV refused 50 transactions in a row",
  );
});

Deno.test("denoKvStore() tries again when another process holds the file", async () => {
  const kv = new FakeKv();
  const store = denoKvStore(kv, { now: () => 5000 });
  const { get } = kv;
  kv.get = (key) => {
    kv.get = get;
    return Promise.reject(new TypeError(`database is locked: ${key}`));
  };
  const { remaining } = await store.consume("k", 1, policy("gcra"));
  assertEquals(remaining, 9);
});

Deno.test("denoKvStore() shares a transaction among requests for a key", async () => {
  const kv = new FakeKv();
  const store = denoKvStore(kv, { now: () => 5000 });
  const decisions = await Promise.all(
    Array.from({ length: 500 }, () => store.consume("k", 1, policy("gcra"))),
  );
  assertEquals(decisions.filter((one) => one.admitted).length, 10);
  // One for the first, one for all that came meanwhile.
  assertEquals([kv.reads, kv.commits], [2, 2]);
});

Deno.test("denoKvStore() admits the limit when several stores share it", async () => {
  const kv = new FakeKv();
  const stores = Array.from(
    { length: 5 },
    () => denoKvStore(kv, { now: () => 5000 }),
  );
  const decisions = await Promise.all(
    stores.flatMap((store) =>
      Array.from({ length: 20 }, async (_, at) => {
        for (let n = 0; n < at; n++) await turn();
        return await store.consume("k", 1, policy("token-bucket"));
      })
    ),
  );
  assertEquals(decisions.filter((one) => one.admitted).length, 10);
});

Deno.test("denoKvStore() writes nothing for a request that is refused", async () => {
  const kv = new FakeKv();
  const store = denoKvStore(kv, { now: () => 5000 });
  await store.consume("k", 10, policy("fixed-window"));
  assertEquals(kv.commits, 1);
  for (let n = 0; n < 5; n++) {
    await store.consume("k", 1, policy("fixed-window"));
  }
  assertEquals(kv.commits, 1);
});

Deno.test("denoKvStore() rejects all who wait when the database fails, and goes on", async () => {
  const kv = new FakeKv();
  const store = denoKvStore(kv, { now: () => 5000 });
  const { get } = kv;
  kv.get = () => Promise.reject(new Error("connection lost"));
  const asked = Array.from(
    { length: 5 },
    async () => await store.consume("k", 1, policy("gcra")),
  );
  const results = await Promise.allSettled(asked);
  assert(results.every(({ status }) => status === "rejected"));
  kv.get = get;
  assertEquals((await store.consume("k", 1, policy("gcra"))).remaining, 9);
});

Deno.test("denoKvStore() starts anew from a value that is no state", async () => {
  for (const value of ["text", { at: 1 }, { at: 1, used: 2, freeAt: 3 }, [5]]) {
    const kv = new FakeKv();
    kv.entries.set("p/q/k", { value, version: 1 });
    const store = denoKvStore(kv, { prefix: ["p", "q"], now: () => 5000 });
    const { remaining } = await store.consume("k", 1, policy("gcra"));
    assertEquals(remaining, 9);
  }
});

Deno.test("denoKvStore() throws when the database or an option is wrong", () => {
  const others: unknown[] = [null, undefined, {}, { get: () => {} }, "path"];
  for (const kv of others) {
    assertThrows(() => denoKvStore(kv as KvLike), TypeError, "as Deno KV");
  }
  const wrong: object[] = [{ prefix: "p" }, { now: 5 }, { maxAttempts: 5 }];
  for (const options of wrong) {
    assertThrows(() => denoKvStore(new FakeKv(), options), TypeError);
  }
  assertThrows(() => denoKvStore(new FakeKv(), { timeoutMs: 0 }), RangeError);
});
