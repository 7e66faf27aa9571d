/** Runs `deno ARGS...` so that `@std/*` resolves with and without JSR.
 *
 * Used as `deno task deno ARGS...`. The child gets the terminal, the signals
 * and the environment of this process; its exit code becomes ours. */
import { commandLine } from "./standins.ts";

const line = await commandLine(Deno.args);
// First the listeners: a signal in between must not leave an orphan behind.
// None of them can run before the child is there.
for (const signal of forwardedSignals()) {
  Deno.addSignalListener(signal, () => forward(signal));
}
const child = new Deno.Command(Deno.execPath(), line).spawn();
const status = await child.status;
await line.dispose();
Deno.exit(status.code);

function forward(signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It ended in this very moment: its status is on the way.
  }
}

/** On Windows the console itself hands Ctrl-C to the whole group. */
function forwardedSignals(): Deno.Signal[] {
  if (Deno.build.os === "windows") return [];
  return ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
}
