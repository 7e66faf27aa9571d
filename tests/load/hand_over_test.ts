/** A port goes from one process to the next under load: by `reusePort` between
 * two servers, and between the workers of the command line. `HAND_OVER_SECONDS`
 * says for how long, 30 unless told otherwise. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { join } from "@std/path";
import { Program, ROOT, startServer } from "../support/program.ts";
import { within } from "../support/within.ts";
import { portOf } from "../system/load.ts";
import { checkMeanwhile, type Tally } from "./checking_client.ts";

const SECONDS = Number(Deno.env.get("HAND_OVER_SECONDS") ?? 30);
const CLIENTS = 16;
/** Connections that the kernel may reset as a listener closes. */
const MOST_RESET = 2;
const APP = join(ROOT, "tests/system/load_app.ts");
const LOAD_MODULE = join(ROOT, "tests/load/workers_app.ts");

function startSharing(port: number): Promise<Program> {
  const settings = { listen: { port, reusePort: true } };
  const args = ["run", "-A", "--unstable-net", APP, JSON.stringify(settings)];
  return Program.start(args);
}

/** States what clients have seen and throws if a request was lost. */
function judge(what: string, count: number, tally: Tally): void {
  const { answered, reset, closed, failures } = tally;
  console.log(
    `${count} ${what} in ${SECONDS} s: ${answered} requests answered, ` +
      `${failures.length} failed, ${reset} new connections reset before ` +
      `their first byte, ${closed} kept ones closed before an answer`,
  );
  assertEquals(failures, []);
  assertGreater(answered, 0);
  assertGreater(count, 0);
  assert(reset <= MOST_RESET * count, `${reset} connections were reset`);
}

Deno.test(`HttpServer hands its port over under load for ${SECONDS} s without a failed request`, async () => {
  let current = await startSharing(0);
  const port = await portOf(current);
  let count = 0;
  const end = performance.now() + SECONDS * 1_000;
  try {
    const tally = await checkMeanwhile(port, CLIENTS, async () => {
      while (performance.now() < end) {
        const next = await startSharing(port);
        const old = current;
        current = next;
        await next.url();
        old.kill();
        const { code, stderr } = await old.ended();
        assertEquals([code, stderr], [0, ""]);
        count++;
      }
    });
    judge("hand-overs", count, tally);
  } finally {
    await current[Symbol.asyncDispose]();
  }
});

Deno.test(`--workers replaces its workers under load for ${SECONDS} s without a failed request`, async () => {
  const args = [LOAD_MODULE, "--workers=2", "--port=0"];
  await using program = await startServer("src/cli/main.ts", args);
  const port = await portOf(program);
  let count = 0;
  const end = performance.now() + SECONDS * 1_000;
  const tally = await checkMeanwhile(port, CLIENTS, async () => {
    while (performance.now() < end) {
      program.kill("SIGHUP");
      count++;
      // Without a second way to match, which would take for ever to try.
      const one = "(?:(?!started)[^])*started\\n";
      const started = new RegExp(`^(?:${one}){${2 + 2 * count}}`);
      await within("new workers", program.find("stdout", started), 20_000);
    }
  });
  program.kill();
  const { code, stderr } = await program.ended();
  assertEquals([code, stderr], [0, ""]);
  judge("restarts of two workers", count, tally);
});
