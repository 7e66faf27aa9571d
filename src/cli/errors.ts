/**
 * What goes wrong on the command line, each with the exit code it ends in.
 *
 * @module
 */

/** Exit code of a command line that cannot be followed. */
export const MISUSE = 2;

/** Exit code of a server that could not start. */
export const FAILURE = 1;

/** An error that is told in one line and ends the program. */
export class CliError extends Error {
  /** The exit code: {@linkcode MISUSE} or {@linkcode FAILURE}. */
  readonly exitCode: number;

  /** Makes an error of its line and its exit code. */
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

/** An error about the command line itself. */
export function misuse(message: string): CliError {
  return new CliError(message, MISUSE);
}

/** An error about what the command line names. */
export function failure(message: string, cause?: unknown): CliError {
  return new CliError(message, FAILURE, { cause });
}

// Messages of the runtime quote sources and colour them.
// deno-lint-ignore no-control-regex
const CONTROLS = /\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** The first line of an error's message. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error
    ? error.message || error.name
    : String(error);
  return text.trimStart().split("\n", 1)[0].replace(CONTROLS, "");
}

/** What to print for an error that ended the program. */
export function report(error: unknown): { line: string; exitCode: number } {
  if (error instanceof CliError) {
    return { line: error.message, exitCode: error.exitCode };
  }
  // The message names the flag that is missing.
  const prefix = error instanceof Deno.errors.NotCapable
    ? "missing permission: "
    : "";
  return { line: prefix + firstLine(error), exitCode: FAILURE };
}
