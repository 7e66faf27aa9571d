/**
 * The configuration file: JSON or JSONC, with the options by the names that the
 * API has for them.
 *
 * @module
 */

import { firstLine, misuse } from "../errors.ts";
import { JsoncError, type JsoncMember, parseJsonc } from "./jsonc.ts";
import { nearest } from "../nearest.ts";
import { ALL_OPTIONS } from "./option_table.ts";
import type { Given } from "./settings.ts";

// A file cannot name another; editors ask for `$schema`.
const FILE_OPTIONS = ALL_OPTIONS.filter(({ name }) => name !== "config");
const IGNORED = ["$schema"];

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : firstLine(error);
    throw misuse(
      `cannot read the configuration ${JSON.stringify(path)}: ${why}`,
    );
  }
}

function parse(path: string, text: string): unknown {
  try {
    return parseJsonc(text);
  } catch (error) {
    if (!(error instanceof JsoncError)) throw error;
    throw misuse(
      `cannot read the configuration ${path}, line ${error.line}: ${error.message}`,
    );
  }
}

function isGroup(name: string): boolean {
  return FILE_OPTIONS.some((spec) => spec.name.startsWith(`${name}.`));
}

function meantBy(name: string): string | null {
  const last = name.split(".").pop() ?? name;
  // By its flag, or in the wrong place.
  const same = FILE_OPTIONS.find((spec) =>
    spec.flag === last || spec.name.split(".").pop() === last
  );
  if (same !== undefined) return same.name;
  const groups = new Set(
    FILE_OPTIONS.map((spec) => spec.name.split(".")[0]),
  );
  return nearest(name, [...FILE_OPTIONS.map((spec) => spec.name), ...groups]);
}

function unknownName(path: string, name: string, line: number): Error {
  const meant = meantBy(name);
  const advice = meant === null
    ? "see --help for all"
    : `did you mean ${JSON.stringify(meant)}?`;
  return misuse(
    `unknown option ${
      JSON.stringify(name)
    } in ${path}, line ${line}: ${advice}`,
  );
}

function readMember(
  path: string,
  name: string,
  { value, line }: JsoncMember,
): Given[] {
  const spec = FILE_OPTIONS.find((spec) => spec.name === name);
  if (spec !== undefined) {
    const origin = { kind: "file", path, name, line } as const;
    return value === null ? [] : [{ spec, value, origin }];
  }
  if (!isGroup(name)) throw unknownName(path, name, line);
  if (value instanceof Map) return readObject(path, `${name}.`, value);
  throw misuse(`${name} in ${path}, line ${line}, must be an object`);
}

function readObject(
  path: string,
  prefix: string,
  members: ReadonlyMap<string, JsoncMember>,
): Given[] {
  return [...members].flatMap(([name, member]) =>
    prefix === "" && IGNORED.includes(name)
      ? []
      : readMember(path, prefix + name, member)
  );
}

/**
 * Reads what the text of a configuration file sets.
 *
 * @param path What to call it.
 * @throws {CliError} If it is no JSON, or has an unknown name.
 */
export function parseConfig(path: string, text: string): Given[] {
  const value = parse(path, text);
  if (value instanceof Map) return readObject(path, "", value);
  throw misuse(`the configuration ${path} must be an object of options`);
}

/**
 * Reads a configuration file.
 *
 * @throws {CliError} If it cannot be read.
 */
export async function readConfigFile(path: string): Promise<Given[]> {
  return parseConfig(path, await readFile(path));
}
