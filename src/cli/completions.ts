/**
 * `completions`: scripts that let a shell complete the command line.
 *
 * @module
 */

import type { OptionSpec } from "../server/option_table.ts";
import { ALL_OPTIONS } from "./config/option_table.ts";

/** Shells that there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A shell that there is a script for. */
export type Shell = (typeof SHELLS)[number];

/** The subcommands, with what they do. */
export const SUBCOMMANDS: Readonly<Record<string, string>> = {
  "routes": "list the routes of a module's server",
  "check-config": "show the options as they count, and where each came from",
  "completions": "print a script that completes this command in a shell",
};

/** A flag to complete. */
interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly help: string;
  /** Whether a value follows as an argument of its own. */
  readonly takesValue: boolean;
  /** The values to choose from. */
  readonly choices: readonly string[];
  /** Whether its value is a file. */
  readonly isFile: boolean;
}

function flagOf(spec: OptionSpec): Flag {
  return {
    name: spec.flag,
    short: spec.short,
    help: spec.help,
    takesValue: spec.kind !== "switch" && spec.bare === undefined,
    choices: spec.choices ?? [],
    isFile: spec.placeholder === "FILE" || spec.placeholder === "PATH",
  };
}

function otherFlags({ others, help }: OptionSpec): Flag[] {
  return Object.keys(others ?? {}).map((name) => ({
    name,
    help: `the opposite: ${help}`,
    takesValue: false,
    choices: [],
    isFile: false,
  }));
}

function simple(name: string, short: string | undefined, help: string): Flag {
  return { name, short, help, takesValue: false, choices: [], isFile: false };
}

function allFlags(): Flag[] {
  return [
    ...ALL_OPTIONS.flatMap((spec) => [flagOf(spec), ...otherFlags(spec)]),
    simple("help", "h", "show the help"),
    simple("version", undefined, "show the version"),
  ];
}

function names({ name, short }: Flag): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** Cases of a shell's `case`: what may follow each flag that takes a value. */
function bashCases(flags: readonly Flag[]): string {
  const withChoices = flags.filter(({ choices }) => choices.length > 0);
  const files = flags.filter((flag) => flag.isFile && flag.takesValue);
  const others = flags.filter((flag) =>
    flag.takesValue && !flag.isFile && flag.choices.length === 0
  );
  const line = (flags: readonly Flag[], action: string) =>
    flags.length === 0
      ? []
      : [`    ${flags.flatMap(names).join("|")}) ${action}; return ;;`];
  return [
    ...withChoices.flatMap((flag) =>
      line(
        [flag],
        `COMPREPLY=($(compgen -W "${flag.choices.join(" ")}" -- "$word"))`,
      )
    ),
    ...line(files, 'COMPREPLY=($(compgen -f -- "$word"))'),
    ...line(others, "COMPREPLY=()"),
  ].join("\n");
}

// Bash makes words of their own of "=" and what is before and behind it.
function bashScript(flags: readonly Flag[]): string {
  const all = flags.flatMap(names).join(" ");
  const commands = Object.keys(SUBCOMMANDS).join(" ");
  return `# bash completion for httpserver
_httpserver() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  if [[ "$word" == "=" ]]; then word=""
  elif [[ "$before" == "=" ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$before" in
${bashCases(flags)}
    completions) COMPREPLY=($(compgen -W "${
    SHELLS.join(" ")
  }" -- "$word")); return ;;
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "${all}" -- "$word"))
    return
  fi
  COMPREPLY=($(compgen -f -- "$word"))
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY+=($(compgen -W "${commands}" -- "$word"))
  fi
}
complete -o filenames -F _httpserver httpserver
`;
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
}

function zshValue({ takesValue, choices, isFile, name }: Flag): string {
  const values = choices.length > 0
    ? `(${choices.join(" ")})`
    : isFile
    ? "_files"
    : " ";
  if (takesValue) return `:${name}:${values}`;
  return choices.length > 0 || isFile ? `::${name}:${values}` : "";
}

function zshFlag(flag: Flag): string {
  // An optional value stands behind a "=" only.
  const mark = flag.takesValue ? "=" : zshValue(flag) === "" ? "" : "=-";
  const help = zshText(flag.help);
  const long = `'*--${flag.name}${mark}[${help}]${zshValue(flag)}'`;
  if (flag.short === undefined) return long;
  const plus = flag.takesValue ? "+" : "";
  return `${long} \\\n    '*-${flag.short}${plus}[${help}]${zshValue(flag)}'`;
}

function zshScript(flags: readonly Flag[]): string {
  const commands = Object.entries(SUBCOMMANDS)
    .map(([name, help]) => `    '${name}:${zshText(help)}'`).join("\n");
  return `#compdef httpserver
_httpserver_target() {
  local -a commands=(
${commands}
  )
  _describe command commands
  _files
}
_httpserver_rest() {
  if [[ "$words[2]" == completions ]]; then
    compadd ${SHELLS.join(" ")}
  else
    _files
  fi
}
_httpserver() {
  _arguments \\
    ${flags.map(zshFlag).join(" \\\n    ")} \\
    '1:target:_httpserver_target' \\
    '*:file:_httpserver_rest'
}
compdef _httpserver httpserver
`;
}

function fishText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function fishFlag(flag: Flag): string {
  const parts = ["complete -c httpserver", `-l ${flag.name}`];
  if (flag.short !== undefined) parts.push(`-s ${flag.short}`);
  if (flag.takesValue) parts.push(flag.isFile ? "-r -F" : "-x");
  if (flag.choices.length > 0) {
    parts.push(`-a ${fishText(flag.choices.join(" "))}`);
  }
  return [...parts, `-d ${fishText(flag.help)}`].join(" ");
}

function fishScript(flags: readonly Flag[]): string {
  const commands = Object.entries(SUBCOMMANDS).map(([name, help]) =>
    `complete -c httpserver -n __fish_use_subcommand -a ${name} -d ${
      fishText(help)
    }`
  );
  return `# fish completion for httpserver
${flags.map(fishFlag).join("\n")}
${commands.join("\n")}
complete -c httpserver -n '__fish_seen_subcommand_from completions' -f -a ${
    fishText(SHELLS.join(" "))
  }
`;
}

const SCRIPTS: Readonly<Record<Shell, (flags: readonly Flag[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script that completes the command line in a shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell](allFlags());
}
