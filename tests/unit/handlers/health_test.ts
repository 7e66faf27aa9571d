import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type CheckOptions,
  HealthCheck,
  type HealthCheckOptions,
  type HealthReport,
  type HealthResult,
} from "../../../src/handlers/health.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { fakeRequest, type FakeRequestInit } from "../middleware/fakes.ts";

const WELL: HealthResult = { healthy: true };
const ILL: HealthResult = { healthy: false };

async function ask(
  handler: Handler<unknown, unknown>,
  init: FakeRequestInit = {},
): Promise<HttpResponse> {
  const response = await handler(fakeRequest(init));
  assertInstanceOf(response, HttpResponse);
  return response;
}

interface Answer extends HealthReport {
  readonly code: number;
}

async function state(
  handler: Handler<unknown, unknown>,
  init: FakeRequestInit = {},
): Promise<Answer> {
  const response = await ask(handler, init);
  return { code: response.status, ...await response.json<HealthReport>() };
}

/** A clock that stands still until told otherwise. */
function fakeNow(): { now: () => number; pass: (ms: number) => void } {
  let time = 1000;
  return { now: () => time, pass: (ms) => time += ms };
}

Deno.test("HealthCheck is healthy without checks", async () => {
  const { handle } = new HealthCheck();
  assertEquals(await state(handle), {
    code: 200,
    status: "healthy",
    checks: {},
  });
});

Deno.test("HealthCheck answers uncacheable application/health+json", async () => {
  const health = new HealthCheck().addCheck("a", () => ILL);
  const { handle, liveness, readiness, startup } = health;
  for (const handler of [handle, liveness, readiness, startup]) {
    for (const draining of [false, true]) {
      const response = await ask(handler, { draining });
      assertEquals(response.header("content-type"), "application/health+json");
      assertEquals(response.header("cache-control"), "no-store");
    }
  }
});

Deno.test("HealthCheck reports each check by name", async () => {
  const clock = fakeNow();
  const health = new HealthCheck({ now: clock.now })
    .addCheck("database", () => {
      clock.pass(2.00049);
      return Promise.resolve({ healthy: true, message: "Connected" });
    });
  assertEquals(await state(health.handle), {
    code: 200,
    status: "healthy",
    checks: {
      database: {
        status: "healthy",
        healthy: true,
        message: "Connected",
        durationMs: 2,
        ageMs: 0,
      },
    },
  });
});

Deno.test("HealthCheck takes the worst status of its checks", async () => {
  const optional = { critical: false };
  const table: [
    checks: [HealthResult, CheckOptions?][],
    code: number,
    status: string,
  ][] = [
    [[[WELL], [WELL, optional]], 200, "healthy"],
    [[[WELL], [ILL, optional]], 200, "degraded"],
    [[[ILL, optional]], 200, "degraded"],
    [[[ILL], [WELL]], 503, "unhealthy"],
    [[[ILL, optional], [ILL]], 503, "unhealthy"],
  ];
  for (const [checks, code, status] of table) {
    const health = new HealthCheck();
    checks.forEach(([result, options], at) => {
      health.addCheck(`${at}`, () => result, options);
    });
    const answer = await state(health.handle);
    assertEquals([answer.code, answer.status], [code, status]);
  }
});

Deno.test("HealthCheck tells a failed check that is not critical from one that is", async () => {
  const health = new HealthCheck()
    .addCheck("a", () => ILL)
    .addCheck("b", () => ILL, { critical: false });
  const { checks } = await state(health.handle);
  assertEquals([checks?.a.status, checks?.a.healthy], ["unhealthy", false]);
  assertEquals([checks?.b.status, checks?.b.healthy], ["degraded", false]);
});

Deno.test("HealthCheck takes anything but a result for a failure", async () => {
  const results = [undefined, null, true, "ok", {}, { healthy: 1 }, []];
  for (const result of results) {
    const check = (() => result) as unknown as () => HealthResult;
    const answer = await state(new HealthCheck().addCheck("a", check).handle);
    assertEquals(answer.code, 503, JSON.stringify(result));
  }
});

Deno.test("HealthCheck leaves out a message that is no text", async () => {
  const check =
    (() => ({ healthy: true, message: { a: 1 } })) as unknown as () =>
      HealthResult;
  const { checks } = await state(new HealthCheck().addCheck("a", check).handle);
  assertEquals(checks?.a.message, undefined);
});

const THROWING: [string, () => Promise<HealthResult>][] = [
  ["throws", () => {
    throw new Error("postgres://user:password@db");
  }],
  ["rejects", () => Promise.reject(new Error("postgres://user:password@db"))],
];

Deno.test("HealthCheck shows strangers nothing of what a check threw", async () => {
  for (const [name, check] of THROWING) {
    const health = new HealthCheck().addCheck("a", check);
    const response = await ask(health.handle);
    assertEquals(response.status, 503);
    const body = await response.text();
    assertEquals(JSON.parse(body).checks.a.message, "The check failed", name);
    assert(!body.includes("password"), body);
  }
});

Deno.test("HealthCheck shows what a check threw with full details", async () => {
  for (const [name, check] of THROWING) {
    const health = new HealthCheck({ details: "full" }).addCheck("a", check);
    const { checks } = await state(health.handle);
    assertEquals(checks?.a.message, "postgres://user:password@db", name);
  }
});

Deno.test("HealthCheck shows only the status without details", async () => {
  const health = new HealthCheck({ details: "none" })
    .addCheck("a", () => ({ healthy: false, message: "secret" }));
  assertEquals(await state(health.handle), { code: 503, status: "unhealthy" });
});

Deno.test("HealthCheck shows only the status when the details are unknown", async () => {
  const details = () => "all" as unknown as "full";
  const health = new HealthCheck({ details }).addCheck("a", () => ILL);
  assertEquals(await state(health.handle), { code: 503, status: "unhealthy" });
});

Deno.test("HealthCheck throws a TypeError when an option is wrong", () => {
  const table: [unknown, string][] = [
    [{ details: "all" }, '"all"'],
    [{ detail: "none" }, '"detail"'],
    [null, "null"],
  ];
  for (const [options, shown] of table) {
    assertThrows(
      () => new HealthCheck(options as HealthCheckOptions),
      TypeError,
      shown,
    );
  }
});

Deno.test("HealthCheck decides on details by the request", async () => {
  const health = new HealthCheck({
    details: (request) => request.header("x-internal") ? "results" : "none",
  }).addCheck("a", () => WELL);
  const inside = { headers: { "X-Internal": "1" } };
  assertEquals((await state(health.handle)).checks, undefined);
  assertEquals((await state(health.handle, inside)).checks?.a.healthy, true);
});

Deno.test("HealthCheck leaves what was thrown to the log", async () => {
  const [one, two] = [new Error("one"), new Error("two")];
  const health = new HealthCheck().addCheck("ok", () => WELL);
  assertEquals((await ask(health.handle)).error, undefined);
  health.addCheck("one", () => Promise.reject(one));
  assertStrictEquals((await ask(health.handle)).error, one);
  health.addCheck("two", () => Promise.reject(two));
  const { error } = await ask(health.handle);
  assertInstanceOf(error, AggregateError);
  assertEquals(error.errors, [one, two]);
});

Deno.test("HealthCheck ends a check that never does, and aborts its signal", async () => {
  let signal: AbortSignal | undefined;
  const health = new HealthCheck().addCheck("slow", (given) => {
    signal = given;
    return new Promise<HealthResult>(() => {});
  }, { timeoutMs: 1 });
  const response = await ask(health.handle);
  assertEquals(response.status, 503);
  const { checks } = await response.json<HealthReport>();
  assertEquals(checks?.slow.message, "The check took longer than 1 ms");
  assertEquals(signal?.aborted, true);
  assertInstanceOf(signal?.reason, DOMException);
  assertStrictEquals(response.error, signal?.reason);
});

Deno.test("HealthCheck ignores what comes of a check after its time-out", async () => {
  const { promise, reject } = Promise.withResolvers<HealthResult>();
  let runs = 0;
  const health = new HealthCheck().addCheck(
    "slow",
    () => runs++ === 0 ? promise : WELL,
    { timeoutMs: 1 },
  );
  assertEquals((await state(health.handle)).code, 503);
  reject(new Error("too late"));
  assertEquals((await state(health.handle)).code, 200);
});

Deno.test("HealthCheck does not abort a check that has ended", async () => {
  let signal: AbortSignal | undefined;
  const health = new HealthCheck().addCheck("a", (given) => {
    signal = given;
    return WELL;
  });
  await ask(health.handle);
  assertEquals(signal?.aborted, false);
});

Deno.test("HealthCheck runs its checks at once", async () => {
  const first = Promise.withResolvers<HealthResult>();
  const health = new HealthCheck()
    .addCheck("first", () => first.promise)
    .addCheck("second", () => {
      first.resolve(WELL);
      return WELL;
    });
  assertEquals((await state(health.handle)).code, 200);
});

Deno.test("HealthCheck runs a check once for all who ask meanwhile", async () => {
  const { promise, resolve } = Promise.withResolvers<HealthResult>();
  let runs = 0;
  const health = new HealthCheck().addCheck("a", () => {
    runs++;
    return promise;
  });
  const asked = [ask(health.handle), ask(health.readiness), ask(health.handle)];
  resolve(WELL);
  await Promise.all(asked);
  assertEquals(runs, 1);
  await ask(health.handle);
  assertEquals(runs, 2);
});

Deno.test("HealthCheck remembers a result, good or bad, for cacheMs", async () => {
  for (const result of [WELL, ILL]) {
    const clock = fakeNow();
    let runs = 0;
    const health = new HealthCheck({ now: clock.now }).addCheck("a", () => {
      runs++;
      return result;
    }, { cacheMs: 100 });
    const code = result.healthy ? 200 : 503;
    for (const [pass, expected] of [[0, 1], [99, 1], [1, 2], [99, 2]]) {
      clock.pass(pass);
      assertEquals((await state(health.handle)).code, code);
      assertEquals(runs, expected);
    }
  }
});

Deno.test("HealthCheck tells how old a remembered result is", async () => {
  const clock = fakeNow();
  const health = new HealthCheck({ now: clock.now })
    .addCheck("a", () => WELL, { cacheMs: 100 });
  for (const [pass, age] of [[0, 0], [60.4, 60], [39, 99], [0.6, 0]]) {
    clock.pass(pass);
    const { checks } = await state(health.handle);
    assertEquals(checks?.a.ageMs, age);
  }
});

Deno.test("HealthCheck has started once all critical checks have passed at once", async () => {
  const results = { a: ILL, b: WELL };
  let runs = 0;
  const health = new HealthCheck()
    .addCheck("a", () => results.a)
    .addCheck("b", () => {
      runs++;
      return results.b;
    })
    .addCheck("c", () => ILL, { critical: false });
  const startup = async () => (await state(health.startup)).code;
  assertEquals([await startup(), runs], [503, 1]);
  [results.a, results.b] = [WELL, ILL];
  assertEquals([await startup(), runs], [503, 2]);
  results.b = WELL;
  assertEquals([await startup(), runs], [200, 3]);
  results.a = ILL;
  assertEquals([await startup(), runs], [200, 3]);
  assertEquals((await state(health.readiness)).code, 503);
});

Deno.test("HealthCheck has started when another probe has seen it well", async () => {
  let result = WELL;
  const health = new HealthCheck().addCheck("a", () => result);
  await ask(health.readiness);
  result = ILL;
  assertEquals((await state(health.startup)).code, 200);
});

Deno.test("HealthCheck has started without checks", async () => {
  const { startup } = new HealthCheck();
  assertEquals((await state(startup)).code, 200);
});

Deno.test("HealthCheck is ready when it is healthy and the server is not draining", async () => {
  let result = WELL;
  let runs = 0;
  const health = new HealthCheck().addCheck("a", () => {
    runs++;
    return result;
  });
  assertEquals((await state(health.readiness)).code, 200);
  result = ILL;
  assertEquals((await state(health.readiness)).code, 503);
  result = WELL;
  runs = 0;
  assertEquals(await state(health.readiness, { draining: true }), {
    code: 503,
    status: "unhealthy",
    message: "The server is shutting down",
  });
  assertEquals(runs, 0);
});

Deno.test("HealthCheck is alive and keeps its state when draining", async () => {
  const health = new HealthCheck().addCheck("a", () => WELL);
  const draining = { draining: true };
  assertEquals((await state(health.handle, draining)).code, 200);
  const alive = { code: 200, status: "healthy" };
  assertEquals(await state(health.liveness, draining), alive);
});

Deno.test("HealthCheck is alive whatever its checks say, without running them", async () => {
  const health = new HealthCheck().addCheck("a", () => {
    throw new Error("must not run");
  });
  assertEquals(await state(health.liveness), { code: 200, status: "healthy" });
});

Deno.test("HealthCheck gives each answer headers of its own", async () => {
  const { liveness } = new HealthCheck();
  (await ask(liveness)).headers.set("X-Request-Id", "abc");
  assertEquals((await ask(liveness)).header("x-request-id"), null);
});

Deno.test("HealthCheck reports a check with any name", async () => {
  const health = new HealthCheck().addCheck("__proto__", () => ILL);
  const body = await (await ask(health.handle)).text();
  assert(body.includes('"__proto__":{"status":"unhealthy"'), body);
});

Deno.test("addCheck() throws when a name is taken or an argument is malformed", () => {
  const health = new HealthCheck().addCheck("a", () => WELL);
  const noFunction = "x" as unknown as () => HealthResult;
  assertThrows(() => health.addCheck("a", () => WELL), TypeError, '"a"');
  assertThrows(() => health.addCheck("", () => WELL), TypeError, '""');
  assertThrows(() => health.addCheck("b", noFunction), TypeError, '"b"');
  const options = { timeout: 5 } as CheckOptions;
  assertThrows(() => health.addCheck("b", () => WELL, options), TypeError);
});

Deno.test("addCheck() throws a RangeError when a time is out of bounds", () => {
  const table: CheckOptions[] = [
    { timeoutMs: 0 },
    { timeoutMs: -1 },
    { timeoutMs: NaN },
    { timeoutMs: 2 ** 31 },
    { timeoutMs: Infinity },
    { cacheMs: -1 },
    { cacheMs: NaN },
  ];
  for (const options of table) {
    const [name] = Object.keys(options);
    assertThrows(
      () => new HealthCheck().addCheck("a", () => WELL, options),
      RangeError,
      `"${name}" of health check "a"`,
    );
  }
});
