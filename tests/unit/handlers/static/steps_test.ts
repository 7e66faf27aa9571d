import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  runSteps,
  settled,
  type Steps,
} from "../../../../src/handlers/static/steps.ts";

function* sum(...values: (number | Promise<number>)[]): Steps<number> {
  let total = 0;
  for (const value of values) total += yield* settled(value);
  return total;
}

Deno.test("runSteps() runs at once where nothing is to be waited for", async () => {
  assertEquals(runSteps(sum(1, 2, 3)), 6);
  const later = runSteps(sum(1, Promise.resolve(2), 3, Promise.resolve(4)));
  assert(later instanceof Promise);
  assertEquals(await later, 10);
});

Deno.test("runSteps() throws into the steps what they waited for in vain", async () => {
  const done: string[] = [];
  function* steps(value: number | Promise<number>): Steps<number> {
    try {
      return yield* settled(value);
    } catch (error) {
      done.push(String(error));
      throw new Error("second");
    } finally {
      done.push("closed");
    }
  }
  const failed = Promise.reject(new Error("first"));
  await assertRejects(
    async () => await runSteps(steps(failed)),
    Error,
    "second",
  );
  assertEquals(done, ["Error: first", "closed"]);
  function fail(): number {
    throw new Error("at once");
  }
  function* broken(): Steps<number> {
    return yield* settled(fail());
  }
  assertThrows(() => runSteps(broken()), Error, "at once");
});
