/** `FakeClock`. */
import { assertEquals, assertThrows } from "@std/assert";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

Deno.test("FakeClock stands still when nobody advances it", () => {
  const clock = new FakeClock(5);
  assertEquals([clock.now(), clock.now(), new FakeClock().now()], [5, 5, 0]);
});

Deno.test("FakeClock ticks at each due time when it is advanced", () => {
  const clock = new FakeClock();
  const ticks: string[] = [];
  clock.every(100, () => ticks.push(`a${clock.now()}`));
  const stop = clock.every(150, () => ticks.push(`b${clock.now()}`));
  clock.advance(99);
  assertEquals(ticks, []);
  clock.advance(201);
  assertEquals(ticks, ["a100", "b150", "a200", "a300", "b300"]);
  assertEquals(clock.now(), 300);
  stop();
  clock.advance(100);
  assertEquals(ticks.slice(5), ["a400"]);
});

Deno.test("FakeClock.advance() throws when it is no time ahead", () => {
  const clock = new FakeClock();
  for (const ms of [-1, NaN, Infinity]) {
    assertThrows(() => clock.advance(ms), RangeError, `Cannot use ${ms} as`);
  }
  const text: unknown = "5s";
  assertThrows(() => clock.advance(text as number), TypeError, '"5s"');
});

Deno.test("FakeClock rings nobody whom a tick has ended", () => {
  const clock = new FakeClock();
  const ticks: string[] = [];
  let stop = () => {};
  clock.every(100, () => {
    ticks.push("first");
    stop();
  });
  stop = clock.every(100, () => ticks.push("second"));
  clock.advance(200);
  assertEquals(ticks, ["first", "first"]);
});
