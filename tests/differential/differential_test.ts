import { assert, assertEquals } from "@std/assert";
import { mutations, wireInputs } from "./corpus.ts";
import { compareAll, explained, keyOf, unexplained } from "./run.ts";

const MUTATIONS = 5000;

Deno.test("RequestReader reads as llhttp and http-parser-js do, or for a reason", () => {
  const inputs = [...wireInputs(), ...mutations(7).take(MUTATIONS)];
  const outcome = compareAll(inputs);
  assertEquals(outcome.misreadings, []);
  assertEquals(unexplained(outcome), []);
  assertEquals(outcome.runs, inputs.length);
});

Deno.test("the reasons for differences are all of differences that exist", () => {
  const { differences } = compareAll(wireInputs());
  const seen = new Set(
    differences.map(({ peer, ours, theirs }) => keyOf(peer, ours, theirs)),
  );
  const rows = [...explained()];
  assert(rows.length > 20, `${rows.length} rows`);
  assertEquals(rows.filter((row) => !seen.has(row)), []);
});

Deno.test("compareAll() sees a difference", () => {
  const text = "GET / HTTP/1.1\r\n\r\n";
  const { differences } = compareAll([new TextEncoder().encode(text)]);
  assertEquals(differences.map(({ ours }) => ours), ["bad-host", "bad-host"]);
});
