/**
 * The command line: its flags come from the table of options.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { OPTIONS, type OptionSpec } from "../server/option_table.ts";
import type { HttpServerOptions, ListenOptions } from "../server/options.ts";
import { misuse } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { acceptedValues, formatValue, parseValue } from "./units.ts";

/** What a command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | ServeCommand;

/** Serve a directory or run a module. */
export interface ServeCommand {
  /** Tells the kinds of commands apart. */
  readonly kind: "serve";
  /** The directory or module, as given. */
  readonly target: string;
  /** Where to listen. */
  readonly listen: ListenOptions;
  /** Options of the server: those that were given. */
  readonly options: HttpServerOptions;
  /** The flags of these options, as in `--max-body-bytes`. */
  readonly optionFlags: readonly string[];
}

const SWITCHES = ["help", "version"];
const ALIASES: Readonly<Record<string, string>> = { h: "help", p: "port" };

function unknownFlag(arg: string): Error {
  const name = arg.replace(/^--?/, "").replace(/=.*$/s, "");
  const shown = arg.replace(/=.*$/s, "");
  const known = [...SWITCHES, ...OPTIONS.map((spec) => spec.flag)];
  const meant = nearest(name, known);
  const advice = meant === null
    ? "see --help for all"
    : `did you mean --${meant}?`;
  return misuse(`unknown flag ${JSON.stringify(shown)}: ${advice}`);
}

function readFlag(spec: OptionSpec, text: string): string | number {
  const flag = `--${spec.flag}`;
  const accepted = acceptedValues(spec.kind);
  if (text === "") throw misuse(`${flag} needs a value: take ${accepted}`);
  const value = parseValue(spec.kind, text);
  if (value !== null) return value;
  throw misuse(`${flag} cannot be ${JSON.stringify(text)}: take ${accepted}`);
}

interface GivenOptions extends Pick<ServeCommand, "listen" | "options"> {
  readonly flags: string[];
}

// Where a row of the table is called `limits.bodyBytes`, the option is the
// member `bodyBytes` of the group `limits`.
function readFlags(given: Readonly<Record<string, unknown>>): GivenOptions {
  const listen: Record<string, string | number> = {};
  const options: Record<string, Record<string, number>> = {};
  const flags: string[] = [];
  for (const spec of OPTIONS) {
    const text = given[spec.flag];
    if (typeof text !== "string") continue;
    const value = readFlag(spec, text);
    const [group, name] = spec.name.split(".");
    if (name === undefined) {
      listen[group] = value;
      continue;
    }
    flags.push(`--${spec.flag}`);
    options[group] = { ...options[group], [name]: Number(value) };
  }
  return { listen, options, flags };
}

/**
 * Reads a command line.
 *
 * @throws {CliError} If it has an unknown flag, a bad value or more than one
 * directory or module.
 */
export function parseCommandLine(args: readonly string[]): Command {
  const unknown: string[] = [];
  const given = parseArgs([...args], {
    boolean: SWITCHES,
    // Or a directory "08" would become the number 8.
    string: ["_", ...OPTIONS.map((spec) => spec.flag)],
    alias: ALIASES,
    unknown(arg, key) {
      if (key === undefined) return true;
      unknown.push(arg);
      return false;
    },
  });
  if (given.help === true) return { kind: "help" };
  if (given.version === true) return { kind: "version" };
  const { listen, options, flags } = readFlags(given);
  if (unknown.length > 0) throw unknownFlag(unknown[0]);
  const targets = [given._].flat().map(String);
  if (targets.length > 1) {
    const [first, second] = targets.map((each) => JSON.stringify(each));
    throw misuse(
      `cannot serve both ${first} and ${second}: name one directory or module`,
    );
  }
  const [target = "."] = targets;
  return { kind: "serve", target, listen, options, optionFlags: flags };
}

const PLACEHOLDERS: Readonly<Record<OptionSpec["kind"], string>> = {
  text: "ADDRESS",
  port: "PORT",
  bytes: "SIZE",
  ms: "TIME",
  count: "NUMBER",
};

function helpRow(flag: string, text: string): string {
  return `  ${flag.padEnd(44)}${text}`;
}

function optionHelp(spec: OptionSpec): string {
  const short = Object.keys(ALIASES).find((key) => ALIASES[key] === spec.flag);
  const flag = `--${spec.flag} ${PLACEHOLDERS[spec.kind]}`;
  const value = formatValue(spec.kind, spec.default);
  return helpRow(
    short === undefined ? `    ${flag}` : `-${short}, ${flag}`,
    `${spec.help} [${value}]`,
  );
}

/** The text of `--help`. */
export function helpText(): string {
  return `Usage: httpserver [DIR | MODULE] [flags]

Serves a directory as static files, or runs the default export of a module:
an HttpServer, or any object with fetch(request). Without either it serves the
current directory.

Flags, with their defaults:
${OPTIONS.map(optionHelp).join("\n")}
${helpRow("-h, --help", "show this text")}
${helpRow("    --version", "show the version")}

SIZE is a number of bytes or has a unit: 64KiB, 1MiB, 1MB.
TIME is in milliseconds or has a unit: 500ms, 30s, 2m, 1h. 0 turns it off.
`;
}
