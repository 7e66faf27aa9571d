/** Figures as text: a table for the terminal and for Markdown. */
import type { Result } from "./rounds.ts";

const HEAD = [
  "server",
  "CPU, us",
  "ours to it",
  "requests/s",
  "p50, ms",
  "p99, ms",
  "RSS, MB",
];

/** One case as a Markdown table. */
export function table(result: Result): string {
  const rows = result.figures.map((it) => [
    it.server,
    figure(it.cpuMicros),
    `${it.oursTo.toFixed(2)} x`,
    Math.round(it.perSecond).toLocaleString("en"),
    figure(it.p50),
    figure(it.p99),
    String(Math.round(it.residentBytes / 1e6)),
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, at) =>
    Math.max(...all.map((row) => row[at].length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => pad(cell, widths[at], at)).join(" | ")} |`;
  const rule = `| ${
    widths.map((width, at) =>
      at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
    ).join(" | ")
  } |`;
  return [
    `### ${result.name} (${result.connections} connections)`,
    "",
    line(HEAD),
    rule,
    ...rows.map(line),
    ...errors(result),
    "",
  ].join("\n");
}

function errors(result: Result): string[] {
  return result.figures.filter((it) => it.errors > 0).map((it) =>
    `\n${it.server}: ${it.errors} failed requests, its figures don't count`
  );
}

function pad(cell: string, width: number, at: number): string {
  return at === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
