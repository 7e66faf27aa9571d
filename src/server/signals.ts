/**
 * Signals that end a server.
 *
 * @module
 */

// A terminal and a task runner may both deliver one Ctrl-C, a few ms apart.
const SAME_SIGNAL_MS = 250;

const SIGNALS: readonly Deno.Signal[] = Deno.build?.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/**
 * Calls `onSignal` for SIGINT and SIGTERM, once for a signal that is delivered
 * more than once; the returned function ends that.
 */
export function listenForSignals(onSignal: () => void): () => void {
  let last = -Infinity;
  const listener = () => {
    const now = performance.now();
    if (now - last >= SAME_SIGNAL_MS) onSignal();
    last = now;
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, listener);
  return () => {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, listener);
  };
}
