/**
 * The options that the command line has besides those of a server, and all of
 * them together. Each can be set by a flag, a variable of the environment and a
 * configuration file.
 *
 * @module
 */

import {
  type OptionRow,
  OPTIONS,
  type OptionSpec,
  optionSpecs,
} from "../server/option_table.ts";

const PROCESS: readonly OptionRow[] = [
  ["workers", "workers", "count", 1, "processes that share the port", {
    least: 1,
  }],
  ["reload", "reload", "switch", false, "start again when a file changes"],
];

/** The options of the command line alone. */
export const CLI_OPTIONS: readonly OptionSpec[] = [
  ...optionSpecs("process", PROCESS),
];

/** All options that the command line takes. */
export const ALL_OPTIONS: readonly OptionSpec[] = [...OPTIONS, ...CLI_OPTIONS];

/** A part of the options, as `--help` shows them. */
export interface OptionSection {
  /** Its heading. */
  readonly title: string;
  /** Its options. */
  readonly specs: readonly OptionSpec[];
}

const TITLES: readonly (readonly [group: string, title: string])[] = [
  ["listen", "Where to listen"],
  ["process", "The process"],
  ["limits", "Limits"],
  ["timeouts", "Time-outs"],
];

/** All options, by what they are about. */
export function optionSections(): OptionSection[] {
  return TITLES.map(([group, title]) => ({
    title,
    specs: ALL_OPTIONS.filter((spec) => spec.group === group),
  }));
}
