/**
 * Mutates wire cases for a while: whatever the bytes, the parser must give
 * events or one refusal, the same for every split.
 *
 * `deno run -A tests/fuzz/protocol.ts [--seconds N] [--seed N]`; the seed is
 * printed, a finding ends it with exit code 1.
 */
import { parseArgs } from "@std/cli";
import { assertLogRules } from "../support/log_rules.ts";
import { mutate, randomPieces } from "../support/mutate.ts";
import { encodeBytes } from "../support/notation.ts";
import { transcribe } from "../support/transcript.ts";
import { type WireCase, wireCases } from "../support/wire_cases.ts";
import { Prng } from "../unit/grammar/prng.ts";

const LONGEST = 4096;
// As many as are kept of the mutations that led to something new.
const MOST_KEPT = 2000;

const options = parseArgs(Deno.args, { string: ["seconds", "seed"] });
const seconds = Number(options.seconds ?? 10);
const seed = Number(options.seed ?? Date.now() % 2 ** 32);
console.log(`seed ${seed}, ${seconds} s`);
Deno.exitCode = fuzz();

type Sample = Pick<WireCase, "bytes" | "limits">;

function fuzz(): number {
  const random = new Prng(seed);
  const samples: Sample[] = wireCases()
    .filter(({ bytes }) => bytes.length < LONGEST);
  const others = samples.map(({ bytes }) => bytes);
  const most = samples.length + MOST_KEPT;
  const shapes = new Set<string>();
  const deadline = performance.now() + seconds * 1000;
  let runs = 0;
  for (; performance.now() < deadline; runs++) {
    const { bytes, limits } = random.pick(samples);
    const mutated = Uint8Array.from(mutate(bytes, random, others));
    if (mutated.length > LONGEST) continue;
    const shape = tryOne({ bytes: mutated, limits }, random);
    if (shape === null) return 1;
    if (shapes.has(shape)) continue;
    shapes.add(shape);
    if (samples.length < most) samples.push({ bytes: mutated, limits });
  }
  console.log(`${runs} runs, ${shapes.size} shapes of logs, nothing found`);
  return 0;
}

/** The kinds of events in their order, or `null` after a finding. */
function tryOne({ bytes, limits }: Sample, random: Prng): string | null {
  try {
    const log = transcribe([bytes], limits);
    assertLogRules(log, encodeBytes(bytes));
    for (let run = 0; run < 3; run++) {
      const pieces = randomPieces(bytes, random, 10);
      if (transcribe(pieces, limits).join("\n") !== log.join("\n")) {
        throw new Error(`Cut at ${pieces.map((piece) => piece.length)}`);
      }
    }
    return log.map((line) => /^(?:refused.*|\S+)/.exec(line)?.[0]).join();
  } catch (error) {
    console.error(encodeBytes(bytes), limits);
    console.error(error);
    return null;
  }
}
