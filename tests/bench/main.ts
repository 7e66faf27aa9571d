/**
 * Compares this server with others: `deno task bench [--quick] [--case TEXT]
 * [--server NAME] [--rounds N] [--seconds N] [--json FILE] [--svg FILE]`.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { makeCertificate } from "../conformance/certificate.ts";
import { type Case, CASES, type ServerName } from "./cases.ts";
import { chart } from "./chart.ts";
import { table } from "./report.ts";
import { measure, type Plan, type Result } from "./rounds.ts";
import { available, type Fixture, installPeers, PEERS } from "./servers.ts";
import { requireWrk } from "./wrk.ts";

const QUICK: Plan = { rounds: 3, seconds: 1 };
const WHOLE: Plan = { rounds: 5, seconds: 3 };
const QUICK_SERVERS: readonly ServerName[] = ["ours", "raw", "Deno.serve"];

const flags = parseArgs(Deno.args, {
  boolean: ["quick", "help"],
  string: ["case", "server", "rounds", "seconds", "json", "svg"],
  collect: ["case", "server"],
  unknown: (arg) => fail(`Unknown argument "${arg}"`),
});

function fail(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function number(name: "rounds" | "seconds", usual: number): number {
  const text = flags[name];
  if (text === undefined) return usual;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  return fail(`--${name} takes a whole number above 0, not "${text}"`);
}

function chosenCases(): readonly Case[] {
  const wanted = flags.case as string[];
  if (wanted.length === 0) {
    return flags.quick ? CASES.filter((it) => it.quick) : CASES;
  }
  const found = CASES.filter((it) =>
    wanted.some((word) => it.name.includes(word))
  );
  return found.length > 0 ? found : fail(
    `No case has "${wanted.join('", "')}" in its name; there are: ${
      CASES.map((it) => it.name).join("; ")
    }`,
  );
}

async function chosenServers(one: Case): Promise<ServerName[]> {
  const wanted = flags.server as string[];
  const servers = one.servers.filter((name, at) =>
    at === 0 ||
    (wanted.length > 0
      ? wanted.includes(name)
      : !flags.quick || QUICK_SERVERS.includes(name))
  );
  const present: ServerName[] = [];
  for (const name of servers) {
    if (await available(name)) present.push(name);
    else console.error(`${name} is left out: it is not installed`);
  }
  return present;
}

async function makeFixture(work: string): Promise<Fixture> {
  const files = join(work, "files");
  await Deno.mkdir(files);
  for (
    const [name, size] of [["1k", 1], ["100k", 100], ["10m", 10240]] as const
  ) {
    await Deno.writeFile(
      join(files, `${name}.bin`),
      new Uint8Array(size * 1024).fill(0x61),
    );
  }
  const { cert, key } = await makeCertificate();
  await Deno.writeTextFile(join(work, "cert.pem"), cert);
  await Deno.writeTextFile(join(work, "key.pem"), key);
  await Deno.chmod(work, 0o755);
  return {
    files,
    work,
    cert: join(work, "cert.pem"),
    key: join(work, "key.pem"),
    freePort: () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return listener.addr.port;
    },
  };
}

async function run(): Promise<void> {
  await requireWrk();
  const cases = chosenCases();
  const usual = flags.quick ? QUICK : WHOLE;
  const plan = {
    rounds: number("rounds", usual.rounds),
    seconds: number("seconds", usual.seconds),
  };
  const work = await Deno.makeTempDir({ prefix: "httpserver_bench_" });
  const results: Result[] = [];
  try {
    const fixture = await makeFixture(work);
    for (const one of cases) {
      const servers = await chosenServers(one);
      if (servers.some((name) => PEERS.includes(name))) await installPeers();
      const result = await measure(one, servers, fixture, plan);
      results.push(result);
      console.log(table(result));
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  if (flags.json !== undefined) {
    const made = { made: new Date().toISOString(), deno: Deno.version, plan };
    await Deno.writeTextFile(
      flags.json,
      `${JSON.stringify({ ...made, results }, null, 2)}\n`,
    );
  }
  if (flags.svg !== undefined) {
    await Deno.writeTextFile(flags.svg, chart(results));
  }
}

await run();
