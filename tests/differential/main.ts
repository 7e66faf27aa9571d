/**
 * `deno task differential [--seconds N] [--seed N]`: the wire cases, then
 * mutations. Ends with exit code 1 if an input is read in two ways, or a
 * difference is not explained in the README.
 */
import { parseArgs } from "@std/cli";
import { mutations, wireInputs } from "./corpus.ts";
import { compareAll, unexplained } from "./run.ts";

const options = parseArgs(Deno.args, { string: ["seconds", "seed"] });
const seconds = Number(options.seconds ?? 10);
const seed = Number(options.seed ?? Date.now() % 2 ** 32);
console.log(`seed ${seed}, ${seconds} s`);

function* inputs(): Generator<Uint8Array<ArrayBuffer>> {
  const until = performance.now() + seconds * 1000;
  yield* wireInputs();
  for (const input of mutations(seed)) {
    if (performance.now() > until) return;
    yield input;
  }
}

const outcome = compareAll(inputs());
const strange = unexplained(outcome);
for (const { peer, ours, theirs, count, example } of outcome.differences) {
  console.log(`${peer}: ours ${ours}, theirs ${theirs}: ${count}`);
  if (Deno.args.includes("--examples")) console.log(`  ${example}`);
}
for (const { peer, ours, theirs, example } of strange) {
  console.log(`NOT EXPLAINED: ${peer}, ours ${ours}, theirs ${theirs}`);
  console.log(`  ${example}`);
}
for (const misreading of outcome.misreadings.slice(0, 5)) {
  console.log(`READ IN TWO WAYS: ${misreading}`);
}
const { runs, differences, misreadings } = outcome;
console.log(
  `${runs} inputs: ${differences.length} kinds of differences, ` +
    `${strange.length} not explained, ${misreadings.length} read in two ways`,
);
if (strange.length + misreadings.length > 0) Deno.exit(1);
