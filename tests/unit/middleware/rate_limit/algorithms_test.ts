import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  CONSUME,
  freshState,
  groupSize,
  type LimitState,
} from "../../../../src/middleware/rate_limit/algorithms.ts";
import type {
  RateLimitAlgorithm,
  RateLimitDecision,
  RateLimitPolicy,
} from "../../../../src/middleware/rate_limit/store.ts";

const ALGORITHMS = Object.keys(CONSUME) as RateLimitAlgorithm[];

function policy(
  algorithm: RateLimitAlgorithm,
  capacity: number,
  periodMs: number,
): RateLimitPolicy {
  return { name: "test", algorithm, capacity, periodMs };
}

/** One key under a policy. */
class Meter {
  readonly state: LimitState = freshState();
  constructor(readonly policy: RateLimitPolicy) {}
  ask(now: number, cost = 1): RateLimitDecision {
    return CONSUME[this.policy.algorithm](this.state, now, cost, this.policy);
  }
}

type Row = [
  now: number,
  cost: number,
  verdict: "yes" | "no",
  remaining: number,
  resetMs: number,
  retryAfterMs: number,
];

/** 4 at once, one more each 250 ms. */
const BUCKET: Row[] = [
  [1000, 1, "yes", 3, 250, 0],
  [1000, 3, "yes", 0, 250, 0],
  [1000, 1, "no", 0, 250, 250],
  [1100, 1, "no", 0, 150, 150],
  [1100, 3, "no", 0, 150, 650],
  [1249, 1, "no", 0, 1, 1],
  [1250, 1, "yes", 0, 250, 0],
  [1750, 1, "yes", 1, 250, 0],
  [1875, 0, "yes", 1, 125, 0],
  [1875, 5, "no", 1, 125, Infinity],
  [9000, 4, "yes", 0, 250, 0],
];

const TABLES: Record<RateLimitAlgorithm, Row[]> = {
  "token-bucket": BUCKET,
  gcra: BUCKET,
  "fixed-window": [
    [300, 1, "yes", 3, 1000, 0],
    [400, 2, "yes", 1, 900, 0],
    [400, 2, "no", 1, 900, 900],
    [500, 1, "yes", 0, 800, 0],
    [1299, 1, "no", 0, 1, 1],
    [1299, 5, "no", 0, 1, Infinity],
    [1300, 4, "yes", 0, 1000, 0],
    [1300, 0, "yes", 0, 1000, 0],
    // The next window begins with the next request.
    [3000, 1, "yes", 3, 1000, 0],
  ],
  "sliding-window": [
    [300, 1, "yes", 3, 1000, 0],
    [400, 2, "yes", 1, 900, 0],
    [500, 1, "yes", 0, 800, 0],
    [600, 1, "no", 0, 700, 700],
    [600, 3, "no", 0, 700, 800],
    [600, 4, "no", 0, 700, 900],
    [600, 5, "no", 0, 700, Infinity],
    [1299, 1, "no", 0, 1, 1],
    [1300, 1, "yes", 0, 100, 0],
    [1400, 2, "yes", 0, 100, 0],
    [1500, 0, "yes", 1, 800, 0],
    [9000, 4, "yes", 0, 1000, 0],
  ],
};

for (const algorithm of ALGORITHMS) {
  Deno.test(`${algorithm} decides as the table says`, () => {
    const meter = new Meter(policy(algorithm, 4, 1000));
    for (const [now, cost, verdict, ...numbers] of TABLES[algorithm]) {
      const decision = meter.ask(now, cost);
      const name = `at ${now}, cost ${cost}`;
      assertEquals(decision.admitted, verdict === "yes", name);
      const { remaining, resetMs, retryAfterMs } = decision;
      const found = [remaining, resetMs, retryAfterMs]
        .map((number) => Number(number.toFixed(6)));
      assertEquals(found, numbers, name);
    }
  });

  Deno.test(`${algorithm} has no more to give back when nothing is used`, () => {
    const meter = new Meter(policy(algorithm, 4, 1000));
    assertEquals(meter.ask(5, 0), {
      admitted: true,
      remaining: 4,
      resetMs: 0,
      retryAfterMs: 0,
    });
    assertEquals(meter.ask(5, 7), {
      admitted: false,
      remaining: 4,
      resetMs: 0,
      retryAfterMs: Infinity,
    });
  });

  Deno.test(`${algorithm} counts nothing for a request that is refused`, () => {
    const asked = new Meter(policy(algorithm, 3, 900));
    const spared = new Meter(policy(algorithm, 3, 900));
    for (const meter of [asked, spared]) meter.ask(10, 3);
    for (let now = 11; now < 300; now += 7) {
      assertEquals(asked.ask(now, 2).admitted, false);
    }
    for (let now = 300; now < 3000; now += 50) {
      assertEquals(asked.ask(now), spared.ask(now), `${now}`);
    }
  });

  Deno.test(`${algorithm} starts anew when the clock goes back by more than a period`, () => {
    const meter = new Meter(policy(algorithm, 2, 1000));
    assert(meter.ask(1_000_000, 2).admitted);
    assert(meter.ask(5000, 2).admitted);
    assertEquals(meter.ask(5000, 1).admitted, false);
  });

  Deno.test(`${algorithm} holds back three periods at most when the clock goes back a little`, () => {
    const meter = new Meter(policy(algorithm, 2, 1000));
    assert(meter.ask(10_000, 2).admitted);
    const { admitted, retryAfterMs } = meter.ask(9_100, 2);
    assertEquals(admitted, false);
    assert(retryAfterMs <= 3000, `${retryAfterMs}`);
    assert(meter.ask(9_100 + retryAfterMs, 2).admitted);
  });

  Deno.test(`${algorithm} tells when its state counts no more`, () => {
    const meter = new Meter(policy(algorithm, 4, 1000));
    meter.ask(100, 2);
    meter.ask(150, 1);
    const { freeAt } = meter.state;
    const before = meter.ask(freeAt - 2, 0);
    assert(before.remaining < 4);
    const other = new Meter(meter.policy);
    assertEquals(meter.ask(freeAt, 4), other.ask(freeAt, 4));
  });
}

interface Arrival {
  readonly gapMs: number;
  readonly cost: number;
}

const arrivals: fc.Arbitrary<Arrival[]> = fc.array(
  fc.record({
    gapMs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 50 }),
      fc.double({ min: 0, max: 700, noNaN: true }),
    ),
    cost: fc.oneof(
      { weight: 5, arbitrary: fc.constant(1) },
      fc.integer({ min: 0, max: 6 }),
    ),
  }),
  { maxLength: 300 },
);
const capacities = fc.integer({ min: 1, max: 350 });
const periods = fc.double({ min: 1, max: 5000, noNaN: true });

/** The admitted requests, with their times. */
function admittedOf(
  meter: Meter,
  stream: readonly Arrival[],
): { at: number; cost: number }[] {
  const admitted: { at: number; cost: number }[] = [];
  let at = 1_700_000;
  for (const { gapMs, cost } of stream) {
    at += gapMs;
    if (meter.ask(at, cost).admitted) admitted.push({ at, cost });
  }
  return admitted;
}

for (const algorithm of ["token-bucket", "gcra"] as const) {
  Deno.test(`${algorithm} never admits more than burst + rate x t in any stretch`, () => {
    fc.assert(
      fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
        const meter = new Meter(policy(algorithm, capacity, period));
        const admitted = admittedOf(meter, stream);
        for (let from = 0; from < admitted.length; from++) {
          let sum = 0;
          for (let to = from; to < admitted.length; to++) {
            sum += admitted[to].cost;
            const ms = admitted[to].at - admitted[from].at;
            const most = capacity + capacity * ms / period;
            assert(sum <= most * (1 + 1e-7), `${sum} in ${ms} ms`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
}

Deno.test("token-bucket and gcra decide alike", () => {
  fc.assert(
    fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
      const bucket = new Meter(policy("token-bucket", capacity, period));
      const gcra = new Meter(policy("gcra", capacity, period));
      let now = 5000;
      for (const { gapMs, cost } of stream) {
        now += gapMs;
        const one = bucket.ask(now, cost);
        const other = gcra.ask(now, cost);
        assertEquals(one.admitted, other.admitted);
        assertEquals(one.remaining, other.remaining);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("sliding-window never admits more than the limit in any window", () => {
  fc.assert(
    fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
      const meter = new Meter(policy("sliding-window", capacity, period));
      const admitted = admittedOf(meter, stream);
      for (let from = 0; from < admitted.length; from++) {
        let sum = 0;
        for (let to = from; to < admitted.length; to++) {
          const ms = admitted[to].at - admitted[from].at;
          if (ms >= period * (1 - 1e-8)) break;
          sum += admitted[to].cost;
        }
        assert(sum <= capacity, `${sum} of ${capacity}`);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("sliding-window refuses only what a whole log would refuse, but for a part of one group", () => {
  fc.assert(
    fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
      const meter = new Meter(policy("sliding-window", capacity, period));
      const log: { at: number; cost: number }[] = [];
      let at = 777;
      for (const { gapMs, cost } of stream) {
        at += gapMs;
        const used = log.filter((one) => at - one.at < period * (1 - 1e-9))
          .reduce((sum, one) => sum + one.cost, 0);
        const { admitted, remaining } = meter.ask(at, cost);
        if (admitted) log.push({ at, cost });
        const held = groupSize(capacity) - 1;
        assert(
          admitted || cost > capacity - used - held,
          `${cost} refused with ${capacity - used} left`,
        );
        const left = capacity - used - (admitted ? cost : 0);
        assert(remaining <= left && remaining >= left - held);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("sliding-window keeps at most 101 groups, whatever the limit and the cost", () => {
  for (const capacity of [1, 99, 100, 101, 12_345, 1e9]) {
    const meter = new Meter(policy("sliding-window", capacity, 1000));
    for (let at = 0; at < 3000; at++) {
      meter.ask(at, Math.max(1, capacity / 1500));
      meter.ask(at, Math.ceil(capacity / 7));
      assert(meter.state.times.length <= 101, `${meter.state.times.length}`);
    }
  }
});

Deno.test("fixed-window never admits more than the limit from a window's first request on", () => {
  fc.assert(
    fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
      const meter = new Meter(policy("fixed-window", capacity, period));
      let sum = 0;
      let start = -Infinity;
      let at = 50;
      for (const { gapMs, cost } of stream) {
        at += gapMs;
        const isNew = at - start >= period * (1 - 1e-9);
        const { admitted } = meter.ask(at, cost);
        if (isNew) sum = 0;
        if (isNew && cost <= capacity) start = at;
        if (admitted) sum += cost;
        assert(sum <= capacity);
      }
    }),
    { numRuns: 150 },
  );
});

for (const algorithm of ALGORITHMS) {
  Deno.test(`${algorithm} admits whoever waits as long as told, and not 1 % earlier`, () => {
    fc.assert(
      fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
        const meter = new Meter(policy(algorithm, capacity, period));
        let now = 1000;
        for (const { gapMs, cost } of stream) {
          now += gapMs / 10;
          const { admitted, retryAfterMs, resetMs } = meter.ask(now, cost);
          if (admitted || retryAfterMs === Infinity) continue;
          assert(resetMs <= retryAfterMs + 1e-6, `${resetMs} ${retryAfterMs}`);
          const early = now + retryAfterMs * 0.99 - 1e-3;
          if (early > now) assertEquals(meter.ask(early, cost).admitted, false);
          now += retryAfterMs;
          assertEquals(meter.ask(now, cost).admitted, true, `after ${now}`);
        }
      }),
      { numRuns: 150 },
    );
  });

  Deno.test(`${algorithm} has more left once resetMs is over`, () => {
    fc.assert(
      fc.property(capacities, periods, arrivals, (capacity, period, stream) => {
        const meter = new Meter(policy(algorithm, capacity, period));
        let now = 1000;
        for (const { gapMs, cost } of stream) {
          now += gapMs;
          const { remaining, resetMs } = meter.ask(now, cost);
          if (remaining === capacity) continue;
          assert(resetMs > 0);
          now += resetMs + 1e-6;
          assert(meter.ask(now, 0).remaining > remaining);
        }
      }),
      { numRuns: 100 },
    );
  });

  Deno.test(`${algorithm} admits the configured rate under steady overload`, () => {
    for (const capacity of [3, 100, 500, 5000]) {
      const meter = new Meter(policy(algorithm, capacity, 1000));
      let admitted = 0;
      const requests = 50 * capacity * 2;
      for (let n = 0; n < requests; n++) {
        if (meter.ask(n * 50_000 / requests).admitted) admitted++;
      }
      // Token bucket and GCRA have a burst on top.
      const isBucket = algorithm === "token-bucket" || algorithm === "gcra";
      const expected = capacity * (isBucket ? 51 : 50);
      assertAlmostEquals(admitted / expected, 1, 0.012, `${admitted}`);
    }
  });
}
