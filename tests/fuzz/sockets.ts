/**
 * Sends mutated wire cases and pipelines to a server over sockets, cut and
 * ended in many ways: it must answer, refuse or close, never fail, never hang,
 * and serve the next connection.
 */
import { join } from "../support/raw_response.ts";
import { mutate } from "../support/mutate.ts";
import { encodeBytes } from "../support/notation.ts";
import { randomRequest } from "../support/random_request.ts";
import { wireCases } from "../support/wire_cases.ts";
import { Prng } from "../unit/grammar/prng.ts";
import { checkSeen, expectedOf } from "./expected.ts";
import { exchange, planOf, showPlan } from "./exchange.ts";
import type { Finding, FuzzOptions, FuzzResult } from "./finding.ts";
import { FuzzedSite } from "./site.ts";
import { shrink } from "./shrink.ts";

const LONGEST = 4096;
const AT_ONCE = 32;
// Between two looks at the server itself.
const ROUND = 512;
// What one that fails beside others must do alone, for time-outs may pass on a
// busy machine.
const REPEATS = 3;

interface Attempt {
  readonly bytes: Uint8Array;
  /** Decides how they are sent. */
  readonly planSeed: number;
}

/** Tries inputs until the time is up or one breaks the invariant. */
export async function fuzzSockets(options: FuzzOptions): Promise<FuzzResult> {
  const random = new Prng(options.seed);
  const inputs = wireCases().map(({ bytes }) => bytes)
    .filter((bytes) => bytes.length < LONGEST);
  await using site = await FuzzedSite.start();
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let finding: Finding | null = null;
  let runs = 0;
  let unconfirmed = 0;
  while (finding === null && elapsed() < options.seconds) {
    const round = await tryRound(
      site,
      () => elapsed() < options.seconds ? makeAttempt(inputs, random) : null,
    );
    runs += round.attempts.length;
    const inside = await site.faultSince();
    const failed = round.failed ??
      (inside === null ? null : { fault: inside, suspects: round.attempts });
    if (failed === null) continue;
    finding = await confirm(site, failed);
    if (finding !== null) continue;
    unconfirmed++;
    console.log(`not confirmed: ${describe(failed)}`);
  }
  const notes = `${site.summary()}, ${unconfirmed} unconfirmed`;
  return { runs, seconds: elapsed(), notes, finding };
}

function makeAttempt(inputs: readonly Uint8Array[], random: Prng): Attempt {
  const planSeed = random.integer(0, 2 ** 31);
  for (;;) {
    const bytes = makeInput(inputs, random);
    if (bytes.length < LONGEST) {
      return { bytes: Uint8Array.from(bytes), planSeed };
    }
  }
}

function makeInput(inputs: readonly Uint8Array[], random: Prng): Uint8Array {
  switch (random.integer(0, 5)) {
    case 0:
      return join(pipeline(random));
    case 1:
      return mutate(join(pipeline(random)), random, inputs);
    case 2:
      return random.pick(inputs);
    case 3:
      return join([...pipeline(random), random.pick(inputs)]);
    default:
      return mutate(random.pick(inputs), random, inputs);
  }
}

function pipeline(random: Prng): Uint8Array[] {
  const length = random.integer(1, 8);
  return Array.from({ length }, () => randomRequest(random).bytes);
}

interface Failed {
  readonly fault: string;
  readonly suspects: readonly Attempt[];
}

function describe({ fault, suspects: [{ bytes, planSeed }] }: Failed): string {
  const plan = showPlan(planOf(bytes, new Prng(planSeed)));
  return `${fault}\n  ${plan}\n  ${encodeBytes(bytes)}`;
}

/** Makes and tries as many as a round has, some of them at a time. */
async function tryRound(
  site: FuzzedSite,
  make: () => Attempt | null,
): Promise<{ attempts: readonly Attempt[]; failed: Failed | null }> {
  const attempts: Attempt[] = [];
  let failed: Failed | null = null;
  const work = async () => {
    while (failed === null && attempts.length < ROUND) {
      const attempt = make();
      if (attempt === null) return;
      attempts.push(attempt);
      const fault = await tryOne(site, attempt);
      if (fault !== null) failed ??= { fault, suspects: [attempt] };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { attempts, failed };
}

/** What is wrong with one connection, or `null`. */
async function tryOne(
  site: FuzzedSite,
  { bytes, planSeed }: Attempt,
): Promise<string | null> {
  const plan = planOf(bytes, new Prng(planSeed));
  const expected = expectedOf(bytes);
  const methods = expected.requests.map(({ method }) => method);
  try {
    const seen = await exchange(site.port, plan, methods);
    checkSeen(expected, plan, seen);
    site.count(seen);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  }
}

async function tryAlone(
  site: FuzzedSite,
  attempt: Attempt,
): Promise<string | null> {
  return await tryOne(site, attempt) ?? await site.faultSince();
}

// A failure of the server itself counts though it does not come again.
async function confirm(
  site: FuzzedSite,
  { suspects, fault }: Failed,
): Promise<Finding | null> {
  for (const suspect of suspects) {
    for (let run = 0; run < REPEATS; run++) {
      const again = await tryAlone(site, suspect);
      if (again !== null) return await minimise(site, suspect, again);
    }
  }
  if (suspects.length === 1 && !FuzzedSite.isGrave(fault)) return null;
  const bytes = join(suspects.map((suspect) => suspect.bytes));
  return { what: fault, bytes, how: "these, beside others, once" };
}

async function minimise(
  site: FuzzedSite,
  { bytes, planSeed }: Attempt,
  what: string,
): Promise<Finding> {
  const fails = async (shorter: Uint8Array) =>
    await tryAlone(site, { bytes: Uint8Array.from(shorter), planSeed }) !==
      null;
  const shorter = await shrink(bytes, fails, 300);
  const again = await tryAlone(site, { bytes: shorter, planSeed });
  const plan = planOf(shorter, new Prng(planSeed));
  return { what: again ?? what, bytes: shorter, how: showPlan(plan) };
}
