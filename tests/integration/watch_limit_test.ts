/** `watchChanges()` where the system watches no more directories. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";
import { ROOT } from "../support/program.ts";
import { within } from "../support/within.ts";

const PATIENCE_MS = 60_000;
const FEW = "echo 8 > /proc/sys/user/max_inotify_watches";

/** A command in a namespace of its own, where the limit is low. */
function limited(command: string, ...args: string[]): Deno.Command {
  const script = `${FEW} && exec "$@"`;
  return new Deno.Command("unshare", {
    args: ["-Ur", "sh", "-c", script, "sh", command, ...args],
    stdout: "piped",
    stderr: "null",
  });
}

async function canLimit(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  return (await limited("true").output().catch(() => null))?.success === true;
}

Deno.test({
  name:
    "watchChanges() tells once of a limit and goes on when there are too many directories",
  ignore: !(await canLimit()),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "watch-" });
    const app = join(ROOT, "tests/support/watch_app.ts");
    const { args } = await commandLine(["run", "-A", app, directory]);
    const child = limited(Deno.execPath(), ...args).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    let text = "";
    const reader = lines.getReader();
    const told = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`It ended before ${pattern}: ${text}`);
        text += value;
      }
    };
    const hear = (pattern: RegExp) =>
      within(`${pattern}`, told(pattern), PATIENCE_MS);
    try {
      await hear(/watching/);
      for (let at = 0; at < 20; at++) await Deno.mkdir(`${directory}/s${at}`);
      await hear(/failed Error: .*limit/);
      await Deno.writeTextFile(`${directory}/late.txt`, "late");
      await hear(/changed \S+late\.txt/);
      assertEquals(text.match(/failed/g)?.length, 1);
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(directory, { recursive: true });
    }
  },
});
