/** The small parts of serving: the next port, the summary, the browser. */
import { assertEquals, assertRejects } from "@std/assert";
import { launchFor } from "../../../src/cli/serving/browser.ts";
import {
  PORTS_TRIED,
  runOnNextPort,
} from "../../../src/cli/serving/next_port.ts";
import { durationText, summaryText } from "../../../src/cli/serving/summary.ts";

/** Listens on ports of which these are taken; tells which were tried. */
function machine(isTaken: (port: number) => boolean) {
  const tried: number[] = [];
  const run = ({ port = 0 }) => {
    tried.push(port);
    if (!isTaken(port)) return Promise.resolve();
    return Promise.reject(new Deno.errors.AddrInUse("taken"));
  };
  return { tried, run };
}

Deno.test("runOnNextPort() takes the first free port from the one it is given", async () => {
  const cases: [number | undefined, number[], number[]][] = [
    [80, [], [80]],
    [80, [80, 81], [80, 81, 82]],
    [undefined, [8000], [8000, 8001]],
    [0, [], [0]],
  ];
  for (const [port, taken, expected] of cases) {
    const { tried, run } = machine((port) => taken.includes(port));
    await runOnNextPort({ port }, run);
    assertEquals(tried, expected);
  }
});

Deno.test("runOnNextPort() gives up in the end", async () => {
  const all = machine(() => true);
  await assertRejects(
    () => runOnNextPort({ port: 80 }, all.run),
    Deno.errors.AddrInUse,
  );
  assertEquals(all.tried.length, PORTS_TRIED);
  const last = machine(() => true);
  await assertRejects(
    () => runOnNextPort({ port: 65_534 }, last.run),
    Deno.errors.AddrInUse,
  );
  assertEquals(last.tried, [65_534, 65_535]);
});

Deno.test("runOnNextPort() passes other errors on", async () => {
  const run = () => Promise.reject(new Deno.errors.PermissionDenied("no"));
  await assertRejects(
    () => runOnNextPort({ port: 80 }, run),
    Deno.errors.PermissionDenied,
  );
});

Deno.test("durationText() gives the two largest units", () => {
  const cases: [number, string][] = [
    [0, "0.0s"],
    [1234, "1.2s"],
    [59_900, "59.9s"],
    [60_000, "1m 0s"],
    [125_999, "2m 5s"],
    [3_600_000, "1h 0m"],
    [90_061_000, "1d 1h"],
  ];
  for (const [ms, text] of cases) assertEquals(durationText(ms), text);
});

Deno.test("summaryText() counts in words", () => {
  const cases: [number, number, string][] = [
    [0, 0, "Served 0 requests with 0 errors in 1.0s"],
    [1, 1, "Served 1 request with 1 error in 1.0s"],
    [7, 2, "Served 7 requests with 2 errors in 1.0s"],
  ];
  for (const [requests, errors, text] of cases) {
    assertEquals(summaryText({ requests, errors, durationMs: 1000 }), text);
  }
});

Deno.test("launchFor() names what opens a URL", () => {
  const url = "http://localhost:8000/";
  assertEquals(launchFor("linux", url), ["xdg-open", url]);
  assertEquals(launchFor("darwin", url), ["open", url]);
  assertEquals(launchFor("windows", url)[0], "cmd");
});
