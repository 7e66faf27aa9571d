import { assertThrows } from "@std/assert";
import {
  decompression,
  type DecompressionOptions,
} from "../../../src/middleware/decompression.ts";

Deno.test("decompression() refuses options that it cannot use", () => {
  const cases: readonly [
    unknown,
    typeof TypeError | typeof RangeError,
    string,
  ][] = [
    [{ limits: 1 }, TypeError, '"limits"'],
    [{ limit: -1 }, RangeError, '"-1"'],
    [{ limit: 0.5 }, RangeError, '"0.5"'],
    [{ limit: "1MiB" }, RangeError, '"1MiB"'],
    [{ maxRatio: 0 }, RangeError, '"0"'],
    [{ maxRatio: NaN }, RangeError, '"NaN"'],
    [{ encodings: [] }, TypeError, "[]"],
    [{ encodings: ["lzma"] }, TypeError, '"lzma"'],
  ];
  for (const [options, type, text] of cases) {
    assertThrows(
      () => decompression(options as DecompressionOptions),
      type,
      text,
    );
  }
});
