import { assertEquals } from "@std/assert";
import { HeaderList } from "../../../src/http/headers.ts";
import { addVary } from "../../../src/middleware/vary.ts";

Deno.test("addVary() merges a name into what is there", () => {
  const table: [before: string[], after: string][] = [
    [[], "Origin"],
    [[""], "Origin"],
    [["Accept"], "Accept, Origin"],
    [["Accept", "Cookie"], "Accept, Cookie, Origin"],
    [["origin"], "origin"],
    [["Accept,ORIGIN"], "Accept,ORIGIN"],
    [["X-Origin"], "X-Origin, Origin"],
    [["*"], "*"],
    [["Accept", "*"], "Accept, *"],
  ];
  for (const [before, after] of table) {
    const headers = new HeaderList({ vary: before });
    addVary(headers, "Origin");
    assertEquals(headers.get("vary"), after);
  }
});
