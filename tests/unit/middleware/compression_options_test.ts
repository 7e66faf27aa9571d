import { assertEquals, assertThrows } from "@std/assert";
import {
  type CompressionOptions,
  resolvePolicy,
} from "../../../src/middleware/compression_options.ts";
import { isCompressible } from "../../../src/middleware/compression.ts";

Deno.test("resolvePolicy() fills in the defaults", () => {
  const { filter: _filter, ...policy } = resolvePolicy({});
  assertEquals(policy, {
    minSize: 1024,
    encodings: ["zstd", "br", "gzip", "deflate"],
    levels: { zstd: 3, br: 4, gzip: 4, deflate: 4 },
    types: isCompressible,
  });
});

Deno.test("resolvePolicy() takes every option", () => {
  const options = {
    minSize: 0,
    encodings: ["br", "gzip", "br"],
    levels: { br: 11, gzip: 1 },
    types: () => true,
    filter: () => false,
  } satisfies CompressionOptions;
  const policy = resolvePolicy(options);
  assertEquals(policy, {
    minSize: 0,
    encodings: ["br", "gzip"],
    levels: { zstd: 3, br: 11, gzip: 1, deflate: 4 },
    types: options.types,
    filter: options.filter,
  });
});

Deno.test("resolvePolicy() refuses what it cannot use, and says what", () => {
  const cases: readonly [
    unknown,
    typeof TypeError | typeof RangeError,
    string,
  ][] = [
    [{ minsize: 1 }, TypeError, '"minsize"'],
    ["gzip", TypeError, '"gzip"'],
    [{ minSize: -1 }, RangeError, "Cannot use -1 as"],
    [{ minSize: 1.5 }, RangeError, "Cannot use 1.5 as"],
    [{ minSize: "1KiB" }, TypeError, '"1KiB"'],
    [{ encodings: [] }, TypeError, "an empty array"],
    [{ encodings: "gzip" }, TypeError, '"gzip"'],
    [{ encodings: ["gzip", "lzma"] }, TypeError, '"lzma"'],
    [{ levels: { gzip: 0 } }, RangeError, "level 0"],
    [{ levels: { gzip: 10 } }, RangeError, "1 to 9"],
    [{ levels: { br: 12 } }, RangeError, "0 to 11"],
    [{ levels: { br: -1 } }, RangeError, "level -1"],
    [{ levels: { zstd: 23 } }, RangeError, "1 to 22"],
    [{ levels: { deflate: 2.5 } }, RangeError, "level 2.5"],
    [{ levels: { brotli: 4 } }, TypeError, '"brotli"'],
    [{ types: /text/ }, TypeError, '"types"'],
    [{ filter: true }, TypeError, '"filter"'],
  ];
  for (const [options, type, text] of cases) {
    assertThrows(
      () => resolvePolicy(options as CompressionOptions),
      type,
      text,
    );
  }
});
