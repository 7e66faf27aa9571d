/**
 * Where the value of an option came from.
 *
 * @module
 */

/** A flag of the command line, with its dashes. */
export interface FlagOrigin {
  /** Tells the kinds of origins apart. */
  readonly kind: "flag";
  /** The flag as it was written. */
  readonly flag: string;
}

/** A variable of the environment. */
export interface EnvOrigin {
  /** Tells the kinds of origins apart. */
  readonly kind: "env";
  /** Its name. */
  readonly variable: string;
}

/** A configuration file. */
export interface FileOrigin {
  /** Tells the kinds of origins apart. */
  readonly kind: "file";
  /** The path, as given. */
  readonly path: string;
  /** The option's name in it. */
  readonly name: string;
  /** The line, from 1. */
  readonly line: number;
}

/** Where a value that was given came from. */
export type GivenOrigin = FlagOrigin | EnvOrigin | FileOrigin;

/** Where a value came from. */
export type Origin = GivenOrigin | { readonly kind: "default" };

/** What a message calls the option that has a value from there. */
export function originName(origin: GivenOrigin): string {
  switch (origin.kind) {
    case "flag":
      return origin.flag;
    case "env":
      return origin.variable;
    case "file":
      return `${origin.name} in ${origin.path}, line ${origin.line},`;
  }
}

/** Where a value came from, in a word or two. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "flag":
      return origin.flag;
    case "env":
      return origin.variable;
    case "file":
      return `${origin.path}:${origin.line}`;
  }
}
