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
    [{ limit: -1 }, RangeError, "Cannot use -1 as"],
    [{ limit: 0.5 }, RangeError, "Cannot use 0.5 as"],
    [{ limit: "1MiB" }, TypeError, '"1MiB"'],
    [{ maxRatio: 0 }, RangeError, "Cannot use 0 as"],
    [{ maxRatio: NaN }, RangeError, "Cannot use NaN as"],
    [{ encodings: [] }, TypeError, "an empty array"],
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
