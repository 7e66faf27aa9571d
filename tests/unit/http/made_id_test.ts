import { assert, assertFalse } from "@std/assert";
import { isMadeId, makeId } from "../../../src/http/made_id.ts";

Deno.test("isMadeId() knows the id that was made last", () => {
  const first = makeId();
  assert(isMadeId(first));
  assertFalse(isMadeId(`${first}"`));
  const second = makeId();
  assert(isMadeId(second));
  assertFalse(isMadeId(first));
});
