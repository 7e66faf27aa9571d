import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { isFieldValue } from "../../../src/grammar/chars.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import {
  type Timing,
  timing,
  type TimingOptions,
  type TimingState,
} from "../../../src/middleware/timing.ts";
import { fakeRequest, run } from "./fakes.ts";

/** Runs `take` as a handler; every reading of the clock is 2 ms later. */
async function times(
  take: (timing: Timing) => unknown,
  options: TimingOptions = {},
): Promise<HttpResponse> {
  let ticks = 0;
  const request = fakeRequest<Partial<TimingState>>();
  const middleware = timing({
    show: true,
    monotonicNow: () => 2 * ticks++,
    ...options,
  });
  return await run(middleware, request, async () => {
    const { timing } = request.state;
    assert(timing !== undefined);
    await take(timing);
    return new HttpResponse();
  });
}

async function header(
  take: (timing: Timing) => unknown,
  options?: TimingOptions,
): Promise<string | null> {
  return (await times(take, options)).header("server-timing");
}

Deno.test("timing() tells what was measured and the total", async () => {
  const value = await header((timing) => {
    timing.start("db", "rows");
    assertEquals(timing.end("db"), 2);
    const stop = timing.start("render");
    assertEquals(stop(), 2);
    assertEquals(stop(), 2);
    timing.mark("cache", { description: "miss" });
    timing.mark("upstream", { durationMs: 1.23456 });
    timing.start("endless");
  });
  assertEquals(
    value,
    'db;desc="rows";dur=2, render;dur=2, cache;desc="miss", upstream;dur=1.235, total;dur=12',
  );
});

Deno.test("timing() keeps apart what runs at the same time under one name", async () => {
  const value = await header((timing) => {
    const first = timing.start("db");
    timing.start("db");
    timing.end("db");
    first();
  });
  assertEquals(value, "db;dur=6, db;dur=2, total;dur=10");
});

Deno.test("timing() measure() measures functions and promises, also failing ones", async () => {
  const bug = new Error("bug");
  const value = await header(async (timing) => {
    assertEquals(timing.measure("sync", () => 7), 7);
    assertEquals(await timing.measure("async", () => Promise.resolve(8)), 8);
    const throwing = () => {
      throw bug;
    };
    assertThrows(() => timing.measure("throws", throwing), Error, "bug");
    await assertRejects(() =>
      timing.measure("rejects", () => Promise.reject(bug))
    );
  });
  assertEquals(
    value,
    "sync;dur=2, async;dur=2, throws;dur=2, rejects;dur=2, total;dur=18",
  );
});

Deno.test("timing() shows nothing unless it is told to, and then to whom", async () => {
  const take = (timing: Timing) => timing.mark("a");
  assertEquals(await header(take, { show: undefined }), null);
  assertEquals(await header(take, { show: false }), null);
  const show: TimingOptions["show"] = ({ ip }, { status }) =>
    ip === "192.0.2.1" && status === 200;
  assertEquals(await header(take, { show }), "a, total;dur=2");
  assertEquals(await header(take, { show: () => false }), null);
});

Deno.test("timing() names the total as told, or leaves it out", async () => {
  assertEquals(await header(() => {}, { total: "all" }), "all;dur=2");
  assertEquals(await header(() => {}, { total: null }), null);
});

Deno.test("timing() lets no name or description break the field", async () => {
  const texts = ["", " ", "a b", 'a"b', "a,b;c=d", "é", "\r\nx: y", "😀", "\0"];
  for (const text of texts) {
    const value = await header(
      (timing) => timing.mark(text, { description: text }),
      { total: null },
    );
    assert(value !== null && isFieldValue(value), JSON.stringify(value));
    assertMatch(value, /^[\w!#$%&'*+.^`|~-]+;desc="(?:[ !#-[\]-~]|\\["\\])*"$/);
  }
});

Deno.test("timing() bounds what it tells", async () => {
  const value = await header((timing) => {
    for (let at = 0; at < 10_000; at++) {
      timing.mark("x", { description: "y".repeat(10_000) });
      timing.start("z");
      timing.end("z");
    }
  });
  assertEquals(value?.split(", ").length, 65);
  assert((value?.length ?? 0) < 64 * 300);
});

Deno.test("timing() adds to what an answer tells already", async () => {
  const request = fakeRequest<Partial<TimingState>>();
  const middleware = timing({ show: true, monotonicNow: () => 0 });
  const response = await run(
    middleware,
    request,
    () => new HttpResponse({ headers: { "server-timing": "origin;dur=1" } }),
  );
  assertEquals(response.headers.getAll("server-timing"), [
    "origin;dur=1",
    "total;dur=0",
  ]);
});

Deno.test("timing() tells which pages may read the times", async () => {
  for (const allowOrigin of ["*", "https://example.com"]) {
    const shown = await times(() => {}, { allowOrigin });
    assertEquals(shown.header("timing-allow-origin"), allowOrigin);
    const hidden = await times(() => {}, { allowOrigin, show: false });
    assertEquals(hidden.header("timing-allow-origin"), null);
  }
});

Deno.test("timing() answers without a promise when next does", () => {
  const answer = new HttpResponse();
  const request = fakeRequest<Partial<TimingState>>();
  assert(timing()(request, () => answer) === answer);
});

Deno.test("timing() throws when it is misused", async () => {
  await times((timing) => {
    assertThrows(() => timing.end("x"), TypeError, '"x"');
    for (const durationMs of [-1, NaN, Infinity]) {
      assertThrows(() => timing.mark("x", { durationMs }), RangeError);
    }
  });
  const wrong = [
    { show: "all" },
    { total: "a b" },
    { total: 7 },
    { allowOrigin: "example.com" },
    { allowOrigin: "https://example.com/" },
    { totals: null },
  ];
  for (const options of wrong) {
    assertThrows(() => timing(options as unknown as TimingOptions), TypeError);
  }
});
