/**
 * All that sets options, put together: flags go before the environment, that
 * before the configuration file, and that before the defaults.
 *
 * @module
 */

import { readConfigFile } from "./config_file.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { misuse } from "../errors.ts";
import { originName } from "./origins.ts";
import { type Given, type Setting, Settings } from "./settings.ts";

// A setting of the default has nothing to be named by.
function nameOf({ origin }: Setting): string {
  return origin.kind === "default" ? "the default" : originName(origin);
}

function isGiven({ origin }: Setting): boolean {
  return origin.kind !== "default";
}

function isSet({ value }: Setting): boolean {
  return value !== null && value !== false;
}

/** Pairs of options that exclude each other. */
const EXCLUSIVE: readonly (readonly [one: string, other: string])[] = [
  ["path", "hostname"],
  ["path", "port"],
  ["path", "nextPort"],
  ["path", "tls.certFile"],
  ["path", "open"],
  ["tls.certFile", "proxyProtocol.trusted"],
  ["quiet", "log"],
];

/** Options that mean nothing without another. */
const NEEDED: readonly (readonly [one: string, other: string])[] = [
  ["tls.certFile", "tls.keyFile"],
  ["tls.keyFile", "tls.certFile"],
  ["proxyHeader", "trustedProxies"],
];

/**
 * Checks that options go together.
 *
 * @throws {CliError} If they do not.
 */
export function checkCombinations(settings: Settings): void {
  const isUsed = (setting: Setting) => isGiven(setting) && isSet(setting);
  for (const [one, other] of EXCLUSIVE) {
    const [first, second] = [settings.get(one), settings.get(other)];
    if (!isUsed(first) || !isUsed(second)) continue;
    throw misuse(
      `${nameOf(first)} cannot be used with ${
        nameOf(second)
      }: take one or the other`,
    );
  }
  for (const [one, other] of NEEDED) {
    const [first, second] = [settings.get(one), settings.get(other)];
    if (!isUsed(first) || isSet(second)) continue;
    throw misuse(
      `${nameOf(first)} is of no use without --${second.spec.flag}: give both`,
    );
  }
}

/**
 * Puts the options together.
 *
 * @param flags What the command line says.
 * @param environment The variables that may be read.
 * @throws {CliError} For an option that is unknown or has a wrong value, a file
 * that cannot be read, and options that do not go together.
 */
export async function readSettings(
  flags: readonly Given[],
  environment: Environment,
): Promise<Settings> {
  const given = [...flags, ...readEnvironment(environment)];
  const path = new Settings(given).text("config");
  const file = path === null ? [] : await readConfigFile(path);
  const settings = new Settings([...given, ...file]);
  checkCombinations(settings);
  return settings;
}
