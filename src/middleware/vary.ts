/**
 * Where middleware finds {@linkcode addVary}.
 *
 * @module
 */

export { addVary } from "../http/vary.ts";
