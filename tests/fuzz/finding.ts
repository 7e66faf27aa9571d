/** What a form of the fuzzer hands back. */
import { encodeBytes } from "../support/notation.ts";
import type { ProtocolLimits } from "../../src/protocol/mod.ts";

/** Input that broke an invariant. */
export interface Finding {
  /** What is wrong. */
  readonly what: string;
  /** The input, as short as was found. */
  readonly bytes: Uint8Array;
  /** How the input was sent, or the limits it was read with. */
  readonly how: string;
}

/** What a form of the fuzzer has done. */
export interface FuzzResult {
  /** Inputs tried. */
  readonly runs: number;
  /** Seconds taken. */
  readonly seconds: number;
  /** What else there is to tell. */
  readonly notes: string;
  /** The first finding, or `null`. */
  readonly finding: Finding | null;
}

/** What a form of the fuzzer is given. */
export interface FuzzOptions {
  /** Decides on every choice. */
  readonly seed: number;
  /** For how long to go on. */
  readonly seconds: number;
}

/** A result for people to read. */
export function report(form: string, result: FuzzResult): string {
  const { runs, seconds, notes, finding } = result;
  const rate = Math.round(runs / seconds);
  const line = `${form}: ${runs} executions in ${seconds.toFixed(1)} s, ` +
    `${rate} a second, ${notes}`;
  return finding === null ? `${line}, nothing found` : [
    line,
    `FOUND: ${finding.what}`,
    `how: ${finding.how}`,
    `bytes: ${encodeBytes(finding.bytes)}`,
  ].join("\n");
}

/** Limits for people to read. */
export function showLimits(limits: Partial<ProtocolLimits>): string {
  return `limits ${JSON.stringify(limits)}`;
}
