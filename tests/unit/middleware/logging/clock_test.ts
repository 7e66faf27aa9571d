import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { LogClock } from "../../../../src/middleware/logging/clock.ts";

/** Reads until the clock has moved on. */
function pass(clock: LogClock): number {
  const from = clock.monotonic();
  let now = from;
  while (now === from) now = clock.monotonic();
  return now;
}

for (const read of ["start", "end"] as const) {
  Deno.test(`LogClock.${read}() is one time for what comes in a row`, async () => {
    const clock = new LogClock();
    const times: number[] = [];
    await Promise.all([1, 2, 3].map(async () => {
      await null;
      times.push(clock[read]());
      pass(clock);
    }));
    assertEquals(times.length, 3);
    assertEquals(new Set(times).size, 1);
    const later = pass(clock);
    const next = clock[read]();
    assert(next >= later, `${next} before ${later}`);
    assertNotEquals(next, times[0]);
  });
}

Deno.test("LogClock.start() reads a clock that was given each time", () => {
  let ticks = 0;
  const clock = new LogClock(undefined, () => ++ticks);
  assertEquals([clock.start(), clock.start(), clock.monotonic()], [1, 2, 3]);
});

Deno.test("LogClock.end() counts what a request that has just begun computes", () => {
  const clock = new LogClock();
  clock.end();
  clock.start();
  const later = pass(clock);
  const end = clock.end();
  assert(end >= later, `${end} before ${later}`);
});

Deno.test("LogClock.end() reads a clock that was given each time", () => {
  let ticks = 0;
  const clock = new LogClock(undefined, () => ++ticks);
  assertEquals([clock.end(), clock.end(), clock.start()], [1, 2, 3]);
});

Deno.test("LogClock.timeAt() follows the time of day", () => {
  const clock = new LogClock();
  for (let at = 0; at < 1000; at++) {
    const before = Date.now();
    const time = clock.timeAt(clock.monotonic());
    assert(time >= before - 2 && time <= Date.now() + 2, `${time - before}`);
    assertEquals(time, Math.floor(time));
  }
});
