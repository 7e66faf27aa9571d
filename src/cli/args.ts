/**
 * The command line: its flags come from the table of options.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { OptionSpec } from "../server/option_table.ts";
import { type Shell, SHELLS } from "./completions.ts";
import { misuse } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { ALL_OPTIONS } from "./config/option_table.ts";
import type { Given } from "./config/settings.ts";
import { accepted } from "./config/values.ts";

/** What a command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "completions"; readonly shell: Shell }
  | ServeCommand
  | TargetCommand;

/** Serve a directory or run a module. */
export interface ServeCommand {
  /** Tells the kinds of commands apart. */
  readonly kind: "serve";
  /** The directory or module, as given. */
  readonly target: string;
  /** What the flags say. */
  readonly given: readonly Given[];
}

/** Show something of what would be served. */
export interface TargetCommand extends Omit<ServeCommand, "kind"> {
  /** Tells the kinds of commands apart. */
  readonly kind: "routes" | "check-config";
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
  for (const { flag, kind, bare, others, short } of ALL_OPTIONS) {
    const isSwitch = kind === "switch";
    if (isSwitch || bare !== undefined) {
      flags.set(`--${flag}`, `--${flag}=${bare ?? true}`);
      if (short !== undefined) {
        flags.set(`-${short}`, `--${flag}=${bare ?? true}`);
      }
      flags.set(`--no-${flag}`, `--${flag}=${isSwitch ? false : "off"}`);
    }
    for (const [other, text] of Object.entries(others ?? {})) {
      flags.set(`--${other}`, `--${flag}=${text}`);
    }
  }
  return flags;
}

const BARE_FLAGS = bareFlags();

// "--no-prt" is not near "--port", which cannot be turned off.
function meantBy(name: string): string | null {
  const negated = [...BARE_FLAGS.keys()].filter((flag) =>
    flag.startsWith("--no-")
  ).map((flag) => flag.slice("--no-".length));
  if (name.startsWith("no-")) {
    const rest = name.slice("no-".length);
    if (ALL_OPTIONS.some(({ flag }) => flag === rest)) return null;
    const meant = nearest(rest, negated);
    return meant === null ? null : `no-${meant}`;
  }
  const flags = ALL_OPTIONS.flatMap(({ flag, others }) => [
    flag,
    ...Object.keys(others ?? {}),
  ]);
  return nearest(name, [...SWITCHES, ...flags]);
}

function unknownFlag(arg: string): Error {
  const name = arg.replace(/^--?/, "").replace(/=.*$/s, "");
  const shown = arg.replace(/=.*$/s, "");
  const meant = meantBy(name);
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

/** The options whose flag of one letter takes a value, by that letter. */
const LETTERS: ReadonlyMap<string, OptionSpec> = new Map(
  ALL_OPTIONS.filter((spec) => spec.short && !BARE_FLAGS.has(`-${spec.short}`))
    .map((spec) => [spec.short ?? "", spec]),
);

/** A flag as parseArgs reads it right: `--name=value`. */
function plainFlag(arg: string): string {
  const bare = BARE_FLAGS.get(arg);
  if (bare !== undefined) return bare;
  // With "-HX-A:b" it would look for a flag "-X".
  const [, letter, value] = /^-([a-zA-Z])=?(.+)$/s.exec(arg) ?? [];
  const spec = LETTERS.get(letter);
  return spec === undefined ? arg : `--${spec.flag}=${value}`;
}

// parseArgs takes the next argument for the value of a flag that has none.
function withValues(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, at) => {
    const isFlag = end === -1 || at < end;
    if (!isFlag || !arg.startsWith("-")) return arg;
    const spec = ALL_OPTIONS.find(({ flag }) => arg === `--${flag}=`);
    if (spec === undefined) return plainFlag(arg);
    throw misuse(`--${spec.flag} needs a value: take ${accepted(spec)}`);
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

function noFlags(kind: string, given: readonly Given[]): void {
  if (given.length === 0) return;
  throw misuse(`--${given[0].spec.flag} cannot be used with ${kind}`);
}

function readShell([name, ...more]: readonly string[]): Shell {
  const shell = SHELLS.find((each) => each === name);
  if (shell !== undefined && more.length === 0) return shell;
  const shown = JSON.stringify([name ?? "", ...more].join(" "));
  throw misuse(
    `cannot complete in the shell ${shown}: take one of ${SHELLS.join(", ")}`,
  );
}

// A directory of such a name is served as "./routes".
function commandOf(
  positionals: readonly string[],
  given: readonly Given[],
): Command {
  const [kind, ...rest] = positionals;
  switch (kind) {
    case "completions":
      noFlags(kind, given);
      return { kind, shell: readShell(rest) };
    case "routes":
      noFlags(kind, given);
      if (rest.length > 0) return { kind, target: onlyTarget(rest), given };
      throw misuse("routes needs a module: name one, such as app.ts");
    case "check-config":
      return { kind, target: onlyTarget(rest), given };
    default:
      return { kind: "serve", target: onlyTarget(positionals), given };
  }
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
  return commandOf([given._ ?? []].flat().map(String), readFlags(given));
}
