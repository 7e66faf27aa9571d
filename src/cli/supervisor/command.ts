/**
 * How a worker is started: the same runtime, with the flags and permissions of
 * this process and `--unstable-net`.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { failure } from "../errors.ts";
import { VERSION } from "../version.ts";
import type { WorkerCommand } from "./worker_process.ts";

/** The first argument of a worker. */
export const WORKER_FLAG = "--as-worker";

/** What is known of this process. */
export interface OwnProcess {
  /** The whole command line with the program; `null` where it cannot be read. */
  readonly commandLine: readonly string[] | null;
  /** The arguments behind the program. */
  readonly args: readonly string[];
  /** The state of a permission, as a whole or for one thing. */
  permission(descriptor: Deno.PermissionDescriptor): Deno.PermissionStatus;
}

/** What the workers of a command line are to read and where they listen. */
export interface WorkerNeeds {
  /** A file or directory that is served or run; `null` for a URL. */
  readonly path: string | null;
  /** The address to listen on. */
  readonly hostname: string;
}

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];
// Of the first process alone: to start again by itself, to be debugged on one
// port, and to load remote modules anew.
const OWN_FLAGS = /^(?:--watch|--inspect|--reload(?:=|$)|-r$)/;

/** Looks at this process. */
export function ownProcess(): OwnProcess {
  return {
    commandLine: readCommandLine(),
    args: Deno.args,
    permission: (descriptor) => Deno.permissions.querySync(descriptor),
  };
}

// Only Linux has it, and the runtime shows it to a program with all permissions.
function readCommandLine(): string[] | null {
  if (Deno.build.os !== "linux") return null;
  try {
    const text = Deno.readTextFileSync("/proc/self/cmdline");
    return text.split("\0").slice(0, -1);
  } catch {
    return null;
  }
}

/**
 * The flags of the runtime that this process was started with, or, where they
 * cannot be read, those that its permissions make.
 */
export function runtimeFlags(own: OwnProcess, needs: WorkerNeeds): string[] {
  const flags = givenFlags(own) ?? permissionFlags(own, needs);
  return [...flags.filter((flag) => !OWN_FLAGS.test(flag)), "--unstable-net"];
}

// `deno run FLAGS SCRIPT ARGS`, or the same without `run`.
function givenFlags({ commandLine, args }: OwnProcess): string[] | null {
  if (commandLine === null) return null;
  const [, first = ""] = commandLine;
  const isRun = first === "run";
  if (!isRun && !first.startsWith("-")) return null;
  const script = commandLine.length - args.length - 1;
  return commandLine.slice(isRun ? 2 : 1, script);
}

/**
 * Permissions as flags. Those for a part of a kind cannot be read from the
 * runtime: what serving needs is asked for by itself.
 *
 * @throws {CliError} If a part of a permission is denied: it would be widened.
 */
function permissionFlags(own: OwnProcess, needs: WorkerNeeds): string[] {
  const flags = ["--no-prompt"];
  for (const name of KINDS) {
    const status = own.permission({ name } as Deno.PermissionDescriptor);
    if (status.state !== "granted") continue;
    if (status.partial) {
      throw failure(
        `cannot start workers: this process has --deny-${name}, which cannot be passed on to them; start it with -A or --allow-${name}=...`,
      );
    }
    flags.push(`--allow-${name}`);
  }
  return [...flags, ...partFlags(own, needs, flags)];
}

function partFlags(
  own: OwnProcess,
  { path, hostname }: WorkerNeeds,
  broad: readonly string[],
): string[] {
  const parts: [
    flag: string,
    value: string | null,
    Deno.PermissionDescriptor,
  ][] = [
    ["--allow-read", path, { name: "read", path: path ?? "" }],
    ["--allow-net", hostname, { name: "net", host: hostname }],
  ];
  return parts.filter(([flag, value, descriptor]) =>
    value !== null && !broad.includes(flag) &&
    own.permission(descriptor).state === "granted"
  ).map(([flag, value]) => `${flag}=${value}`);
}

/**
 * The command of a worker.
 *
 * @param main The URL of the module that runs the command line.
 * @param args The arguments of the command line.
 * @throws {CliError} If workers cannot be started here.
 */
export function workerCommand(
  main: string,
  args: readonly string[],
  needs: WorkerNeeds,
): WorkerCommand {
  if (Deno.build.os === "windows") {
    throw failure(
      "there are no workers on Windows, and no --reload of a module: no two processes can share a port there",
    );
  }
  if (Deno.build.standalone) {
    throw failure("a compiled program cannot start workers: run it with deno");
  }
  const flags = runtimeFlags(ownProcess(), needs);
  const all = ["run", ...flags, programOf(main), WORKER_FLAG, ...args];
  return { path: Deno.execPath(), args: all };
}

/** What to run: the runtime takes packages of JSR by their names alone. */
export function programOf(main: string): string {
  if (main.startsWith("file:")) return fromFileUrl(main);
  return `jsr:@x/httpserver@${VERSION}/cli`;
}
