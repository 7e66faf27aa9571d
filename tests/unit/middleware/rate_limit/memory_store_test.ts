import { assert, assertEquals, assertThrows } from "@std/assert";
import { memoryStore } from "../../../../src/middleware/rate_limit/memory_store.ts";
import type { RateLimitPolicy } from "../../../../src/middleware/rate_limit/store.ts";

const POLICY: RateLimitPolicy = {
  name: "test",
  algorithm: "token-bucket",
  capacity: 10,
  periodMs: 10_000,
};

function fakeTime(): { now: () => number; pass(ms: number): void } {
  let time = 5000;
  return { now: () => time, pass: (ms) => void (time += ms) };
}

Deno.test("memoryStore() counts each key on its own, at once", () => {
  const store = memoryStore({ now: fakeTime().now });
  assertEquals(store.consume("a", 4, POLICY).remaining, 6);
  assertEquals(store.consume("b", 1, POLICY).remaining, 9);
  assertEquals(store.consume("a", 1, POLICY).remaining, 5);
  assertEquals(store.size, 2);
});

Deno.test("memoryStore() forgets what is whole again as new keys come", () => {
  const time = fakeTime();
  const store = memoryStore({ now: time.now });
  for (let n = 0; n < 1000; n++) store.consume(`old ${n}`, 1, POLICY);
  time.pass(1000);
  for (let n = 0; n < 1000; n++) {
    store.consume(`new ${n}`, 1, POLICY);
    assert(store.size <= 1000 + 1, `${store.size}`);
  }
  assertEquals(store.size, 1000);
});

Deno.test("memoryStore() stays bounded under a million random keys", () => {
  const time = fakeTime();
  const store = memoryStore({ maxKeys: 5000, now: time.now });
  for (let n = 0; n < 1_000_000; n++) {
    if (n % 100 === 0) time.pass(1);
    assert(store.consume(`key ${n}`, 1, POLICY).admitted);
    if (store.size > 5000) throw new Error(`${store.size} keys`);
  }
  assertEquals(store.size, 5000);
});

Deno.test("memoryStore() does not forget a client in debt for a flood of other keys", () => {
  const time = fakeTime();
  const store = memoryStore({ maxKeys: 1000, now: time.now });
  for (let n = 0; n < 500; n++) store.consume(`before ${n}`, 1, POLICY);
  assert(store.consume("attacker", 10, POLICY).admitted);
  for (let n = 0; n < 100_000; n++) store.consume(`flood ${n}`, 1, POLICY);
  assertEquals(store.consume("attacker", 1, POLICY).admitted, false);
  assertEquals(store.size, 1000);
});

Deno.test("memoryStore() gives room to new keys when all are in debt", () => {
  const store = memoryStore({ maxKeys: 50, now: fakeTime().now });
  for (let n = 0; n < 500; n++) {
    assert(store.consume(`${n}`, 10, POLICY).admitted);
    assertEquals(store.consume(`${n}`, 1, POLICY).admitted, false);
  }
  assertEquals(store.size, 50);
});

Deno.test("memoryStore() works with room for one key", () => {
  const store = memoryStore({ maxKeys: 1, now: fakeTime().now });
  for (const key of ["a", "b", "a", "a"]) store.consume(key, 1, POLICY);
  assertEquals(store.size, 1);
  assertEquals(store.consume("a", 0, POLICY).remaining, 8);
});

Deno.test("memoryStore() keeps its books right when keys go at random", () => {
  const time = fakeTime();
  const store = memoryStore({ maxKeys: 64, now: time.now });
  const kept = new Map<string, number>();
  for (let n = 0; n < 20_000; n++) {
    const key = `${(n * 7919) % 40}`;
    if (n % 97 === 0) {
      store.reset(key);
      kept.delete(key);
      continue;
    }
    if (n % 500 === 0) {
      time.pass(20_000);
      kept.clear();
    }
    const used = kept.get(key) ?? 0;
    const { admitted, remaining } = store.consume(key, 1, POLICY);
    assertEquals(admitted, used < 10);
    assertEquals(remaining, Math.max(0, 9 - used));
    kept.set(key, Math.min(10, used + 1));
  }
});

Deno.test("memoryStore() forgets by reset()", () => {
  const store = memoryStore({ now: fakeTime().now });
  for (const key of ["a", "b", "c"]) store.consume(key, 10, POLICY);
  store.reset("b");
  store.reset("none");
  assertEquals(store.size, 2);
  assertEquals(store.consume("b", 0, POLICY).remaining, 10);
  assertEquals(store.consume("c", 0, POLICY).remaining, 0);
  store.reset();
  assertEquals(store.size, 0);
  assertEquals(store.consume("a", 0, POLICY).remaining, 10);
});

Deno.test("memoryStore() throws when an option is wrong", () => {
  for (const maxKeys of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => memoryStore({ maxKeys }), RangeError, `"maxKeys"`);
  }
  const wrong: object[] = [{ maxKeys: "5" }, { max: 5 }, { now: 5 }];
  for (const options of wrong) {
    assertThrows(() => memoryStore(options), TypeError);
  }
});
