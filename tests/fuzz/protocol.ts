/**
 * Mutates wire cases: whatever the bytes, the parser must give events or one
 * refusal, the same for every split.
 */
import { assertLogRules } from "../support/log_rules.ts";
import { mutate, randomPieces } from "../support/mutate.ts";
import { encodeBytes } from "../support/notation.ts";
import { transcribe } from "../support/transcript.ts";
import { type WireCase, wireCases } from "../support/wire_cases.ts";
import { Prng } from "../unit/grammar/prng.ts";
import {
  type Finding,
  type FuzzOptions,
  type FuzzResult,
  showLimits,
} from "./finding.ts";
import { shrink } from "./shrink.ts";

/** A longer input is not tried. */
export const LONGEST = 4096;
// As many as are kept of the mutations that led to something new.
const MOST_KEPT = 2000;

type Sample = Pick<WireCase, "bytes" | "limits">;

/** Tries mutations until the time is up or one breaks the invariant. */
export async function fuzzProtocol(options: FuzzOptions): Promise<FuzzResult> {
  const random = new Prng(options.seed);
  const samples: Sample[] = wireCases()
    .filter(({ bytes }) => bytes.length < LONGEST);
  const others = samples.map(({ bytes }) => bytes);
  const most = samples.length + MOST_KEPT;
  const shapes = new Set<string>();
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let finding: Finding | null = null;
  let runs = 0;
  for (; finding === null && elapsed() < options.seconds; runs++) {
    const { bytes, limits } = random.pick(samples);
    const mutated = Uint8Array.from(mutate(bytes, random, others));
    if (mutated.length > LONGEST) continue;
    const shape = tryOne({ bytes: mutated, limits }, random);
    if (shape instanceof Error) {
      finding = await minimise({ bytes: mutated, limits }, shape);
    } else if (!shapes.has(shape)) {
      shapes.add(shape);
      if (samples.length < most) samples.push({ bytes: mutated, limits });
    }
  }
  const notes = `${shapes.size} shapes of logs`;
  return { runs, seconds: elapsed(), notes, finding };
}

/** The kinds of events in their order, or what is wrong. */
function tryOne({ bytes, limits }: Sample, random: Prng): string | Error {
  try {
    const log = transcribe([bytes], limits);
    // Written only if needed: the notation costs more than the check.
    assertLogRules(log, "");
    for (let run = 0; run < 3; run++) {
      const pieces = randomPieces(bytes, random, 10);
      if (transcribe(pieces, limits).join("\n") !== log.join("\n")) {
        const lengths = pieces.map((piece) => piece.length);
        throw new Error(`Another log when cut into ${lengths}`);
      }
    }
    return log.map((line) => /^(?:refused.*|\S+)/.exec(line)?.[0]).join();
  } catch (error) {
    return error instanceof Error ? error : new Error(`${error}`);
  }
}

// Cuts are random: each shorter input is tried with many of them.
async function minimise(
  { bytes, limits }: Sample,
  error: Error,
): Promise<Finding> {
  const fails = (shorter: Uint8Array) =>
    Array.from({ length: 10 }, (_, seed) => new Prng(seed))
      .some((random) =>
        tryOne({ bytes: Uint8Array.from(shorter), limits }, random) instanceof
          Error
      );
  const shorter = fails(bytes) ? await shrink(bytes, fails) : bytes;
  const log = transcribe([shorter], limits).join("; ");
  const what = `${error.message}\nread of ${encodeBytes(shorter)}: ${log}`;
  return { what, bytes: shorter, how: showLimits(limits) };
}
