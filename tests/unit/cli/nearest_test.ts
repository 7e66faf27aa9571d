import { assertEquals } from "@std/assert";
import { editDistance, nearest } from "../../../src/cli/nearest.ts";

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

Deno.test("nearest() finds the word that was meant", () => {
  const words = ["host", "port", "help", "max-body-bytes", "headers-timeout"];
  const cases: [string, string | null][] = [
    ["prot", "port"],
    ["hots", "host"],
    ["ports", "port"],
    ["halp", "help"],
    ["max-body-byte", "max-body-bytes"],
    ["maxbodybytes", "max-body-bytes"],
    ["max-body", "max-body-bytes"],
    ["max", "max-body-bytes"],
    ["ma", null],
    ["max-bod", null],
    ["header-timeout", "headers-timeout"],
    ["zzzzzz", null],
    ["x", null],
    ["", null],
  ];
  for (const [word, expected] of cases) {
    assertEquals(nearest(word, words), expected, word);
  }
  assertEquals(nearest("port", []), null);
});
