/**
 * {@linkcode ReportSplitter}: takes the reports of a worker out of what it
 * writes to its standard error.
 *
 * @module
 */

import { reportMark, type WorkerReport } from "./messages.ts";

/** Where the two parts go. */
export interface SplitterHost {
  /** Takes a report. */
  report(report: WorkerReport): void;
  /** Takes lines that are no report. */
  lines(bytes: Uint8Array): void;
}

const LINE_FEED = 10;
// What holds so much without an end is no line.
const LONGEST_LINE = 64 * 1024;
const DECODER = new TextDecoder();

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function indexOfBytes(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = bytes.indexOf(part[0]); at >= 0;) {
    if (part.every((byte, offset) => bytes[at + offset] === byte)) return at;
    at = bytes.indexOf(part[0], at + 1);
  }
  return -1;
}

/**
 * Splits a standard error into reports and everything else. That is handed on
 * in whole lines, so that the lines of several workers do not mix.
 */
export class ReportSplitter {
  readonly #mark: Uint8Array;
  readonly #host: SplitterHost;
  #held: Uint8Array = new Uint8Array(0);

  /** Splits what the worker with this secret writes. */
  constructor(token: string, host: SplitterHost) {
    this.#mark = reportMark(token);
    this.#host = host;
  }

  /** Takes what was written, in pieces of any size. */
  push(bytes: Uint8Array): void {
    this.#held = this.#held.length === 0 ? bytes : join(this.#held, bytes);
    for (;;) {
      const end = this.#held.indexOf(LINE_FEED) + 1;
      if (end === 0) break;
      this.#line(this.#held.subarray(0, end));
      this.#held = this.#held.subarray(end);
    }
    if (this.#held.length > LONGEST_LINE) this.#shorten();
  }

  // What may be the begin of a report is held on.
  #shorten(): void {
    const at = this.#held.lastIndexOf(this.#mark[0]);
    const rest = at < 0 ? this.#held.length : at;
    if (this.#held.length - rest > LONGEST_LINE) return this.end();
    if (rest > 0) this.#host.lines(this.#held.subarray(0, rest));
    this.#held = this.#held.subarray(rest);
  }

  /** Hands on what is left, the begin of a line. */
  end(): void {
    if (this.#held.length > 0) this.#line(this.#held);
    this.#held = new Uint8Array(0);
  }

  // A report may stand behind the begin of a line that the worker has not
  // ended yet.
  #line(line: Uint8Array): void {
    const at = indexOfBytes(line, this.#mark);
    if (at < 0) return this.#host.lines(line);
    if (at > 0) this.#host.lines(line.subarray(0, at));
    const text = DECODER.decode(line.subarray(at + this.#mark.length));
    const report = readReport(text);
    if (report !== null) this.#host.report(report);
  }
}

// Cut off by the end of the worker, it is none.
function readReport(text: string): WorkerReport | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
