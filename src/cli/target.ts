/**
 * What the command line names: a directory or a module.
 *
 * @module
 */

import { extname, fromFileUrl, resolve, toFileUrl } from "@std/path";
import { failure } from "./errors.ts";

/** A directory to serve. */
export interface DirectoryTarget {
  /** Tells the kinds of targets apart. */
  readonly kind: "directory";
  /** Its absolute path. */
  readonly path: string;
}

/** A module to run. */
export interface ModuleTarget {
  /** Tells the kinds of targets apart. */
  readonly kind: "module";
  /** Its URL. */
  readonly url: string;
}

/** A directory to serve or a module to run. */
export type Target = DirectoryTarget | ModuleTarget;

const REMOTE = /^(?:https?|jsr|npm):/;
const MODULES = [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx"];

async function stat(path: string, shown: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) {
      throw failure(`no such file or directory: ${shown}`, error);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw failure(`not permitted to read ${shown}`, error);
    }
    throw error;
  }
}

/**
 * Finds out what a text names: a directory, a file with a module, or the URL of
 * a module.
 *
 * @throws {CliError} If it is nothing that can be served.
 */
export async function resolveTarget(text: string): Promise<Target> {
  if (REMOTE.test(text)) return { kind: "module", url: text };
  const shown = JSON.stringify(text);
  const path = text.startsWith("file:") ? fromFileUrl(text) : resolve(text);
  const info = await stat(path, shown);
  if (info.isDirectory) return { kind: "directory", path };
  if (MODULES.includes(extname(path).toLowerCase())) {
    return { kind: "module", url: toFileUrl(path).href };
  }
  throw failure(
    `cannot serve ${shown}: it is neither a directory nor a module (${
      MODULES.join(", ")
    })`,
  );
}
