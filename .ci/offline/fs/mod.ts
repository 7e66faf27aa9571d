/** Stand-in for the names of `jsr:@std/fs` that the project uses.
 *
 * @module */
export * from "./ensure_dir.ts";
export * from "./exists.ts";
export * from "./walk.ts";
