import { assertEquals, assertInstanceOf } from "@std/assert";
import type { ServerReport } from "../../../../src/http/server_state.ts";
import type {
  RateLimitDecision,
  RateLimitPolicy,
  RateLimitStore,
} from "../../../../src/middleware/rate_limit/store.ts";
import { StoreGuard } from "../../../../src/middleware/rate_limit/store_guard.ts";
import { turn } from "../../../support/site.ts";
import { within } from "../../../support/within.ts";

const POLICY: RateLimitPolicy = {
  name: "api",
  algorithm: "gcra",
  capacity: 5,
  periodMs: 1000,
};
const YES: RateLimitDecision = {
  admitted: true,
  remaining: 4,
  resetMs: 200,
  retryAfterMs: 0,
};

type Behaviour = () => RateLimitDecision | Promise<RateLimitDecision>;

const never: Behaviour = () => new Promise(() => {});
const works: Behaviour = () => Promise.resolve(YES);
const worksAtOnce: Behaviour = () => YES;
const rejects: Behaviour = () => Promise.reject(new Error("connection lost"));
const throws: Behaviour = () => {
  throw new Error("connection lost");
};

/** A guard over a store that does what the test says. */
class Bench {
  behaviour: Behaviour = works;
  time = 1000;
  asked = 0;
  readonly reports: ServerReport[] = [];
  readonly guard: StoreGuard;

  constructor(timeoutMs = 20) {
    const store: RateLimitStore = {
      consume: () => {
        this.asked++;
        return this.behaviour();
      },
    };
    this.guard = new StoreGuard(store, POLICY, {
      timeoutMs,
      retryMs: 500,
      now: () => this.time,
    });
  }

  ask(): RateLimitDecision | null | Promise<RateLimitDecision | null> {
    const report = (report: ServerReport) => void this.reports.push(report);
    return this.guard.consume("key", 1, { report });
  }

  async askTimes(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.ask();
  }

  get levels(): string[] {
    return this.reports.map(({ level, message }) => `${level}: ${message}`);
  }
}

const FAILS = 'warn: the store of rate limit "api" fails';
const BACK = 'info: the store of rate limit "api" works again';

Deno.test("StoreGuard hands decisions on, at once if they come at once", async () => {
  const bench = new Bench();
  bench.behaviour = worksAtOnce;
  assertEquals(bench.ask(), YES);
  bench.behaviour = works;
  const later = bench.ask();
  assertInstanceOf(later, Promise);
  assertEquals(await later, YES);
  assertEquals(bench.reports, []);
});

const FAULTS: Record<string, Behaviour> = {
  "gives no answer": never,
  "rejects": rejects,
  "throws": throws,
  "gives nonsense": () => Promise.resolve({} as RateLimitDecision),
  "gives nothing": () => undefined as unknown as RateLimitDecision,
};

for (const [fault, behaviour] of Object.entries(FAULTS)) {
  Deno.test(`StoreGuard asks no more after three times that a store ${fault}`, async () => {
    const bench = new Bench();
    bench.behaviour = behaviour;
    for (let n = 0; n < 3; n++) {
      assertEquals(
        await within("an answer", Promise.resolve(bench.ask())),
        null,
      );
    }
    assertEquals(bench.asked, 3);
    for (let n = 0; n < 50; n++) assertEquals(bench.ask(), null);
    assertEquals(bench.asked, 3);
    assertEquals(bench.levels, [FAILS]);
    assertInstanceOf(bench.reports[0].error, Error);
  });
}

Deno.test("StoreGuard goes on asking after a single failure", async () => {
  const bench = new Bench();
  for (let n = 0; n < 5; n++) {
    bench.behaviour = rejects;
    await bench.askTimes(2);
    bench.behaviour = works;
    assertEquals(await bench.ask(), YES);
  }
  assertEquals(bench.asked, 15);
});

Deno.test("StoreGuard lets one request ask when the time has come", async () => {
  const bench = new Bench();
  bench.behaviour = rejects;
  await bench.askTimes(3);
  bench.time += 499;
  assertEquals(bench.ask(), null);
  bench.time += 1;
  const { promise, resolve, reject } = Promise.withResolvers<
    RateLimitDecision
  >();
  bench.behaviour = () => promise;
  const probe = bench.ask();
  for (let n = 0; n < 10; n++) assertEquals(bench.ask(), null);
  assertEquals(bench.asked, 4);
  reject(new Error("still out"));
  assertEquals(await probe, null);
  assertEquals(bench.ask(), null);

  bench.time += 500;
  bench.behaviour = works;
  assertEquals(await bench.ask(), YES);
  assertEquals(await bench.ask(), YES);
  assertEquals(bench.asked, 6);
  assertEquals(bench.levels, [FAILS, BACK]);
  resolve(YES);
});

Deno.test("StoreGuard tells of each outage once", async () => {
  const bench = new Bench();
  for (let outage = 0; outage < 3; outage++) {
    bench.behaviour = rejects;
    await Promise.all(Array.from({ length: 20 }, () => bench.ask()));
    bench.time += 500;
    bench.behaviour = works;
    await bench.askTimes(5);
  }
  assertEquals(bench.levels, [FAILS, BACK, FAILS, BACK, FAILS, BACK]);
});

Deno.test("StoreGuard heeds no answer that comes too late", async () => {
  const bench = new Bench(1);
  const late: ((error: Error) => void)[] = [];
  bench.behaviour = () =>
    new Promise((_, reject) => {
      late.push(reject);
    });
  await bench.askTimes(3);
  for (const reject of late) reject(new Error("too late"));
  await turn();
  assertEquals(bench.levels, [FAILS]);
});

Deno.test("StoreGuard leaves no timer behind an answer", async () => {
  // The sanitizer of the test would find it.
  const bench = new Bench(60_000);
  await bench.askTimes(3);
  bench.behaviour = rejects;
  await bench.askTimes(3);
});
