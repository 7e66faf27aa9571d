/**
 * {@linkcode Terminal}: where the command line prints, and what it may read of
 * its surroundings.
 *
 * @module
 */

import { type Environment, grantedEnvironment } from "./config/environment.ts";

/** Where the command line prints, and what it may read. */
export interface Terminal {
  /** Prints to standard output. */
  print(text: string): void;
  /** Prints to standard error. */
  complain(text: string): void;
  /** Whether standard output is read by people. */
  readonly isTerminal: boolean;
  /** Whether it is to be coloured (NO_COLOR). */
  readonly hasColor: boolean;
  /** The variables of the environment that may be read. */
  environment(): Environment;
}

/** That of this process. */
export function processTerminal(): Terminal {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    print: (text) => console.log(text),
    complain: (text) => console.error(text),
    isTerminal,
    hasColor: isTerminal && !Deno.noColor,
    environment: grantedEnvironment,
  };
}
