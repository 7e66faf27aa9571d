import { assertEquals } from "@std/assert";
import { editDistance } from "../../../src/http/edit_distance.ts";

Deno.test("editDistance() counts insertions, deletions, replacements and swaps", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["port", "port", 0],
    ["", "port", 4],
    ["port", "", 4],
    ["prt", "port", 1],
    ["portt", "port", 1],
    ["pont", "port", 1],
    ["prot", "port", 1],
    ["opr", "port", 2],
    ["kitten", "sitting", 3],
    ["host", "port", 2],
  ];
  for (const [a, b, expected] of cases) {
    assertEquals(editDistance(a, b), expected, `${a} ${b}`);
    assertEquals(editDistance(b, a), expected, `${b} ${a}`);
  }
});
