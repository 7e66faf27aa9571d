/**
 * `deno task fuzz [--seconds N] [--seed N]`: half of the time on the parser
 * alone, half on a server over sockets. The seed is printed; a finding ends it
 * with exit code 1.
 */
import { parseArgs } from "@std/cli";
import type { FuzzOptions, FuzzResult } from "./finding.ts";
import { report } from "./finding.ts";
import { fuzzProtocol } from "./protocol.ts";
import { fuzzSockets } from "./sockets.ts";

type Form = (options: FuzzOptions) => Promise<FuzzResult>;

const FORMS: readonly (readonly [string, Form])[] = [
  ["protocol", fuzzProtocol],
  ["sockets", fuzzSockets],
];

const options = parseArgs(Deno.args, { string: ["seconds", "seed", "only"] });
const chosen = FORMS.filter(([name]) => (options.only ?? name) === name);
const seconds = Number(options.seconds ?? 60);
const seed = Number(options.seed ?? Date.now() % 2 ** 32);
console.log(`seed ${seed}, ${seconds} s`);

let total = 0;
for (const [name, form] of chosen) {
  const result = await form({ seed, seconds: seconds / chosen.length });
  console.log(report(name, result));
  total += result.runs;
  if (result.finding === null) continue;
  console.log(`again by --seed ${seed} --only ${name}`);
  Deno.exit(1);
}
console.log(`${total} executions, nothing found`);
