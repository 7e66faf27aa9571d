import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../../../src/http/errors.ts";
import type { AnyRequest } from "../../../../src/http/request.ts";
import { HttpResponse } from "../../../../src/http/response.ts";
import {
  rateLimit,
  type RateLimitDecision,
  type RateLimitOptions,
  type RateLimitStore,
} from "../../../../src/middleware/rate_limit/mod.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { fakeRequest, type FakeRequestInit, run } from "../fakes.ts";

/** A limit, the clock that it runs by, and a client. */
function limited(options: RateLimitOptions) {
  const clock = new FakeClock(784_111_777_000);
  const limit = rateLimit({ now: () => clock.now(), ...options });
  const ask = (init: FakeRequestInit = {}) => run(limit, fakeRequest(init));
  return { clock, ask, limit };
}

function from(hostname: string): FakeRequestInit {
  return { remoteAddress: { transport: "tcp", hostname, port: 5 } };
}

Deno.test("rateLimit() is a token bucket when given a rate and a burst", async () => {
  const { clock, ask } = limited({
    requestsPerSecond: 100 / 60,
    burstSize: 10,
  });
  for (let left = 9; left >= 0; left--) {
    const response = await ask();
    assertEquals(response.status, 200);
    assertEquals(response.header("ratelimit-policy"), '"default";q=10;w=6');
    assertEquals(response.header("ratelimit"), `"default";r=${left};t=1`);
    assertEquals(response.header("retry-after"), null);
  }
  const refused = await ask();
  assertEquals(refused.status, 429);
  assertEquals(refused.header("retry-after"), "1");
  assertEquals(refused.header("ratelimit"), '"default";r=0;t=1');
  clock.advance(599);
  assertEquals((await ask()).status, 429);
  clock.advance(1);
  assertEquals((await ask()).status, 200);
  assertEquals((await ask()).status, 429);
  clock.advance(3_600_000);
  assertEquals((await ask()).header("ratelimit"), '"default";r=9;t=1');
});

Deno.test("rateLimit() says no with problem details", async () => {
  const { ask } = limited({
    name: "per user",
    requestsPerSecond: 0.1,
    message: "Only one in ten seconds",
  });
  await ask();
  const response = await ask();
  assertEquals(response.header("content-type"), "application/problem+json");
  assertEquals(await response.json(), {
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Too Many Requests",
    status: 429,
    detail: "Only one in ten seconds",
    "violated-policies": ["per user"],
  });
  assertEquals(response.header("retry-after"), "10");
  assert(response.error instanceof HttpError);
});

for (const algorithm of ["fixed-window", "sliding-window", "gcra"] as const) {
  Deno.test(`rateLimit() admits who waits for Retry-After, by ${algorithm}`, async () => {
    const { clock, ask } = limited({ algorithm, limit: 3, windowMs: 7_500 });
    for (let round = 0; round < 5; round++) {
      let response = await ask();
      while (response.status === 200) {
        clock.advance(100);
        response = await ask();
      }
      const seconds = Number(response.header("retry-after"));
      assert(seconds >= 1 && seconds <= 8, `${seconds}`);
      const reset = /t=(\d+)$/.exec(response.header("ratelimit") ?? "")?.[1];
      assert(Number(reset) <= seconds, "the draft forbids it");
      clock.advance(1000 * seconds);
      assertEquals((await ask()).status, 200);
      clock.advance(20_000);
    }
  });
}

Deno.test("rateLimit() does not run what is behind it for a refused request", async () => {
  const { limit } = limited({ requestsPerSecond: 1 });
  let runs = 0;
  const next = () => {
    runs++;
    return new HttpResponse();
  };
  for (let n = 0; n < 3; n++) await run(limit, fakeRequest(), next);
  assertEquals(runs, 1);
});

Deno.test("rateLimit() counts clients by address, IPv6 by /64", async () => {
  const { ask } = limited({ requestsPerSecond: 1 });
  assertEquals((await ask(from("192.0.2.1"))).status, 200);
  assertEquals((await ask(from("192.0.2.2"))).status, 200);
  assertEquals((await ask(from("::ffff:192.0.2.1"))).status, 429);
  assertEquals((await ask(from("::ffff:c000:202"))).status, 429);
  assertEquals((await ask(from("2001:db8::1"))).status, 200);
  assertEquals((await ask(from("2001:db8::ffff:2"))).status, 429);
  assertEquals((await ask(from("2001:db8:0:1::1"))).status, 200);
});

Deno.test("rateLimit() counts IPv6 clients by the prefix that it is given", async () => {
  const { ask } = limited({ requestsPerSecond: 1, ipv6Prefix: 48 });
  assertEquals((await ask(from("2001:db8::1"))).status, 200);
  assertEquals((await ask(from("2001:db8:0:ffff::1"))).status, 429);
  assertEquals((await ask(from("2001:db8:1::1"))).status, 200);
});

Deno.test("rateLimit() is not fooled by X-Forwarded-For", async () => {
  const { ask } = limited({ requestsPerSecond: 1 });
  const statuses: number[] = [];
  for (const ip of ["203.0.113.1", "203.0.113.2"]) {
    const headers = { "x-forwarded-for": ip, "forwarded": `for=${ip}` };
    statuses.push((await ask({ headers })).status);
  }
  assertEquals(statuses, [200, 429]);
});

Deno.test("rateLimit() counts by a field, and by address without it", async () => {
  const { ask } = limited({
    requestsPerSecond: 1,
    key: { header: "X-Api-Key" },
  });
  const key = (value: string) => ({ headers: { "x-api-key": value } });
  assertEquals((await ask(key("a"))).status, 200);
  assertEquals((await ask(key("b"))).status, 200);
  assertEquals((await ask(key("a"))).status, 429);
  assertEquals((await ask()).status, 200);
  assertEquals((await ask()).status, 429);
});

Deno.test("rateLimit() counts by a function, and limits nobody without a key", async () => {
  const { ask } = limited({
    requestsPerSecond: 1,
    key: (request) => request.header("x-user"),
  });
  const ada = { headers: { "x-user": "Ada" } };
  assertEquals((await ask(ada)).status, 200);
  assertEquals((await ask(ada)).status, 429);
  for (let n = 0; n < 3; n++) {
    const response = await ask();
    assertEquals(response.status, 200);
    assertEquals(response.header("ratelimit"), null);
  }
});

Deno.test("rateLimit() leaves out what skip() says", async () => {
  const { ask } = limited({
    requestsPerSecond: 1,
    skip: (request: AnyRequest) => request.target === "/health",
  });
  for (let n = 0; n < 3; n++) {
    const response = await ask({ target: "/health" });
    assertEquals([response.status, response.headers.size], [200, 0]);
  }
  assertEquals((await ask()).status, 200);
  assertEquals((await ask()).status, 429);
});

Deno.test("rateLimit() takes what a request costs", async () => {
  const { clock, ask } = limited({
    requestsPerSecond: 1,
    burstSize: 10,
    cost: (request: AnyRequest) => Number(request.header("x-cost")),
  });
  const cost = (units: number) => ask({ headers: { "x-cost": `${units}` } });
  assertEquals((await cost(7)).header("ratelimit"), '"default";r=3;t=1');
  const refused = await cost(5);
  assertEquals(refused.status, 429);
  assertEquals(refused.header("ratelimit"), '"default";r=3;t=1');
  assertEquals(refused.header("retry-after"), "2");
  assertEquals((await cost(0)).status, 200);
  clock.advance(2000);
  assertEquals((await cost(5)).status, 200);
  const never = await cost(11);
  assertEquals(never.status, 429);
  assertEquals(never.header("retry-after"), null);
  for (const units of [-1, NaN, Infinity]) {
    await assertRejects(async () => await cost(units), RangeError, "cost");
  }
});

Deno.test("rateLimit() answers by onLimit, and adds its fields", async () => {
  const seen: RateLimitDecision[] = [];
  const answers = [
    () => new HttpResponse({ status: 503, body: "later" }),
    () => new Response("later", { status: 503 }),
    () => Promise.resolve(new Response("later", { status: 503 })),
    () => Promise.resolve(new HttpResponse({ status: 503, body: "later" })),
  ];
  for (const answer of answers) {
    const { ask } = limited({
      requestsPerSecond: 0.5,
      onLimit: (_request, decision) => {
        seen.push(decision);
        return answer();
      },
    });
    await ask();
    const response = await ask();
    assertEquals(response.status, 503);
    assertEquals(await response.text(), "later");
    assertEquals(response.header("retry-after"), "2");
    assertEquals(response.header("ratelimit"), '"default";r=0;t=2');
  }
  assertEquals(seen[0], {
    admitted: false,
    remaining: 0,
    resetMs: 2000,
    retryAfterMs: 2000,
  });
});

Deno.test("rateLimit() throws a TypeError when onLimit returns no answer", async () => {
  for (const value of [undefined, "no", {}, Promise.resolve(undefined)]) {
    const { ask } = limited({
      requestsPerSecond: 1,
      onLimit: () => value as unknown as HttpResponse,
    });
    await ask();
    await assertRejects(
      async () => await ask(),
      TypeError,
      'that "onLimit" of rateLimit gave',
    );
  }
});

Deno.test("rateLimit() joins the fields of several limits", async () => {
  const clock = new FakeClock();
  const now = () => clock.now();
  const day = rateLimit({
    name: "day",
    algorithm: "fixed-window",
    limit: 100,
    windowMs: 86_400_000,
    now,
  });
  const burst = rateLimit({ name: "burst", requestsPerSecond: 2, now });
  const ask = () => run(day, fakeRequest(), () => run(burst, fakeRequest()));
  const first = await ask();
  assertEquals(
    first.header("ratelimit-policy"),
    '"day";q=100;w=86400, "burst";q=2;w=1',
  );
  assertEquals(
    first.header("ratelimit"),
    '"day";r=99;t=86400, "burst";r=1;t=1',
  );
  await ask();
  const refused = await ask();
  assertEquals(refused.status, 429);
  assertEquals(refused.header("retry-after"), "1");
  assertEquals(
    refused.header("ratelimit"),
    '"day";r=97;t=86400, "burst";r=0;t=1',
  );
});

Deno.test("rateLimit() writes the fields that it is told to", async () => {
  const names = ["ratelimit", "ratelimit-policy", "x-ratelimit-limit"];
  const table: [standard: boolean, legacy: boolean, found: boolean[]][] = [
    [true, false, [true, true, false]],
    [false, true, [false, false, true]],
    [true, true, [true, true, true]],
    [false, false, [false, false, false]],
  ];
  for (const [standardHeaders, legacyHeaders, found] of table) {
    const { ask } = limited({
      requestsPerSecond: 1,
      standardHeaders,
      legacyHeaders,
    });
    for (const status of [200, 429]) {
      const response = await ask();
      assertEquals(response.status, status);
      assertEquals(names.map((name) => response.headers.has(name)), found);
      assertEquals(response.headers.has("retry-after"), status === 429);
    }
  }
});

Deno.test("rateLimit() takes no promise with a store that decides at once", () => {
  const { limit } = limited({ requestsPerSecond: 1 });
  for (let n = 0; n < 2; n++) {
    const answer = limit(fakeRequest(), () => new HttpResponse());
    assert(answer instanceof HttpResponse);
  }
});

Deno.test("rateLimit() tells stores whose limit it is", async () => {
  const seen: unknown[] = [];
  const store: RateLimitStore = {
    consume: (...args) => {
      seen.push(args);
      return { admitted: true, remaining: 1, resetMs: 1, retryAfterMs: 0 };
    },
  };
  const { ask } = limited({ name: "api", requestsPerSecond: 4, store });
  await ask();
  const policy = {
    name: "api",
    algorithm: "token-bucket",
    capacity: 4,
    periodMs: 1000,
  };
  assertEquals(seen, [["api:token-bucket:192.0.2.1", 1, policy]]);
});

const FAILING: RateLimitStore = {
  consume: () => Promise.reject(new Error("connection lost")),
};

Deno.test("rateLimit() lets all through when a store fails and it is open", async () => {
  const { ask } = limited({ requestsPerSecond: 1, store: FAILING });
  for (let n = 0; n < 10; n++) {
    const response = await ask();
    assertEquals([response.status, response.headers.size], [200, 0]);
  }
});

Deno.test("rateLimit() answers 503 when a store fails and it is closed", async () => {
  const { ask } = limited({
    requestsPerSecond: 1,
    store: FAILING,
    onStoreError: "closed",
    storeRetryMs: 2500,
  });
  for (let n = 0; n < 10; n++) {
    const response = await ask();
    assertEquals(response.status, 503);
    assertEquals(response.header("retry-after"), "3");
    // The server would log each of them.
    assertEquals(response.error, undefined);
    const { title } = await response.json<{ title: string }>();
    assertEquals(title, "Service Unavailable");
  }
  const asText = await ask({ headers: { accept: "text/html" } });
  assertEquals(await asText.text(), "503 Service Unavailable\n");
});

Deno.test("rateLimit() admits the limit when requests come at once", async () => {
  const { limit } = limited({
    algorithm: "sliding-window",
    limit: 20,
    windowMs: 1000,
  });
  const slow = async () => {
    await Promise.resolve();
    return new HttpResponse();
  };
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => run(limit, fakeRequest(), slow)),
  );
  const admitted = answers.filter(({ status }) => status === 200);
  assertEquals(admitted.length, 20);
  const left = admitted.map((one) => one.header("ratelimit"));
  assertEquals(new Set(left).size, 20);
});
