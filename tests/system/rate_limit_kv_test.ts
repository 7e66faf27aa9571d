/** The store in Deno KV, in processes that have its flag. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";
import { ROOT } from "../support/program.ts";
import { within } from "../support/within.ts";

const APP = join(ROOT, "tests/system/rate_limit_kv_app.ts");
const TIMES = 60;

/** Starts the app; `go` lets it ask and gives the counts of the statuses. */
async function start(path: string, algorithm: string) {
  const { args, env } = await commandLine(
    ["run", "-A", "--unstable-kv", APP, path, `${TIMES}`, algorithm],
  );
  const child = new Deno.Command(Deno.execPath(), {
    args,
    env,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  const reader = lines.getReader();
  assertEquals(
    (await within("a start", reader.read(), 20_000)).value,
    "ready\n",
  );
  return {
    go: async (): Promise<Record<number, number>> => {
      const writer = child.stdin.getWriter();
      await writer.write(new Uint8Array(1));
      await writer.close();
      const { value } = await within("counts", reader.read(), 30_000);
      await reader.cancel();
      assertEquals((await child.status).code, 0);
      return JSON.parse(value ?? "{}");
    },
  };
}

const ALGORITHMS = ["token-bucket", "sliding-window", "fixed-window", "gcra"];

for (const algorithm of ALGORITHMS) {
  Deno.test(`two processes with Deno KV admit the limit by ${algorithm}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rate-limit-" });
    try {
      const path = join(folder, "kv.sqlite");
      // Made by two at once, the database may be locked for one of them.
      const first = await start(path, algorithm);
      const processes = [first, await start(path, algorithm)];
      const counts = await Promise.all(processes.map(({ go }) => go()));
      const sum = (status: number) =>
        counts.reduce((all, one) => all + (one[status] ?? 0), 0);
      console.log(`${algorithm}: ${JSON.stringify(counts)}`);
      assertEquals([sum(200), sum(429)], [50, 2 * TIMES - 50]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
