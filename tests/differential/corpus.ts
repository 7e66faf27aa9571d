/** The inputs that parsers are compared on: wire cases and mutations. */
import { mutate } from "../support/mutate.ts";
import { randomRequest } from "../support/random_request.ts";
import { join } from "../support/raw_response.ts";
import { wireCases } from "../support/wire_cases.ts";
import { Prng } from "../unit/grammar/prng.ts";

const LONGEST = 4096;

/** The bytes of all wire cases with the default limits. */
export function wireInputs(): Uint8Array<ArrayBuffer>[] {
  return wireCases().filter(({ limits }) => Object.keys(limits).length === 0)
    .map(({ bytes }) => bytes);
}

/** Mutations without end. */
export function* mutations(seed: number): Generator<Uint8Array<ArrayBuffer>> {
  const random = new Prng(seed);
  const inputs = wireInputs().filter(({ length }) => length < LONGEST);
  for (;;) {
    const isRandom = random.next() < 0.3;
    const from = isRandom
      ? join([randomRequest(random).bytes, randomRequest(random).bytes])
      : random.pick(inputs);
    const mutated = mutate(from, random, inputs);
    if (mutated.length < LONGEST) yield Uint8Array.from(mutated);
  }
}
