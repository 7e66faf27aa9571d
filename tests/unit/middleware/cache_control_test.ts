import { assertEquals, assertThrows } from "@std/assert";
import { HttpResponse } from "../../../src/http/response.ts";
import {
  cacheControl,
  type CacheControlOptions,
} from "../../../src/middleware/cache_control.ts";
import { fakeRequest, run } from "./fakes.ts";

interface Answer {
  readonly method?: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

async function valueFor(
  options: CacheControlOptions,
  { method = "GET", status = 200, headers = {} }: Answer = {},
): Promise<string | null> {
  const request = fakeRequest({ method });
  const response = await run(
    cacheControl(options),
    request,
    () => new HttpResponse({ status, headers }),
  );
  return response.header("cache-control");
}

const MINUTE: CacheControlOptions = { public: true, maxAge: 60 };

Deno.test("cacheControl() sets the field on answers that went well", async () => {
  const cases: readonly [Answer, boolean][] = [
    [{}, true],
    [{ method: "HEAD" }, true],
    [{ status: 203 }, true],
    [{ status: 206 }, true],
    [{ status: 304 }, true],
    [{ method: "POST" }, false],
    [{ method: "OPTIONS" }, false],
    [{ status: 201 }, false],
    [{ status: 301 }, false],
    [{ status: 404 }, false],
    [{ status: 500 }, false],
  ];
  for (const [answer, isSet] of cases) {
    const expected = isSet ? "public, max-age=60" : null;
    assertEquals(
      await valueFor(MINUTE, answer),
      expected,
      JSON.stringify(answer),
    );
  }
});

Deno.test("cacheControl() leaves what a handler has said", async () => {
  for (const own of ["no-store", "max-age=0", ""]) {
    const headers = { "cache-control": own };
    assertEquals(await valueFor(MINUTE, { headers }), own);
  }
  const headers = { expires: "0" };
  assertEquals(await valueFor(MINUTE, { headers }), null);
});

Deno.test("cacheControl() takes directives by status", async () => {
  const options: CacheControlOptions = {
    maxAge: 60,
    statuses: {
      200: { maxAge: 5 },
      404: { maxAge: 1 },
      304: null,
      500: { noStore: true },
    },
  };
  const expected: [number, string | null][] = [
    [200, "max-age=5"],
    [203, "max-age=60"],
    [304, null],
    [404, "max-age=1"],
    [410, null],
    [500, "no-store"],
  ];
  for (const [status, value] of expected) {
    assertEquals(await valueFor(options, { status }), value, `${status}`);
  }
  assertEquals(await valueFor(options, { status: 404, method: "POST" }), null);
  const only = { statuses: { 404: { maxAge: 1 } } };
  assertEquals(await valueFor(only, { status: 404 }), "max-age=1");
  assertEquals(await valueFor(only), null);
});

Deno.test("cacheControl() forbids to keep anything at all by noStore", async () => {
  for (const method of ["GET", "POST", "DELETE"]) {
    for (const status of [200, 201, 404, 500]) {
      const answer = { method, status, headers: { "set-cookie": "a=b" } };
      assertEquals(await valueFor({ noStore: true }, answer), "no-store");
    }
  }
  const answer = { headers: { "cache-control": "max-age=1" } };
  assertEquals(await valueFor({ noStore: true }, answer), "max-age=1");
});

Deno.test("cacheControl() lets no shared cache have what sets a cookie", async () => {
  const headers = { "set-cookie": "session=1" };
  const cases: readonly [CacheControlOptions, string | null][] = [
    [MINUTE, null],
    [{ maxAge: 60 }, null],
    [{ sMaxAge: 60 }, null],
    [{ private: true, maxAge: 60 }, "private, max-age=60"],
  ];
  for (const [options, value] of cases) {
    assertEquals(await valueFor(options, { headers }), value);
  }
});

Deno.test("cacheControl() refuses options that it cannot use", () => {
  const cases: readonly [
    unknown,
    typeof TypeError | typeof RangeError,
    string,
  ][] = [
    [{}, TypeError, "without any directive"],
    [undefined, TypeError, "undefined"],
    [{ maxage: 1 }, TypeError, '"maxage"'],
    [{ maxAge: -1 }, RangeError, "maxAge -1: take"],
    [{ maxAge: 1.5 }, RangeError, "maxAge 1.5: take"],
    [{ public: true, private: true }, TypeError, '"public"'],
    [{ noStore: true, immutable: true }, TypeError, '"noStore"'],
    [{ statuses: { 100: { maxAge: 1 } } }, RangeError, '"100"'],
    [{ statuses: { ok: { maxAge: 1 } } }, RangeError, '"ok"'],
    [{ statuses: { 404: { max: 1 } } }, TypeError, "status 404"],
    [{ statuses: { 404: {} } }, TypeError, "without any directive"],
  ];
  for (const [options, type, text] of cases) {
    assertThrows(
      () => cacheControl(options as CacheControlOptions),
      type,
      text,
    );
  }
});
