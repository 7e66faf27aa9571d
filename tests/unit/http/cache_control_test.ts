import { describeValue } from "../../../src/http/values.ts";
import { assertEquals, assertThrows } from "@std/assert";
import {
  type CacheOptions,
  formatCacheControl,
} from "../../../src/http/cache_control.ts";

Deno.test("formatCacheControl() writes each directive", () => {
  const cases: [options: CacheOptions, value: string][] = [
    [{ maxAge: 0 }, "max-age=0"],
    [{ maxAge: 3600 }, "max-age=3600"],
    [{ sMaxAge: 60 }, "s-maxage=60"],
    [{ public: true }, "public"],
    [{ private: true }, "private"],
    [{ noStore: true }, "no-store"],
    [{ noCache: true }, "no-cache"],
    [{ noTransform: true }, "no-transform"],
    [{ mustRevalidate: true }, "must-revalidate"],
    [{ proxyRevalidate: true }, "proxy-revalidate"],
    [{ immutable: true }, "immutable"],
    [{ staleWhileRevalidate: 30 }, "stale-while-revalidate=30"],
    [{ staleIfError: 86_400 }, "stale-if-error=86400"],
    [{ public: false, noCache: true, maxAge: undefined }, "no-cache"],
    [{ noStore: true, maxAge: 0 }, "no-store, max-age=0"],
    [{ maxAge: 1, sMaxAge: 2, public: true }, "public, max-age=1, s-maxage=2"],
    [
      { private: true, maxAge: 5, noCache: true },
      "private, no-cache, max-age=5",
    ],
  ];
  for (const [options, value] of cases) {
    assertEquals(formatCacheControl(options), value);
  }
});

Deno.test("formatCacheControl() refuses a time that is no whole seconds", () => {
  const times = ["maxAge", "sMaxAge", "staleWhileRevalidate", "staleIfError"];
  for (const name of times) {
    for (const seconds of [-1, 0.5, NaN, Infinity, 2 ** 53, "60", null]) {
      const options = { [name]: seconds } as CacheOptions;
      assertThrows(
        () => formatCacheControl(options),
        RangeError,
        `${name} ${describeValue(seconds)}: take whole seconds`,
      );
    }
  }
});

Deno.test("formatCacheControl() refuses contradictions", () => {
  const cases: CacheOptions[] = [
    { public: true, private: true },
    { public: true, noStore: true },
    { private: true, sMaxAge: 1 },
    { noStore: true, immutable: true },
    { noStore: true, maxAge: 1 },
    { noStore: true, sMaxAge: 1 },
    { noStore: true, staleWhileRevalidate: 1 },
    { noStore: true, staleIfError: 1 },
  ];
  for (const options of cases) {
    assertThrows(() => formatCacheControl(options), TypeError, "both");
  }
});

Deno.test("formatCacheControl() refuses to write nothing", () => {
  for (const options of [{}, { noStore: false }, { maxAge: undefined }]) {
    assertThrows(() => formatCacheControl(options), TypeError, "without");
  }
});
