/** Stand-in for the names of `jsr:@std/cli` that the project uses.
 *
 * @module */
export * from "./parse_args.ts";
