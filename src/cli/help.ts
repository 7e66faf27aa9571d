/**
 * The text of `--help`.
 *
 * @module
 */

import type { OptionKind, OptionSpec } from "../server/option_table.ts";
import { SHELLS } from "./completions.ts";
import { optionSections } from "./config/option_table.ts";
import { showValue } from "./config/values.ts";

const PLACEHOLDERS: Readonly<Record<OptionKind, string>> = {
  text: "TEXT",
  port: "PORT",
  bytes: "SIZE",
  ms: "TIME",
  seconds: "TIME",
  count: "NUMBER",
  rate: "RATE",
  switch: "",
  choice: "",
  list: "LIST",
};

const WIDTH = 80;
const INDENT = 30;

/** What stands for a value of an option, such as `PORT`; empty for a switch. */
export function placeholder(spec: OptionSpec): string {
  if (spec.placeholder !== undefined) return spec.placeholder;
  return spec.kind === "choice"
    ? (spec.choices ?? []).join("|")
    : PLACEHOLDERS[spec.kind];
}

function flagText(spec: OptionSpec): string {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  const value = placeholder(spec);
  const flag = `${short}--${spec.flag}`;
  if (value === "") return flag;
  return spec.bare === undefined ? `${flag} ${value}` : `${flag}[=${value}]`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    const joined = `${last} ${word}`;
    if (last !== undefined && joined.length <= width) {
      lines[lines.length - 1] = joined;
    } else lines.push(word);
  }
  return lines;
}

/** A flag and what it does, in columns of a terminal of 80. */
function helpRow(flag: string, text: string): string {
  const left = `  ${flag}`;
  const lines = wrap(text, WIDTH - INDENT)
    .map((line) => " ".repeat(INDENT) + line);
  const first = lines[0] ?? "";
  if (left.length + 2 > INDENT) return [left, ...lines].join("\n");
  return [left + first.slice(left.length), ...lines.slice(1)].join("\n");
}

/** The default, and what the flag alone stands for. */
function defaults(spec: OptionSpec): string {
  const { bare, kind, unset } = spec;
  const value = showValue(spec, spec.default);
  if (bare !== undefined) return ` [${value}; alone: ${bare}]`;
  const isNothing = spec.default === null && unset === undefined;
  return kind === "switch" || isNothing ? "" : ` [${value}]`;
}

function optionHelp(spec: OptionSpec): string {
  const others = Object.keys(spec.others ?? {}).map((flag) => `--${flag}`);
  const also = others.length === 0 ? "" : ` (${others.join(", ")})`;
  return helpRow(flagText(spec), `${spec.help}${also}${defaults(spec)}`);
}

function sectionHelp(): string {
  return optionSections().map(({ title, specs }) =>
    `${title}:\n${specs.map(optionHelp).join("\n")}`
  ).join("\n\n");
}

/** The text of `--help`. */
export function helpText(): string {
  return `Usage: httpserver [DIR | MODULE] [flags]
       httpserver routes MODULE
       httpserver check-config [DIR | MODULE] [flags]
       httpserver completions ${SHELLS.join("|")}

Serves a directory as static files, or runs the default export of a module:
an HttpServer, or any object with fetch(request). Without either it serves the
current directory. routes lists the routes of an HttpServer, check-config shows
the options as they count and where each came from, completions prints a script
for a shell.

${sectionHelp()}

Help:
${helpRow("-h, --help", "show this text")}
${helpRow("    --version", "show the version")}

Defaults are in brackets. --NAME[=VALUE] takes a value behind "=" only, and
--no-NAME turns it off, as it does a flag without a value. Lists are separated
by commas. SIZE is a number of bytes or has a unit: 64KiB, 1MiB, 1MB. TIME is
in milliseconds (--max-age in seconds) or has a unit: 500ms, 30s, 2m, 1h. RATE
is like 10/s, 100/m or 1000/h. 0 turns a time-out off.

Each option is also a variable of the environment, HTTPSERVER_MAX_BODY_BYTES for
--max-body-bytes, and a name in the file of --config, which check-config shows.
Flags go before the environment, and that before the file.
`;
}
