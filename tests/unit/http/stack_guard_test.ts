/** `guardStacks()` with and without file descriptors left. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  cannotShowStacks,
  guardStacks,
} from "../../../src/http/stack_guard.ts";

const HERE = "stack_guard_test.ts";

/** As if no file could be opened. */
function withoutDescriptors(fn: () => void): void {
  const { memoryUsage } = Deno;
  Reflect.set(Deno, "memoryUsage", () => ({ ...memoryUsage(), rss: 0 }));
  try {
    fn();
  } finally {
    Reflect.set(Deno, "memoryUsage", memoryUsage);
  }
}

Deno.test("guardStacks() leaves stacks alone when files can be opened", () => {
  const error = new Error("first", { cause: new TypeError("second") });
  guardStacks(error);
  assertEquals(cannotShowStacks(), false);
  assertStringIncludes(error.stack ?? "", HERE);
});

Deno.test("guardStacks() replaces all stacks of an error when no file can be opened", () => {
  const deep = new TypeError("deep");
  const part = new AggregateError([deep, "text"], "part", { cause: deep });
  const error = new RangeError("first", { cause: part });
  deep.cause = error;
  withoutDescriptors(() => {
    assertEquals(cannotShowStacks(), true);
    guardStacks(error);
    guardStacks("text");
    guardStacks(null);
  });
  assertEquals(
    [error.stack, part.stack, deep.stack],
    ["RangeError: first", "AggregateError: part", "TypeError: deep"],
  );
});

Deno.test("guardStacks() ends when causes have no end", () => {
  function endless(): Error {
    return Object.defineProperty(new Error("again"), "cause", { get: endless });
  }
  withoutDescriptors(() => guardStacks(endless()));
});
