/** The README's tables of options, made of the tables of the code. Run as a
 * program it writes them into the README. */
import { join } from "@std/path";
import { placeholder } from "../../src/cli/help.ts";
import { CLI_OPTIONS } from "../../src/cli/config/option_table.ts";
import { showValue } from "../../src/cli/config/values.ts";
import { OPTIONS, type OptionSpec } from "../../src/server/option_table.ts";
import { ROOT } from "./program.ts";

const HEAD = ["option", "flag", "default", "what it is"];
const TABLE = /^\| option .*\n(?:\|.*\n)+/gm;

function flagCell(spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `\`-${spec.short}\` `;
  const values = placeholder(spec).replaceAll("|", "\\|");
  const isChoice = spec.kind === "choice" && spec.placeholder === undefined;
  const value = spec.bare !== undefined
    ? `[=${values}]`
    : isChoice
    ? ` ${values}`
    : "";
  const others = Object.keys(spec.others ?? {}).map((flag) => ` \`--${flag}\``);
  return `${short}\`--${spec.flag}${value}\`${others.join("")}`;
}

/** The cells of a table, its head first. */
function cells(specs: readonly OptionSpec[]): string[][] {
  return [
    HEAD,
    ...specs.map((spec) => [
      `\`${spec.name}\``,
      flagCell(spec),
      `\`${showValue(spec, spec.default)}\``,
      spec.bare === undefined
        ? spec.help
        : `${spec.help}; alone: \`${spec.bare}\``,
    ]),
  ];
}

/** A table as `deno fmt` leaves it. */
function table(rows: readonly string[][]): string {
  const widths = HEAD.map((_, at) =>
    Math.max(...rows.map((r) => r[at].length))
  );
  const lines = rows.map((row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(" | ")} |\n`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n`;
  return [lines[0], rule, ...lines.slice(1)].join("");
}

/** The README with the tables of the code in the places of its own. */
export function withOptionTables(readme: string): string {
  const tables = [OPTIONS, CLI_OPTIONS].map((specs) => table(cells(specs)));
  let at = 0;
  const replaced = readme.replaceAll(TABLE, (old) => tables[at++] ?? old);
  if (at === tables.length) return replaced;
  throw new Error(
    `The README has ${at} tables of options, not ${tables.length}`,
  );
}

if (import.meta.main) {
  const path = join(ROOT, "README.md");
  const readme = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, withOptionTables(readme));
}
