import { assert, assertEquals } from "@std/assert";
import { encodeBytes } from "../../support/notation.ts";
import { assertLogRules } from "../../support/log_rules.ts";
import { mutate, randomPieces } from "../../support/mutate.ts";
import { randomRequest } from "../../support/random_request.ts";
import { transcribe } from "../../support/transcript.ts";
import { wireCases } from "../../support/wire_cases.ts";
import { Prng } from "../grammar/prng.ts";

const RUNS = 3000;

function join(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("RequestReader reads what a random valid request says", () => {
  const random = new Prng(5);
  for (let run = 0; run < RUNS; run++) {
    const { bytes, log } = randomRequest(random);
    const hint = encodeBytes(bytes);
    assertEquals(transcribe([bytes]), log, hint);
    assertEquals(transcribe(randomPieces(bytes, random, 6)), log, hint);
  }
});

Deno.test("RequestReader reads pipelines of random requests", () => {
  const random = new Prng(6);
  let longest = 0;
  for (let run = 0; run < RUNS / 5; run++) {
    const requests = Array.from(
      { length: random.integer(2, 6) },
      () => randomRequest(random),
    );
    // Some repeat the one before, as clients do.
    if (random.next() < 0.5) requests.splice(1, 1, requests[0]);
    const bytes = join(requests.map((request) => request.bytes));
    const last = requests.findIndex(({ keepAlive }) => !keepAlive);
    const read = last < 0 ? requests : requests.slice(0, last + 1);
    const log = read.flatMap((request) => request.log);
    longest = Math.max(longest, read.length);
    assertEquals(transcribe([bytes]), log, encodeBytes(bytes));
    assertEquals(transcribe(randomPieces(bytes, random, 9)), log);
  }
  assert(longest > 3);
});

Deno.test("RequestReader gives events or one refusal for any bytes", () => {
  const random = new Prng(7);
  const cases = wireCases().filter(({ bytes }) => bytes.length < 2000);
  const others = cases.map(({ bytes }) => bytes);
  const outcomes = new Set<string>();
  for (let run = 0; run < RUNS; run++) {
    const { bytes, limits } = random.pick(cases);
    const mutated = mutate(bytes, random, others);
    const hint = encodeBytes(mutated);
    const log = transcribe([mutated], limits);
    assertLogRules(log, hint);
    const pieces = randomPieces(mutated, random, 8);
    assertEquals(transcribe(pieces, limits), log, hint);
    outcomes.add(log.at(-1)?.split(" ").at(-1) ?? "");
  }
  // The mutations reach most of the faults and the good ends.
  assert(outcomes.size > 20, [...outcomes].join());
});

Deno.test("RequestReader gives events or one refusal for random bytes", () => {
  const random = new Prng(8);
  for (let run = 0; run < RUNS; run++) {
    const bytes = Uint8Array.from(
      { length: random.integer(0, 40) },
      () => random.integer(0, 255),
    );
    const log = transcribe([bytes]);
    assertLogRules(log, encodeBytes(bytes));
    assertEquals(transcribe(randomPieces(bytes, random, 4)), log);
  }
});
