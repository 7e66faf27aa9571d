/**
 * Options from the environment: `HTTPSERVER_PORT` and so on. What may not be
 * read is not there; nobody is asked.
 *
 * @module
 */

import { misuse } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { ALL_OPTIONS } from "./option_table.ts";
import type { Given } from "./settings.ts";

/** The variables of the environment by name, those that may be read. */
export type Environment = Readonly<Record<string, string>>;

const PREFIX = "HTTPSERVER_";

// What Kubernetes sets for a service that is called "httpserver".
const SERVICE_LINK = /^HTTPSERVER_(?:SERVICE_|PORT_\d)/;
const SERVICE_URL = /^(?:tcp|udp|sctp):\/\//;

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) ||
    name === "HTTPSERVER_PORT" && SERVICE_URL.test(value);
}

function isGranted(variable?: string): boolean {
  const permission = { name: "env", variable } as const;
  return Deno.permissions.querySync(permission).state === "granted";
}

/** The variables that may be read without a question to the user. */
export function grantedEnvironment(): Environment {
  if (isGranted()) return Deno.env.toObject();
  const granted = ALL_OPTIONS.map(({ env }) => env).filter(isGranted);
  return Object.fromEntries(
    granted.map((name) => [name, Deno.env.get(name) ?? ""]),
  );
}

function checkNames(environment: Environment): void {
  const known = ALL_OPTIONS.map(({ env }) => env);
  const unknown = Object.keys(environment).find((name) =>
    name.startsWith(PREFIX) && !known.includes(name) &&
    !isServiceLink(name, environment[name])
  );
  if (unknown === undefined) return;
  const words = known.map((name) => name.slice(PREFIX.length));
  const meant = nearest(unknown.slice(PREFIX.length), words);
  throw misuse(
    `unknown variable ${unknown} in the environment: ${
      meant === null
        ? "see --help for all options"
        : `did you mean ${PREFIX}${meant}?`
    }`,
  );
}

/**
 * What the environment sets. An empty variable sets nothing.
 *
 * @throws {CliError} For a variable `HTTPSERVER_...` that is no option.
 */
export function readEnvironment(environment: Environment): Given[] {
  checkNames(environment);
  return ALL_OPTIONS.flatMap((spec) => {
    const value = environment[spec.env] ?? "";
    const origin = { kind: "env", variable: spec.env } as const;
    const isNothing = value === "" || isServiceLink(spec.env, value);
    return isNothing ? [] : [{ spec, value, origin }];
  });
}
