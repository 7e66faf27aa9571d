/** Where the flags of an offline run go on a `deno` command line.
 *
 * Pure: it knows the subcommands and their flags, nothing of files. */

/** The files that stand in for `deno.json` while JSR does not answer. */
export interface OfflineFiles {
  /** Path of the configuration with links to the stand-ins. */
  readonly config: string;
  /** Path of the configuration for `deno publish --dry-run`. */
  readonly publishConfig: string;
  /** Path of the import map for `deno doc`. */
  readonly importMap: string;
}

/** Subcommands whose arguments from the first file on belong to that file. */
const SCRIPT_COMMANDS = new Set([
  "run",
  "serve",
  "watch",
  "eval",
  "compile",
  "desktop",
]);

/** Subcommands that take `--config` and whose arguments are all their own. */
const FILE_COMMANDS = new Set([
  "bench",
  "bundle",
  "cache",
  "check",
  "fmt",
  "info",
  "lint",
  "publish",
  "repl",
  "test",
  "transpile",
]);

/** Subcommands that have no use for the stand-ins: they are left alone. */
const OTHER_COMMANDS = new Set(
  ("add approve-scripts audit bump-version ci clean completions coverage " +
    "create deploy doc help init install jupyter link list lsp outdated pack " +
    "remove sandbox task types uninstall unlink update upgrade why x")
    .split(" "),
);

/** Flags that take the next argument as their value. */
const VALUE_FLAGS = new Set([
  "--cert",
  "--conditions",
  "--config",
  "--ext",
  "--host",
  "--icon",
  "--import-map",
  "--location",
  "--log-level",
  "--min-dep-age",
  "--node-modules-linker",
  "--output",
  "--port",
  "--preload",
  "--require",
  "--seed",
  "--target",
  "-L",
  "-c",
  "-o",
]);

const OWN_CONFIG = /^(?:-c|--config|--no-config)(?:=|$)/;
const OWN_IMPORT_MAP = /^--import-map(?:=|$)/;

/** Adds the flags that make `deno` use the stand-ins.
 *
 * A command line that names a configuration of its own stays as it is. */
export function withStandIns(
  args: readonly string[],
  files: OfflineFiles,
): string[] {
  const at = firstPositional(args);
  const command = at === -1 ? "" : args[at];
  if (command === "doc") return withImportMap(args, at, files.importMap);
  if (OTHER_COMMANDS.has(command)) return [...args];
  const config = command === "publish" ? files.publishConfig : files.config;
  if (SCRIPT_COMMANDS.has(command) || FILE_COMMANDS.has(command)) {
    return insert(args, at + 1, config);
  }
  return withImpliedCommand(args, at, config);
}

/** True if the command line runs `deno publish`. */
export function isPublish(args: readonly string[]): boolean {
  const at = firstPositional(args);
  return at !== -1 && args[at] === "publish";
}

/** `deno app.ts` means `run`, `deno` alone means `repl`. */
function withImpliedCommand(
  args: readonly string[],
  at: number,
  config: string,
): string[] {
  if (at !== -1) return insert(["run", ...args], 1, config);
  const onlyAsks = args.some((arg) => /^(?:-h|-V|--help|--version)/.test(arg));
  return onlyAsks ? [...args] : insert(["repl", ...args], 1, config);
}

function insert(args: readonly string[], at: number, config: string): string[] {
  const command = args[at - 1];
  const own = ownFlags(args.slice(at), SCRIPT_COMMANDS.has(command));
  if (own.some((arg) => OWN_CONFIG.test(arg))) return [...args];
  return [...args.slice(0, at), "--config", config, ...args.slice(at)];
}

function withImportMap(
  args: readonly string[],
  at: number,
  importMap: string,
): string[] {
  const own = ownFlags(args.slice(at + 1), false);
  if (own.some((arg) => OWN_IMPORT_MAP.test(arg))) return [...args];
  return [
    ...args.slice(0, at + 1),
    "--import-map",
    importMap,
    ...args.slice(at + 1),
  ];
}

/** The arguments that are `deno`'s, not the script's. */
function ownFlags(args: readonly string[], untilFile: boolean): string[] {
  const end = args.indexOf("--");
  const all = end === -1 ? args : args.slice(0, end);
  if (!untilFile) return [...all];
  const file = firstPositional(all);
  return file === -1 ? [...all] : all.slice(0, file);
}

/** Index of the subcommand or file; -1 if there are only flags. */
function firstPositional(args: readonly string[]): number {
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith("-") || args[i] === "-") return i;
    if (VALUE_FLAGS.has(args[i])) i++;
  }
  return -1;
}
