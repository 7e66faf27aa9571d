import { assertEquals, assertThrows } from "@std/assert";
import { HttpResponse, HttpServer, type LogRecord, ok } from "@x/httpserver";
import { LagMeter } from "../../../src/middleware/lag_meter.ts";
import {
  overload,
  type OverloadOptions,
} from "../../../src/middleware/overload.ts";
import { gate, turn } from "../../support/site.ts";
import { fakeRequest } from "./fakes.ts";

Deno.test("overload() turns away what is over maxInFlight, but for health checks", async () => {
  const logs: LogRecord[] = [];
  const server = new HttpServer({ log: (record) => void logs.push(record) });
  const { passed, open } = gate();
  server.use(overload({ maxInFlight: 2, retryAfterMs: 2_500 }))
    .get("/", async () => {
      await passed;
      return ok("done");
    })
    .get("/health", () => ok("alive"))
    .get("/health/ready", () => ok("ready"));
  const busy = [server.inject({}), server.inject({})];
  const third = await server.inject({});
  assertEquals(third.status, 503);
  assertEquals(third.header("retry-after"), "3");
  assertEquals(third.header("content-type"), "application/problem+json");
  for (const path of ["/health", "/health/ready"]) {
    assertEquals((await server.inject({ path })).status, 200);
  }
  open();
  for (const one of busy) assertEquals((await one).status, 200);
  await turn();
  assertEquals((await server.inject({})).status, 200);
  assertEquals(logs, []);
});

Deno.test("overload() counts a request down however it ends", async () => {
  const server = new HttpServer({ log: () => {} });
  server.use(overload({ maxInFlight: 1 }))
    .get("/throws", () => {
      throw new Error("a bug");
    })
    .get("/rejects", () => Promise.reject(new Error("a bug")))
    .get("/sync", () => ok())
    .get("/async", () => Promise.resolve(new HttpResponse()));
  for (let time = 0; time < 3; time++) {
    for (const path of ["/throws", "/rejects", "/sync", "/async", "/none"]) {
      const { status } = await server.inject({ path });
      assertEquals(status === 503, false, path);
    }
  }
});

Deno.test("overload() has the exemptions that it is given", async () => {
  const { passed, open } = gate();
  const wait = async () => {
    await passed;
    return ok();
  };
  const table: [
    exempt: OverloadOptions["exempt"],
    free: string,
    not: string,
  ][] = [
    [["/status"], "/status/a", "/health"],
    [(request) => request.method === "PUT", "/", "/health"],
    [[], "", "/health"],
  ];
  const waiting: Promise<HttpResponse>[] = [];
  for (const [exempt, free, not] of table) {
    const server = new HttpServer();
    server.use(overload({ maxInFlight: 1, exempt })).get("/wait", wait)
      .all("/*path", () => ok());
    waiting.push(server.inject({ path: "/wait" }));
    assertEquals((await server.inject({ path: not })).status, 503);
    if (free === "") continue;
    const method = free === "/" ? "PUT" : "GET";
    assertEquals((await server.inject({ method, path: free })).status, 200);
  }
  open();
  await Promise.all(waiting);
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

Deno.test("overload() turns requests away while the event loop is late, and no longer", async () => {
  await using server = new HttpServer();
  server.use(overload({ maxEventLoopLagMs: 50 })).get("/block", () => {
    block(100);
    return ok();
  }).get("/", () => ok());
  assertEquals((await server.inject({ path: "/block" })).status, 200);
  // The timer is due since 90 ms: the turn is not over yet.
  assertEquals((await server.inject({})).status, 503);
  let status = 503;
  const until = performance.now() + 5_000;
  while (status === 503 && performance.now() < until) {
    await turn();
    status = (await server.inject({})).status;
  }
  assertEquals(status, 200);
});

Deno.test("overload() leaves no timer behind when it is disposed of", async () => {
  using shed = overload({ maxEventLoopLagMs: 1_000 });
  const server = new HttpServer();
  server.use(shed).get("/", () => ok());
  assertEquals((await server.inject({})).status, 200);
});

/** A clock that a test moves, with one timer. */
class OneTimer {
  time = 0;
  call: (() => void) | null = null;
  now = () => this.time;
  after = (_ms: number, call: () => void) => {
    this.call = call;
    return 1;
  };
  cancel = () => {
    this.call = null;
  };
  fire(at: number): void {
    this.time = at;
    const { call } = this;
    this.call = null;
    call?.();
  }
}

Deno.test("LagMeter measures how late its timer is, also while it is", () => {
  const clock = new OneTimer();
  let isBusy = false;
  const meter = new LagMeter(() => isBusy, clock);
  const { server } = fakeRequest();
  assertEquals(clock.call, null);
  assertEquals(meter.lagMs(server), 0); // due at 10
  clock.time = 8;
  assertEquals(meter.lagMs(server), 0);
  clock.time = 40;
  assertEquals(meter.lagMs(server), 30);
  clock.fire(50); // due at 60
  assertEquals(meter.lagMs(server), 40);
  clock.fire(62); // due at 72
  assertEquals(meter.lagMs(server), 2);
  clock.fire(72);
  // Nobody has asked since.
  isBusy = true;
  clock.fire(82);
  clock.fire(100);
  assertEquals(meter.lagMs(server), 8);
  isBusy = false;
  clock.fire(110);
  clock.fire(290);
  assertEquals(clock.call, null);
  assertEquals(meter.lagMs(server), 0);
  meter.stop();
  assertEquals(clock.call, null);
});

Deno.test("overload() throws for options that are none", () => {
  const table: [options: unknown, kind: ErrorConstructor, message: string][] = [
    [{}, TypeError, "without"],
    [{ maxInFlight: 0 }, RangeError, '"maxInFlight"'],
    [{ maxInFlight: 1.5 }, RangeError, '"maxInFlight"'],
    [{ maxInFlight: "9" }, TypeError, '"maxInFlight"'],
    [{ maxEventLoopLagMs: 0 }, RangeError, '"maxEventLoopLagMs"'],
    [{ maxEventLoopLagMs: Infinity }, RangeError, '"maxEventLoopLagMs"'],
    [{ maxInFlight: 1, retryAfterMs: -1 }, RangeError, '"retryAfterMs"'],
    [{ maxInFlight: 1, exempt: "/health" }, TypeError, '"/health"'],
    [{ maxInFlight: 1, max: 2 }, TypeError, '"max"'],
  ];
  for (const [options, kind, message] of table) {
    assertThrows(() => overload(options as OverloadOptions), kind, message);
  }
});
