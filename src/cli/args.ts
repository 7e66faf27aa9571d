/**
 * The command line: its flags come from the table of options.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { OptionSpec } from "../server/option_table.ts";
import { misuse } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { ALL_OPTIONS } from "./option_table.ts";
import type { Given } from "./settings.ts";

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
  /** What the flags say. */
  readonly given: readonly Given[];
}

const SWITCHES = ["help", "version"];

/** Flags of one letter, and what they are short for. */
export const ALIASES: Readonly<Record<string, string>> = {
  h: "help",
  ...Object.fromEntries(
    ALL_OPTIONS.filter(({ short }) => short !== undefined)
      .map(({ short, flag }) => [short, flag]),
  ),
};

/** What a flag without a value sets, by the flag. */
type BareFlags = ReadonlyMap<string, string>;

function bareFlags(): BareFlags {
  const flags = new Map<string, string>();
  for (const { flag, kind, bare, others } of ALL_OPTIONS) {
    const isSwitch = kind === "switch";
    if (isSwitch || bare !== undefined) {
      flags.set(`--${flag}`, `--${flag}=${bare ?? true}`);
      flags.set(`--no-${flag}`, `--${flag}=${isSwitch ? false : "off"}`);
    }
    for (const [other, text] of Object.entries(others ?? {})) {
      flags.set(`--${other}`, `--${flag}=${text}`);
    }
  }
  return flags;
}

const BARE_FLAGS = bareFlags();

/** All flags, without their dashes, for "did you mean". */
export function allFlags(): string[] {
  const bare = [...BARE_FLAGS.keys()].map((flag) => flag.slice(2));
  return [...SWITCHES, ...ALL_OPTIONS.map(({ flag }) => flag), ...bare];
}

function unknownFlag(arg: string): Error {
  const name = arg.replace(/^--?/, "").replace(/=.*$/s, "");
  const shown = arg.replace(/=.*$/s, "");
  const meant = nearest(name, allFlags());
  const advice = meant === null
    ? "see --help for all"
    : `did you mean --${meant}?`;
  return misuse(`unknown flag ${JSON.stringify(shown)}: ${advice}`);
}

// Of a list all entries count, of other options the last value.
function givenTexts(spec: OptionSpec, texts: readonly string[]): Given {
  const origin = { kind: "flag", flag: `--${spec.flag}` } as const;
  const isList = spec.kind === "list" && !texts.includes("off");
  const value = isList
    ? texts.join(spec.separator ?? ",")
    : texts[texts.length - 1];
  return { spec, value, origin };
}

function readFlags(given: Readonly<Record<string, unknown>>): Given[] {
  return ALL_OPTIONS.flatMap((spec) => {
    const texts = [given[spec.flag] ?? []].flat().map(String);
    return texts.length === 0 ? [] : [givenTexts(spec, texts)];
  });
}

// parseArgs takes the next argument for the value of a flag that has none.
function withValues(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, at) => {
    const isFlag = end === -1 || at < end;
    return isFlag ? BARE_FLAGS.get(arg) ?? arg : arg;
  });
}

function onlyTarget(targets: readonly string[]): string {
  const [target = ".", second] = targets;
  if (second === undefined) return target;
  throw misuse(
    `cannot serve both ${JSON.stringify(target)} and ${
      JSON.stringify(second)
    }: name one directory or module`,
  );
}

/**
 * Reads a command line.
 *
 * @throws {CliError} If it has an unknown flag or more than one directory or
 * module.
 */
export function parseCommandLine(args: readonly string[]): Command {
  const unknown: string[] = [];
  const flags = ALL_OPTIONS.map((spec) => spec.flag);
  const given: Record<string, unknown> = parseArgs(withValues(args), {
    boolean: SWITCHES,
    // Or a directory "08" would become the number 8.
    string: ["_", ...flags],
    collect: flags,
    alias: ALIASES,
    unknown(arg, key) {
      if (key === undefined) return true;
      unknown.push(arg);
      return false;
    },
  });
  if (given.help === true) return { kind: "help" };
  if (given.version === true) return { kind: "version" };
  if (unknown.length > 0) throw unknownFlag(unknown[0]);
  const target = onlyTarget([given._ ?? []].flat().map(String));
  return { kind: "serve", target, given: readFlags(given) };
}
