/**
 * `check-config`: the options as they count, each with where it came from.
 *
 * @module
 */

import { optionSections } from "./option_table.ts";
import { originText } from "./origins.ts";
import type { Settings } from "./settings.ts";
import { showValue } from "./values.ts";

/** The options by name with their values and origins, in columns. */
export function configText(settings: Settings): string {
  const rows = optionSections().flatMap(({ specs }) => specs).map(
    ({ name }) => {
      const { spec, value, origin } = settings.get(name);
      // One line each: a list may be separated by ends of lines.
      const text = showValue(spec, value).replaceAll("\n", ", ");
      return [name, text, originText(origin)];
    },
  );
  const widths = [0, 1].map((at) =>
    Math.max(...rows.map((row) => row[at].length))
  );
  return rows.map(([name, value, origin]) =>
    `${name.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${origin}`
  ).join("\n");
}
