import { assertEquals } from "@std/assert";
import { nearest } from "../../../src/cli/nearest.ts";

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
