import { assertEquals } from "@std/assert";
import {
  encodeReport,
  type WorkerReport,
} from "../../../../src/cli/supervisor/messages.ts";
import { ReportSplitter } from "../../../../src/cli/supervisor/report_splitter.ts";

const TOKEN = "0b7c";
const LISTENING: WorkerReport = {
  kind: "listening",
  address: { transport: "tcp", hostname: "127.0.0.1", port: 80 },
};

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Splits pieces; reports are told as `<kind>` between the lines. */
function split(pieces: readonly Uint8Array[]): string[] {
  const seen: string[] = [];
  const splitter = new ReportSplitter(TOKEN, {
    report: ({ kind }) => seen.push(`<${kind}>`),
    lines: (bytes) => seen.push(new TextDecoder().decode(bytes)),
  });
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return seen;
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("ReportSplitter takes reports out however the bytes are split", () => {
  const bytes = concat(
    encode("first\n\xe4 begun "),
    encodeReport(TOKEN, LISTENING),
    encode("\x1eother {}\n"),
    encodeReport("0b7d", LISTENING),
    encode("no end"),
  );
  const whole = split([bytes]);
  assertEquals(whole.length, 6);
  assertEquals(whole.slice(0, 4), [
    "first\n",
    "\xe4 begun ",
    "<listening>",
    "\x1eother {}\n",
  ]);
  assertEquals(whole[5], "no end");
  for (let at = 1; at < bytes.length; at++) {
    const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
    assertEquals(split(pieces), whole, `split at ${at}`);
  }
});

Deno.test("ReportSplitter drops a report that was cut off", () => {
  const cut = encodeReport(TOKEN, LISTENING).subarray(0, 20);
  assertEquals(split([cut]), []);
  assertEquals(split([cut, encode("\n"), encode("next\n")]), ["next\n"]);
});

Deno.test("ReportSplitter hands on what has no end of a line", () => {
  const long = encode("x".repeat(40_000));
  assertEquals(split([long, long, encode("y\n")]).map((each) => each.length), [
    80_000,
    2,
  ]);
});

Deno.test("ReportSplitter takes a report out behind a long line without an end however it is split", () => {
  const long = encode("x".repeat(65_530));
  const report = encodeReport(TOKEN, LISTENING);
  for (let at = 0; at < report.length; at++) {
    const pieces = [concat(long, report.subarray(0, at)), report.subarray(at)];
    const seen = split(pieces);
    assertEquals(seen.at(-1), "<listening>", `split at ${at}`);
    assertEquals(seen.slice(0, -1).join("").length, long.length);
  }
});
