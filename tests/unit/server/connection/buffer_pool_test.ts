/** The pools of buffers. */
import { assert, assertEquals } from "@std/assert";
import {
  OutputPool,
  READ_SIZES,
  ReadPool,
} from "../../../../src/server/connection/buffer_pool.ts";

Deno.test("ReadPool hands out buffers of the size class", () => {
  const pool = new ReadPool();
  READ_SIZES.forEach((size, sizeClass) => {
    assertEquals(pool.take(sizeClass).length, size);
  });
});

Deno.test("ReadPool hands out no byte twice when buffers share a slab", () => {
  const pool = new ReadPool();
  const taken = Array.from({ length: 300 }, () => pool.take(0));
  taken.forEach((buffer, at) => buffer.fill(at % 251));
  for (const [at, buffer] of taken.entries()) {
    assert(buffer.every((byte) => byte === at % 251), `${at}`);
  }
});

Deno.test("ReadPool hands a buffer out again when it was given back", () => {
  const pool = new ReadPool();
  for (let sizeClass = 0; sizeClass < READ_SIZES.length; sizeClass++) {
    const buffer = pool.take(sizeClass);
    pool.give(sizeClass, buffer);
    assert(pool.take(sizeClass) === buffer);
    assert(pool.take(sizeClass) !== buffer);
  }
});

Deno.test("ReadPool keeps a bounded number of large buffers", () => {
  const pool = new ReadPool();
  const given = new Set<Uint8Array>();
  for (let n = 0; n < 200; n++) {
    const buffer = new Uint8Array(65_536);
    given.add(buffer);
    pool.give(3, buffer);
  }
  let kept = 0;
  while (given.has(pool.take(3))) kept++;
  assertEquals(kept, 64);
});

Deno.test("OutputPool hands out empty buffers and drops those that have grown", () => {
  const pool = new OutputPool();
  const small = pool.take();
  small.appendLatin1("secret");
  pool.give(small);
  const again = pool.take();
  assert(again === small);
  assertEquals(again.length, 0);
  again.append(new Uint8Array(1_000_000));
  pool.give(again);
  assert(pool.take() !== again);
});

Deno.test("OutputPool lends 16 large buffers and no more", () => {
  const pool = new OutputPool();
  const lent = Array.from({ length: 16 }, () => pool.takeLarge());
  assert(lent.every((buffer) => buffer !== null));
  assertEquals(new Set(lent).size, 16);
  assertEquals(pool.takeLarge(), null);
  const [one, other, third] = lent;
  if (one === null || other === null || third === null) return;
  one.appendLatin1("secret");
  pool.give(one);
  assert(pool.takeLarge() === one);
  assertEquals(one.length, 0);
  // What has grown is no use, and what is lost no loss.
  other.append(new Uint8Array(600_000));
  pool.give(other);
  pool.forget(third);
  const made = [pool.takeLarge(), pool.takeLarge()];
  assert(made.every((buffer) => buffer !== null && !lent.includes(buffer)));
  assertEquals(pool.takeLarge(), null);
});

Deno.test("OutputPool takes no other buffer for a large one", () => {
  const pool = new OutputPool();
  const grown = pool.take();
  grown.reserve(512 * 1024);
  assertEquals(grown.bytes.length, 512 * 1024);
  pool.give(grown);
  assert(pool.takeLarge() !== grown);
  assert(pool.take() !== grown);
});
