import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { FileCache } from "../../../../src/handlers/static/file_cache.ts";
import { Prng } from "../../grammar/prng.ts";

const ENTRY = 1024;

Deno.test("FileCache holds values and lets the unused go first", () => {
  const cache = new FileCache<{ size: number }>(3 * (ENTRY + 100));
  const values = ["a", "b", "c", "d", "e"].map((name) => ({ name, size: 100 }));
  for (const value of values.slice(0, 3)) cache.set(value.name, value);
  assertEquals(cache.get("a"), values[0]);
  cache.set("d", values[3]);
  assertEquals(cache.get("b"), null);
  assertEquals(cache.get("a"), values[0]);
  cache.set("e", values[4]);
  assertEquals(cache.get("c"), null);
  assertEquals(cache.get("d"), values[3]);
  assertEquals(cache.bytes, 3 * (ENTRY + 100));
});

Deno.test("FileCache counts what it replaces, deletes and refuses", () => {
  const cache = new FileCache<{ size: number }>(4000);
  cache.set("a", { size: 1000 });
  cache.set("a", { size: 500 });
  assertEquals(cache.bytes, 500 + ENTRY);
  cache.set("b", { size: 4000 });
  assertEquals([cache.get("b"), cache.bytes], [null, 500 + ENTRY]);
  cache.set("a", { size: 4000 });
  assertEquals([cache.get("a"), cache.bytes], [null, 0]);
  cache.delete("none");
  cache.set("a", { size: 0 });
  cache.delete("a");
  assertEquals(cache.bytes, 0);
});

Deno.test("FileCache stays within its bounds whatever is asked", () => {
  const random = new Prng(7);
  const cache = new FileCache<{ size: number }>(50_000);
  let hits = 0;
  for (let round = 0; round < 20_000; round++) {
    const key = `k${random.integer(0, 199)}`;
    const size = random.integer(0, 2999);
    if (cache.get(key) !== null) hits++;
    else cache.set(key, { size });
    if (random.integer(0, 9) === 0) cache.delete(key);
    assertLessOrEqual(cache.bytes, 50_000);
  }
  assert(hits > 1000, `${hits}`);
});
