/** `tickFor` and `DeadlineSweeper`. */
import { assertEquals } from "@std/assert";
import { DeadlineSweeper, tickFor } from "../../../src/server/timers.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

const TICKS: readonly [timeouts: number[], tick: number][] = [
  [[15_000, 65_000], 250],
  [[2_500], 250],
  [[2_499], 249],
  [[1_000, 30_000], 100],
  [[99], 9],
  [[50], 5],
  [[1], 5],
  [[0, 0], 250],
  [[], 250],
  [[0, 1_000], 100],
  [[Number.MAX_SAFE_INTEGER], 250],
];

for (const [timeouts, tick] of TICKS) {
  Deno.test(`tickFor() gives ${tick} when the time-outs are ${timeouts}`, () => {
    assertEquals(tickFor(timeouts), tick);
  });
}

function make(clock: FakeClock) {
  const ticks: number[] = [];
  const sweeper = new DeadlineSweeper(clock, 100, (now) => ticks.push(now));
  const seen: number[] = [];
  const member = { checkDeadlines: (now: number) => void seen.push(now) };
  return { sweeper, ticks, seen, member };
}

Deno.test("DeadlineSweeper asks its members once a tick when it is started", () => {
  const clock = new FakeClock(1_000);
  const { sweeper, ticks, seen, member } = make(clock);
  sweeper.add(member);
  clock.advance(500);
  assertEquals(ticks, []);
  sweeper.start();
  sweeper.start();
  assertEquals([ticks.at(-1), sweeper.now], [1_500, 1_500]);
  seen.length = 0;
  clock.advance(250);
  assertEquals(seen, [1_600, 1_700]);
  assertEquals([sweeper.now, sweeper.exactNow()], [1_700, 1_750]);
  sweeper.delete(member);
  clock.advance(100);
  assertEquals(seen, [1_600, 1_700]);
  assertEquals(ticks.at(-1), 1_800);
});

Deno.test("DeadlineSweeper asks nobody when it is stopped", () => {
  const clock = new FakeClock();
  const { sweeper, seen, member } = make(clock);
  sweeper.start();
  sweeper.add(member);
  sweeper.stop();
  sweeper.stop();
  clock.advance(1_000);
  assertEquals(seen, []);
});

Deno.test("DeadlineSweeper asks the others when members leave during a sweep", () => {
  const clock = new FakeClock();
  const { sweeper, seen, member } = make(clock);
  const leaving = { checkDeadlines: () => sweeper.delete(leaving) };
  sweeper.start();
  sweeper.add(leaving);
  sweeper.add(member);
  clock.advance(200);
  assertEquals(seen, [100, 200]);
});

Deno.test("DeadlineSweeper gives deadlines that are never early", () => {
  const clock = new FakeClock();
  const { sweeper } = make(clock);
  sweeper.start();
  clock.advance(199);
  assertEquals(sweeper.exactDeadline(50), 249);
  assertEquals(sweeper.coarseDeadline(50), 250);
  assertEquals(sweeper.exactDeadline(0), Infinity);
  assertEquals(sweeper.coarseDeadline(0), Infinity);
});

Deno.test("DeadlineSweeper.lagMs is the longest delay of the last 10 to 20 seconds", () => {
  let now = 5_000;
  let sweep = () => {};
  const clock = {
    now: () => now,
    date: () => now,
    every: (_ms: number, tick: () => void) => {
      sweep = tick;
      return () => {};
    },
  };
  const sweeper = new DeadlineSweeper(clock, 100, () => {});
  sweeper.start();
  assertEquals(sweeper.lagMs, 0);
  const steps: [ms: number, lag: number][] = [
    [100, 0],
    [90, 0],
    [130, 30],
    [110, 30],
    [5_100, 5_000],
    [8_000, 7_900],
    [100, 7_900],
    [9_500, 9_400],
    [100_000, 99_900],
    [100, 99_900],
  ];
  for (const [ms, lag] of steps) {
    now += ms;
    sweep();
    assertEquals(sweeper.lagMs, lag);
  }
  for (let passed = 0; passed < 20_000; passed += 100) {
    now += 100;
    sweep();
  }
  assertEquals(sweeper.lagMs, 0);
});

/** A clock that jumps, as it does for a process that was stopped. */
class JumpyClock {
  time = 0;
  tick = () => {};

  now(): number {
    return this.time;
  }

  date(): number {
    return this.time;
  }

  every(_ms: number, tick: () => void): () => void {
    this.tick = tick;
    return () => {};
  }
}

Deno.test("DeadlineSweeper counts no lost time when it is asked before the next sweep", () => {
  const clock = new JumpyClock();
  const sweeper = new DeadlineSweeper(clock, 100, () => {});
  sweeper.start();
  clock.time = 50;
  const before = sweeper.exactNow();
  clock.time = 60_050;
  // What a peer has sent meanwhile is read before the sweep.
  const waited = sweeper.exactNow() - before;
  assertEquals(waited, 50);
  clock.time += 30;
  assertEquals(sweeper.exactNow() - before, 80);
  clock.tick();
  assertEquals([sweeper.now - before, sweeper.lagMs], [80, 59_950]);
  clock.time += 100;
  clock.tick();
  assertEquals(sweeper.now - before, 180);
});

Deno.test("DeadlineSweeper counts all time when it is not started or stopped", () => {
  const clock = new JumpyClock();
  const sweeper = new DeadlineSweeper(clock, 100, () => {});
  clock.time = 60_000;
  assertEquals(sweeper.exactNow(), 60_000);
  sweeper.start();
  sweeper.stop();
  clock.time = 120_000;
  assertEquals(sweeper.exactNow(), 120_000);
});
